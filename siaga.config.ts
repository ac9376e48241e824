import { defineConfig, defineTarget } from 'siaga';

const calls = (dependency: string) => ({
  count: { metric: 'dependency_requests_total', labels: { dependency } },
  errors: [
    { metric: 'dependency_requests_total', labels: { dependency, outcome: 'error' } },
    { metric: 'dependency_requests_total', labels: { dependency, outcome: 'timeout' } },
  ],
  duration: { metric: 'dependency_request_duration_seconds', labels: { dependency } },
});

/** The reference system of this checkout: started for a command that needs it, or a running one. */
export const reference = defineTarget({
  name: 'reference',
  url: 'reference',
  chaos: 'allowed',
  load: { maxRate: 200 },
  identity: { probe: { 'x-client-id': 'siaga-probe' }, load: { 'x-client-id': 'siaga-load' } },
  proxies: {
    coinapi: { probe: { kind: 'http', path: '/health' }, calls: calls('coinapi') },
    okx: { probe: { kind: 'http', path: '/health' }, calls: calls('okx') },
    postgres: { probe: { kind: 'postgres' }, calls: calls('postgres') },
    redis: { probe: { kind: 'redis' }, calls: calls('redis') },
  },
  metrics: '/metrics',
  ready: '/health/ready',
});

// The reference system is there to be broken: its drills are worth a message. A channel that pages people should leave
// `receives` out, and gets real incidents only.
const receives = ['incidents', 'drills', 'monitoring'] as const;

export default defineConfig({
  targets: [reference],
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
