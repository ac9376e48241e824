import type * as siaga from 'siaga';
import {
  defineChannel,
  defineCheck,
  defineConfig,
  defineExperiment,
  defineTarget,
  expect,
  fault,
} from 'siaga';
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
  after: [expect.recovered()],
} as const;

test('an experiment knows the proxies of its target', () => {
  defineExperiment({ ...experiment, faults: [{ proxy: 'database', fault: fault.down(), for: '30s' }] });
  // @ts-expect-error the target has no such proxy
  defineExperiment({ ...experiment, faults: [{ proxy: 'databse', fault: fault.down(), for: '30s' }] });
});

test('a duration has a unit', () => {
  // @ts-expect-error a bare number
  defineExperiment({ ...experiment, faults: [{ proxy: 'database', fault: fault.down(), for: 30 }] });
});

test('an experiment has a steady state', () => {
  const faults = [{ proxy: 'database', fault: fault.down(), for: '30s' }] as const;
  // @ts-expect-error nothing to hold
  defineExperiment({ ...experiment, faults, steadyState: [] });
});

test('an expectation knows the states that a check tells', () => {
  expect.answers(price, { degraded: true });
  // @ts-expect-error no such state
  expect.answers(price, { degradd: true });
  // @ts-expect-error another type
  expect.answers(price, { degraded: 'yes' });
});

test('the runbook of this checkout is one, and a percentile of nothing is none', () => {
  expectTypeOf(runbook).toExtend<Runbook>();
  expectTypeOf<'p95 > 650ms'>().toExtend<Runbook['signals'][string]['trigger']['when']>();
  expectTypeOf<'p95 > fast'>().not.toExtend<Runbook['signals'][string]['trigger']['when']>();
});

test('faults and expectations are grouped, and nothing of them is exported beside their groups', () => {
  type Faults =
    | 'bandwidth'
    | 'down'
    | 'frozen'
    | 'killed'
    | 'latency'
    | 'limitData'
    | 'own'
    | 'resetPeer'
    | 'slicer'
    | 'slowClose'
    | 'timeout';
  type When = 'eventually' | 'never' | 'throughout' | 'within';
  type What =
    | 'answers'
    | 'breaker'
    | 'incident'
    | 'message'
    | 'passes'
    | 'recovered'
    | 'signal'
    | 'state'
    | 'value';
  expectTypeOf<keyof typeof fault>().toEqualTypeOf<Faults>();
  expectTypeOf<keyof typeof expect>().toEqualTypeOf<When | What>();
  expectTypeOf<keyof typeof siaga & (Faults | When | What)>().toBeNever();
});

test('a channel knows its options, and which of them can be secret', () => {
  const options = z.object({ url: z.string(), tries: z.number() });
  defineChannel({
    kind: 'pager',
    options,
    secret: ['url'],
    send: async ({ text }, { url, tries }) => {
      expectTypeOf(text).toEqualTypeOf<string>();
      expectTypeOf([url, tries] as const).toEqualTypeOf<readonly [string, number]>();
      return { outcome: 'delivered' };
    },
  });
  // @ts-expect-error there is no such option
  defineChannel({ kind: 'pager', options, secret: ['key'], send: async () => ({ outcome: 'delivered' }) });
  // @ts-expect-error no such outcome
  defineChannel({ kind: 'pager', options, send: async () => ({ outcome: 'sent' }) });
});

test("a channel of Siaga's has the options of its kind, one of the project's any", () => {
  defineConfig({ targets: [target], channels: { team: { kind: 'slack', url: '${SLACK_URL}' } } });
  defineConfig({ targets: [target], channels: { team: { kind: 'webhook', url: '${URL}' } } });
  // @ts-expect-error a webhook has a URL
  defineConfig({ targets: [target], channels: { team: { kind: 'webhook', token: '${TOKEN}' } } });
  // @ts-expect-error no such language
  defineConfig({ targets: [target], channels: { team: { kind: 'slack', language: 'de' } } });
});
