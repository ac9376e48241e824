import { defineConfig, defineTarget } from 'siaga';

const calls = (outcome?: string) => ({
  metric: 'shop_calls_total',
  labels: { dependency: 'source', ...(outcome !== undefined && { outcome }) },
});

export const stall = defineTarget({
  name: 'stall',
  url: 'http://127.0.0.1:9',
  chaos: 'allowed',
  load: { maxRate: 50 },
  toxiproxy: 'http://127.0.0.1:8474',
  proxies: {
    source: {
      probe: { kind: 'http', path: '/price' },
      calls: {
        count: calls(),
        errors: [calls('error')],
        duration: { metric: 'shop_call_seconds', labels: { dependency: 'source' } },
      },
    },
  },
  metrics: '/metrics',
});

export default defineConfig({
  targets: [stall],
  channels: {
    ops: { kind: 'webhook', url: '${SIAGA_WEBHOOK_URL}', language: 'en', receives: ['incidents', 'drills'] },
  },
});
