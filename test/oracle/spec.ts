import type { JudgeSpec, SignalSpec } from '../../src/event/specs.ts';

export const minute = 60_000;

const signal = (spec: Partial<SignalSpec> & Pick<SignalSpec, 'name' | 'trigger'>): SignalSpec => ({
  title: spec.name,
  requirements: [],
  unit: 'ms',
  source: 'probe',
  minSamples: 3,
  severity: 'SEV-2',
  group: 'service',
  inhibits: [],
  supply: { everyMs: 10_000, checks: [] },
  ...spec,
});

/**
 * A runbook small enough that everything happens within an hour: windows of one and two minutes, a hold of three. One
 * signal of each kind of sample, one that explains another, two core checks, a slow one, states and toggles.
 */
export const spec: JudgeSpec = {
  runbook: 'oracle',
  zone: 'UTC',
  speed: 1,
  bucketMs: minute,
  latenessMs: 5_000,
  signals: [
    signal({ name: 'latency', trigger: { statistic: 'p95', comparison: '>', value: 100, buckets: 2 } }),
    signal({
      name: 'errors',
      unit: 'ratio',
      minSamples: 20,
      severity: 'SEV-1',
      trigger: { statistic: 'rate', comparison: '>', value: 0.02, buckets: 3 },
    }),
    signal({
      name: 'breaker',
      unit: 'state',
      source: 'server',
      minSamples: 1,
      severity: 'SEV-3',
      trigger: { statistic: 'max', comparison: '>=', value: 2, buckets: 1 },
      inhibits: ['latency'],
    }),
    signal({
      name: 'queries',
      source: 'server',
      minSamples: 10,
      trigger: { statistic: 'p90', comparison: '>', value: 100, buckets: 1 },
    }),
    signal({
      name: 'database',
      unit: 'state',
      source: 'server',
      minSamples: 1,
      severity: 'SEV-0',
      trigger: { statistic: 'max', comparison: '<', value: 1, buckets: 1 },
    }),
  ],
  recovery: {
    holdBuckets: 3,
    restoreBuckets: 2,
    criteria: [
      { signal: 'latency', good: { statistic: 'p95', comparison: '<', value: 60 } },
      { signal: 'errors', good: { statistic: 'rate', comparison: '<', value: 0.01 } },
    ],
    wholeHold: {
      signal: 'errors',
      good: { statistic: 'rate', comparison: '<', value: 0.01 },
      minRequests: 100,
    },
    maxUnknownInRow: 2,
    fallbackState: 'fallback',
    providerState: 'provider',
    coreChecks: ['pairs', 'sol'],
    deadlineMs: 40 * minute,
    stable: {
      afterMs: 7 * minute,
      reviewAfterMs: 20 * minute,
      owner: { role: 'owner', name: 'somebody' },
    },
  },
  hardDown: { times: 2, withinMs: 15_000, severity: 'SEV-0' },
  reopenWithinMs: 8 * minute,
  flapping: { transitions: 3, withinMs: 30 * minute, maxHoldBuckets: 6, digestMs: 10 * minute },
  blindAfterMs: 3 * minute,
  normalToggles: { A: 'on' },
  checks: [
    { name: 'pairs', title: 'pairs', core: true, severity: 'SEV-2', everyMs: 20_000 },
    { name: 'sol', title: 'sol', core: true, severity: 'SEV-2', everyMs: 20_000 },
    { name: 'extra', title: 'extra', core: false, severity: 'SEV-3', everyMs: 300_000 },
    { name: 'ready', title: 'ready', core: false, severity: 'SEV-3', everyMs: 20_000 },
  ],
  states: [
    { name: 'fallback', title: 'fallback', normal: false, severity: 'SEV-3' },
    { name: 'provider', title: 'provider', normal: true, severity: 'SEV-3' },
  ],
  loadErrors: 0.02,
  roles: {
    down: [{ signal: 'database', when: { statistic: 'max', comparison: '<=', value: 0 } }],
    tags: { ready: 'serving' },
  },
};

/** The same while a load runs: latency and errors are the load's. */
export const loadSpec: JudgeSpec = {
  ...spec,
  signals: spec.signals.map((each) => (each.source === 'probe' ? { ...each, source: 'load' } : each)),
};
