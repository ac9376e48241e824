import { defineCheck, toMs } from 'siaga';
import runbook from '../runbook.ts';
import { ageMs, DataBody } from './lib/body.ts';

const { stale } = runbook.limits;

export const freshness = defineCheck({
  name: 'freshness',
  title: 'Prices are not stale',
  tags: ['core', 'contract'],
  every: '1s',
  request: { path: '/api/sol/complete', timeout: '2s' },
  response: { status: 200, contentType: 'application/json', body: DataBody },
  invariants: {
    [`data is at most ${stale} old`]: ({ body }) => ageMs(body) <= toMs(stale) || `${ageMs(body)} ms old`,
    // The provider's clock may be ahead of the server's, but not by what would hide that the data is stale.
    [`data is at most ${stale} ahead of the server's time`]: ({ body }) =>
      -ageMs(body) <= toMs(stale) || `${-ageMs(body)} ms ahead`,
  },
});
