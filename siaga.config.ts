import { defineConfig, defineTarget } from 'siaga';

const calls = (dependency: string) => ({
  count: { metric: 'dependency_requests_total', labels: { dependency } },
  errors: [
    { metric: 'dependency_requests_total', labels: { dependency, outcome: 'error' } },
    { metric: 'dependency_requests_total', labels: { dependency, outcome: 'timeout' } },
  ],
  duration: { metric: 'dependency_request_duration_seconds', labels: { dependency } },
});

const identity = { probe: { 'x-client-id': 'siaga-probe' }, load: { 'x-client-id': 'siaga-load' } };

/** The reference system of this checkout: started for a command that needs it, or a running one. */
export const reference = defineTarget({
  name: 'reference',
  url: 'reference',
  chaos: 'allowed',
  load: { maxRate: 200 },
  identity,
  proxies: {
    coinapi: { probe: { kind: 'http', path: '/health' }, calls: calls('coinapi') },
    okx: { probe: { kind: 'http', path: '/health' }, calls: calls('okx') },
    postgres: { probe: { kind: 'postgres' }, calls: calls('postgres') },
    redis: { probe: { kind: 'redis' }, calls: calls('redis') },
  },
  processes: {
    coinapi: { dependency: 'coinapi' },
    api: {
      probe: { kind: 'http', path: '/health/live' },
      restart: {
        command: ['npm', 'run', '-s', 'siaga', '--', 'reference', 'restart', 'api'],
        timeout: '40s',
      },
    },
  },
  metrics: '/metrics',
  ready: '/health/ready',
});

const { coinapi, okx, postgres, redis } = reference.proxies;

/** The same system from `docker-compose.yml`, as a team would name its own: every window at its full length. */
const composed = defineTarget({
  name: 'composed',
  url: 'http://127.0.0.1:3000',
  load: { maxRate: 200 },
  identity,
  toxiproxy: 'http://127.0.0.1:8474',
  // Toxiproxy knows them by names of the compose network, which mean nothing outside it.
  proxies: {
    coinapi: { ...coinapi, direct: '127.0.0.1:14001' },
    okx: { ...okx, direct: '127.0.0.1:14002' },
    postgres: { ...postgres, direct: '127.0.0.1:15432' },
    redis: { ...redis, direct: '127.0.0.1:16379' },
  },
  toggles: {
    read: { url: 'http://127.0.0.1:3000/admin/toggles', bearer: '${REFERENCE_ADMIN_TOKEN}' },
    apply: {
      command: ['docker', 'compose', 'up', '-d', '--no-deps', '--wait', 'api'],
      timeout: '1m',
    },
  },
  metrics: '/metrics',
  ready: '/health/ready',
});

// The reference system is there to be broken: its drills are worth a message. A channel that pages people should leave
// `receives` out, and gets real incidents only.
const receives = ['incidents', 'drills'] as const;

export default defineConfig({
  targets: [reference, composed],
  defaultTarget: 'reference',
  channels: {
    telegram: {
      kind: 'telegram',
      token: '${TELEGRAM_BOT_TOKEN}',
      chat: '${TELEGRAM_CHAT_ID}',
      language: 'id',
      receives,
    },
    webhook: { kind: 'webhook', url: '${SIAGA_WEBHOOK_URL}', language: 'en', receives },
  },
});
