import { defineConfig, defineTarget } from 'siaga';

export const local = defineTarget({
  name: 'local',
  url: 'http://127.0.0.1:9',
  chaos: 'allowed',
  proxies: {
    upstream: {
      probe: { kind: 'tcp' },
      calls: { count: { metric: 'calls_total' }, errors: [], duration: { metric: 'call_seconds' } },
    },
  },
});

export default defineConfig({ targets: [local] });
