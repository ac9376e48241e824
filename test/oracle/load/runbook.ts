import type { JudgeSpec, SignalSpec } from '../../../src/event/specs.ts';
import { spec } from '../spec.ts';

const fed = (name: string, unit: 'ms' | 'ratio', statistic: 'p95' | 'rate', value: number): SignalSpec => ({
  name,
  title: name,
  requirements: [],
  unit,
  source: 'load',
  minSamples: 20,
  severity: 'SEV-2',
  group: 'service',
  trigger: { statistic, comparison: '>', value, buckets: 5 },
  inhibits: [],
});

/** The three signals that a load feeds, and one that it does not; buckets of two seconds. */
export const loadRunbook: JudgeSpec = {
  ...spec,
  speed: 30,
  bucketMs: 2_000,
  latenessMs: 2_000,
  loadErrors: 0.02,
  roles: { latency: 'wait', errors: 'refused', serverErrors: 'broken' },
  signals: [
    fed('wait', 'ms', 'p95', 100),
    fed('refused', 'ratio', 'rate', 0.02),
    fed('broken', 'ratio', 'rate', 0.01),
    { ...fed('elsewhere', 'ms', 'p95', 1), source: 'probe' },
  ],
};

/** Longest wait for an answer, ms. */
export const timeoutMs = 2_000;
/** Requests a second that the target allows. */
export const maxRate = 50;
export const target = 'http://target.test';
