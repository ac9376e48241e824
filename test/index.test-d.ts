import { answers, defineCheck, defineExperiment, defineTarget, down, recovered } from 'siaga';
import type { Runbook } from 'siaga/runbook';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import runbook from '../runbook.ts';

const target = defineTarget({
  name: 'own',
  url: 'https://api.example.com',
  proxies: {
    database: {
      probe: { kind: 'postgres' },
      calls: { count: { metric: 'calls' }, errors: [], duration: { metric: 'seconds' } },
    },
  },
});

const price = defineCheck({
  name: 'price',
  tags: ['core'],
  every: '1s',
  request: { path: '/price', timeout: '1s' },
  response: { status: 200, body: z.object({ price: z.number(), degraded: z.boolean() }) },
  states: { degraded: ({ body }) => body.degraded },
});

const experiment = {
  name: 'database-gone',
  requirements: [],
  hypothesis: 'prices come from the cache',
  target,
  steadyState: [price],
  load: { scenario: 'steady', rate: 10 },
  expects: [],
  during: [],
  after: [recovered()],
} as const;

test('an experiment knows the proxies of its target', () => {
  defineExperiment({ ...experiment, faults: [{ proxy: 'database', fault: down(), for: '30s' }] });
  // @ts-expect-error the target has no such proxy
  defineExperiment({ ...experiment, faults: [{ proxy: 'databse', fault: down(), for: '30s' }] });
});

test('a duration has a unit', () => {
  // @ts-expect-error a bare number
  defineExperiment({ ...experiment, faults: [{ proxy: 'database', fault: down(), for: 30 }] });
});

test('an experiment has a steady state', () => {
  const faults = [{ proxy: 'database', fault: down(), for: '30s' }] as const;
  // @ts-expect-error nothing to hold
  defineExperiment({ ...experiment, faults, steadyState: [] });
});

test('an expectation knows the states that a check tells', () => {
  answers(price, { degraded: true });
  // @ts-expect-error no such state
  answers(price, { degradd: true });
  // @ts-expect-error another type
  answers(price, { degraded: 'yes' });
});

test('the runbook of this checkout is one, and a percentile of nothing is none', () => {
  expectTypeOf(runbook).toExtend<Runbook>();
  expectTypeOf<'p95 > 650ms'>().toExtend<Runbook['signals'][string]['trigger']['when']>();
  expectTypeOf<'p95 > fast'>().not.toExtend<Runbook['signals'][string]['trigger']['when']>();
});
