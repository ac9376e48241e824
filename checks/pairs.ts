import { defineCheck } from 'siaga';
import { z } from 'zod';
import runbook from '../runbook.ts';
import { DataBody } from './lib/body.ts';

const Pairs = DataBody.extend({
  pairs: z.array(z.object({ pair: z.string().regex(/^[A-Z0-9]+-[A-Z0-9]+$/) })).min(1),
});

// Both forms are in use: the draft's fields, and the three older ones.
const draft = ['ratelimit', 'ratelimit-policy'];
const older = ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'];
const rateLimits = [...draft, ...older];

export const pairsSupported = defineCheck({
  name: 'pairs-supported',
  title: 'Supported pairs, with the rate limit told',
  tags: ['core', 'contract'],
  every: '500ms',
  request: { path: '/api/pairs/supported', timeout: '2s' },
  response: {
    status: 200,
    contentType: 'application/json',
    headers: { anyOf: [draft, older] },
    body: Pairs,
    within: runbook.limits.answer,
  },
  invariants: {
    'the RateLimit headers hold numbers': ({ headers }) =>
      rateLimits.every((name) => /\d/.test(headers[name] ?? '0')),
  },
});
