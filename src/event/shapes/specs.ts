import type {
  BreakerRole,
  BreakerState,
  CheckSpec,
  Condition,
  DownRole,
  JudgeSpec,
  MetricSpec,
  RecoverySpec,
  RolesSpec,
  SignalSpec,
  StableSpec,
  StateSpec,
  Statistic,
} from '../specs.ts';
import { flag, like, list, number, object, oneOf, optional, record, text } from './shape.ts';
import { count, figure, positive, severity, span, stateValue } from './units.ts';

// A window of buckets is kept in memory, and walked at every bucket.
const buckets = number({ min: 1, max: 100_000, whole: true });
const bounds = {
  statistic: like<Statistic>(
    /^(?:p(?:100|[1-9]?\d(?:\.\d+)?)|rate|max|min|last|count)$/,
    'p95 and its like, rate, max, min, last, count',
  ),
  comparison: oneOf('>', '>=', '<', '<=', '=='),
  value: figure,
} as const;
const condition = object<Condition>(bounds);
const person = object<StableSpec['owner']>({ role: text, name: text });

const signal = object<SignalSpec>({
  name: text,
  title: text,
  says: optional(object<NonNullable<SignalSpec['says']>>({ id: optional(text), en: optional(text) })),
  requirements: list(text),
  unit: oneOf('ms', 'ratio', 'count', 'state'),
  source: oneOf('probe', 'load', 'server', 'own'),
  minSamples: positive,
  severity,
  group: text,
  trigger: object<SignalSpec['trigger']>({ ...bounds, buckets }),
  inhibits: list(text),
  supply: optional(object<NonNullable<SignalSpec['supply']>>({ everyMs: span, checks: list(text) })),
  own: optional(text),
  metric: optional(
    object<MetricSpec>({
      name: text,
      type: oneOf('histogram', 'counter', 'gauge'),
      labels: record(text),
      scale: figure,
    }),
  ),
});

const recovery = object<RecoverySpec>({
  holdBuckets: buckets,
  restoreBuckets: buckets,
  criteria: list(object<RecoverySpec['criteria'][number]>({ signal: text, good: condition })),
  wholeHold: object<RecoverySpec['wholeHold']>({ signal: text, good: condition, minRequests: positive }),
  maxUnknownInRow: count,
  fallbackState: text,
  providerState: text,
  coreChecks: list(text),
  deadlineMs: span,
  stable: optional(object<StableSpec>({ afterMs: span, reviewAfterMs: span, owner: person })),
});

const roles = object<RolesSpec>({
  latency: optional(text),
  errors: optional(text),
  serverErrors: optional(text),
  roundTrip: optional(text),
  down: optional(list(object<DownRole>({ signal: text, when: condition }))),
  degraded: optional(object<NonNullable<RolesSpec['degraded']>>({ state: text, is: stateValue })),
  tags: optional(object<NonNullable<RolesSpec['tags']>>({ ready: optional(text), facts: optional(text) })),
  breaker: optional(
    object<BreakerRole>({
      label: text,
      state: optional(
        object<NonNullable<BreakerRole['state']>>({
          metric: text,
          values: object<Readonly<Record<BreakerState, number>>>({
            closed: figure,
            open: figure,
            'half-open': figure,
          }),
        }),
      ),
      transitions: optional(object<NonNullable<BreakerRole['transitions']>>({ metric: text, to: text })),
    }),
  ),
});

export const judgeSpec = object<JudgeSpec>({
  runbook: text,
  zone: text,
  speed: number({ min: 1, max: 30 }),
  // One minute, divided by the speed.
  bucketMs: number({ min: 1_000, max: 60_000 }),
  latenessMs: number({ min: 0, max: 3_600_000 }),
  signals: list(signal),
  recovery,
  hardDown: object<JudgeSpec['hardDown']>({ times: count, withinMs: span, severity }),
  reopenWithinMs: span,
  flapping: object<JudgeSpec['flapping']>({
    transitions: count,
    withinMs: span,
    maxHoldBuckets: buckets,
    digestMs: optional(number({ min: 1, max: 365 * 86_400_000 })),
  }),
  blindAfterMs: span,
  normalToggles: record(text),
  checks: optional(list(object<CheckSpec>({ name: text, title: text, core: flag, severity, everyMs: span }))),
  states: optional(list(object<StateSpec>({ name: text, title: text, normal: stateValue, severity }))),
  loadErrors: optional(positive),
  roles: optional(roles),
});
