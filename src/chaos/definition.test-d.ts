import { describe, expectTypeOf, it } from 'vitest';
import { defineCheck } from '../check/definition.ts';
import { defineTarget } from '../project/target.ts';
import { defineExperiment } from './definition.ts';
import type { FaultKind } from './definition.ts';
import { answers } from './expect/answers.ts';
import { within } from './expect/modes.ts';
import { signal } from './expect/signal.ts';
import { bandwidth, down, latency, slicer } from './faults.ts';

const calls = { count: { metric: 'c' }, errors: [], duration: { metric: 'd' } };
const target = defineTarget({
  name: 'shop',
  url: 'http://127.0.0.1',
  proxies: { source: { probe: { kind: 'tcp' }, calls } },
});

const check = defineCheck({
  name: 'price',
  tags: [],
  every: '1s',
  request: { path: '/', timeout: '1s' },
  response: { status: 200 },
  states: { degraded: (): boolean => true, source: (): string => 'okx' },
});

const experiment = {
  name: 'e',
  requirements: [],
  hypothesis: 'h',
  target,
  steadyState: [check],
  load: { scenario: 's', rate: 1 },
  faults: [{ proxy: 'source', fault: down(), for: '30s' }],
  expects: [],
  during: [],
  after: [],
} as const;

describe('an experiment that is wrong does not compile', () => {
  it('while one that is right does', () => {
    expectTypeOf(defineExperiment(experiment).faults[0].fault).toEqualTypeOf<FaultKind>();
  });

  it('with a proxy that the target does not have', () => {
    // @ts-expect-error the target has no proxy of this name
    defineExperiment({ ...experiment, faults: [{ proxy: 'sauce', fault: down(), for: '30s' }] });
  });

  it('without a steady state', () => {
    // @ts-expect-error a steady state is never empty
    defineExperiment({ ...experiment, steadyState: [] });
  });

  it('without a fault', () => {
    // @ts-expect-error an experiment breaks something
    defineExperiment({ ...experiment, faults: [] });
  });

  it('with a bare number for a duration', () => {
    // @ts-expect-error 30 of what?
    defineExperiment({ ...experiment, faults: [{ proxy: 'source', fault: down(), for: 30 }] });
    // @ts-expect-error 1000 of what?
    latency(1_000);
    // @ts-expect-error 5 of what?
    within(5, signal('rest.latency').fires());
  });

  it("with another toxic's attribute", () => {
    // @ts-expect-error a latency has no rate
    latency('1s', { rate: 5 });
    // @ts-expect-error a bandwidth has no jitter
    bandwidth({ kilobytesPerSecond: 5, jitter: '1s' });
    // @ts-expect-error slices have no latency
    slicer({ averageBytes: 5, latency: 1 });
    // @ts-expect-error down has no attributes
    down('1s');
    // @ts-expect-error the attribute belongs to another kind
    expectTypeOf({ kind: 'latency', rate: 5 } as const).toExtend<FaultKind>();
  });

  it('with a state that the check does not tell, or another type of it', () => {
    // @ts-expect-error the check tells no such state
    answers(check, { degarded: true });
    // @ts-expect-error the state is yes or no
    answers(check, { degraded: 'yes' });
  });

  it('with a condition that is none', () => {
    // @ts-expect-error below is no comparison
    signal('rest.latency').stays('p95 below 650ms');
  });
});
