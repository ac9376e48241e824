import { defineCheck } from 'siaga';
import { z } from 'zod';
import runbook from '../runbook.ts';
import { DataBody } from './lib/body.ts';

const Screen = DataBody.extend({
  results: z.array(z.object({ pair: z.string(), price: z.number().positive() })),
  screened: z.number().int().nonnegative(),
});

export const screener = defineCheck({
  name: 'screener',
  title: 'The screener answers JSON within its batch limit',
  tags: ['core', 'contract'],
  every: '1s',
  // Longer than the limit, so that a batch that exceeds it is told by how much.
  request: { method: 'POST', path: '/api/screener/screen', body: { limit: 20 }, timeout: '2m' },
  response: {
    status: 200,
    contentType: 'application/json',
    body: Screen,
    within: runbook.limits.screenerBatch,
  },
  samples: { 'screener.batch': ({ durationMs }) => durationMs },
});
