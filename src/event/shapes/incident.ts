import type { Json } from '../../kernel/json.ts';
import type {
  Criterion,
  Fallback,
  Firing,
  FiringSubject,
  HandOver,
  Hold,
  HoldBucket,
  Incident,
  IncidentChange,
  IncidentNoticed,
  IncidentResumed,
  IncidentTransition,
  Page,
  Phase,
  Symptoms,
  VerifyResults,
} from '../incident.ts';
import {
  flag,
  list,
  object,
  oneOf,
  orFormerly,
  optional,
  orNull,
  record,
  tagged,
  text,
  yes,
  type Shape,
} from './shape.ts';
import { count, figure, moment, positive, sequence, severity, span } from './units.ts';

type Change<K extends IncidentChange['kind']> = Extract<IncidentChange, { readonly kind: K }>;

export const firingSubject = object<FiringSubject>({
  kind: oneOf('check', 'state', 'toggle', 'hard-down'),
  name: text,
  reason: optional(oneOf('ready', 'core-checks', 'refused', 'handshake', 'signal')),
});
const firing = object<Firing>({
  signal: text,
  subject: optional(firingSubject),
  got: text,
  allowed: text,
  value: optional(orNull(figure)),
  n: optional(positive),
  since: moment,
  evidence: list(sequence),
  path: optional(text),
  rule: optional(text),
  requestId: optional(text),
  answers: optional(object<NonNullable<Firing['answers']>>({ failed: count, of: count })),
});
const symptoms = object<Symptoms>({
  windowMs: span,
  p95: orNull(figure),
  errorRatio: orNull(figure),
  n: positive,
  requestId: optional(text),
});
const criterion = object<Criterion>({
  kind: optional(oneOf('signal', 'whole-hold', 'check', 'configuration', 'hard-down')),
  name: text,
  met: flag,
  got: text,
  allowed: text,
  evidence: list(sequence),
});
const page = object<Page>({ severity, by: firing, symptoms });
const handOver = {
  owner: object<HandOver['owner']>({ role: text, name: text }),
  since: moment,
  reviewAt: moment,
};
const opening = { severity, by: firing, symptoms, digested: optional(yes) };
const because = text;

const change = tagged<IncidentChange, 'kind'>('kind', {
  declared: object<Change<'declared'>>({ kind: oneOf('declared'), ...opening }),
  reopened: object<Change<'reopened'>>({ kind: oneOf('reopened'), ...opening }),
  'signal-joined': object<Change<'signal-joined'>>({ kind: oneOf('signal-joined'), by: firing, severity }),
  mitigated: object<Change<'mitigated'>>({
    kind: oneOf('mitigated'),
    because,
    still: optional(text),
    fails: optional(text),
    unknown: optional(list(text)),
  }),
  worsened: object<Change<'worsened'>>({
    kind: oneOf('worsened'),
    because,
    over: optional(firing),
    page: optional(page),
    to: optional(oneOf('degraded', 'mitigated')),
  }),
  'mitigated-stable': object<Change<'mitigated-stable'>>({
    kind: oneOf('mitigated-stable'),
    because,
    symptoms,
    ...handOver,
  }),
  'restore-proposed': object<Change<'restore-proposed'>>({
    kind: oneOf('restore-proposed'),
    goodBuckets: count,
  }),
  restored: object<Change<'restored'>>({ kind: oneOf('restored'), toggles: record(text) }),
  'hold-reset': object<Change<'hold-reset'>>({ kind: oneOf('hold-reset'), because, lostBuckets: count }),
  verifying: object<Change<'verifying'>>({ kind: oneOf('verifying') }),
  'verify-failed': object<Change<'verify-failed'>>({ kind: oneOf('verify-failed'), failed: list(text) }),
  recovered: object<Change<'recovered'>>({
    kind: oneOf('recovered'),
    criteria: list(criterion),
    symptoms,
    gone: optional(list(text)),
  }),
  flapping: object<Change<'flapping'>>({
    kind: oneOf('flapping'),
    holdBuckets: count,
    since: optional(moment),
    changes: optional(count),
    digestMs: optional(span),
  }),
  digest: object<Change<'digest'>>({
    kind: oneOf('digest'),
    since: moment,
    stand: oneOf('DEGRADED', 'MITIGATED', 'RECOVERING', 'VERIFY'),
    good: count,
    holdBuckets: count,
    symptoms,
  }),
  settled: object<Change<'settled'>>({ kind: oneOf('settled') }),
  'taken-over': object<Change<'taken-over'>>({ kind: oneOf('taken-over'), from: text, gapMs: span }),
  closed: object<Change<'closed'>>({
    kind: oneOf('closed'),
    because: oneOf('load-ended', 'drill-ended'),
  }),
});

const fallback = object<Fallback>({ since: moment, stable: optional(object<HandOver>(handOver)) });
const hold = object<Hold>({ notBefore: moment, good: count, unknownInRow: count, from: optional(moment) });
const results = record(object<VerifyResults[string]>({ passed: flag, seq: sequence }));

type PhaseOf<N extends Phase['name']> = Extract<Phase, { readonly name: N }>;

const holding = {
  degraded: object<PhaseOf<'degraded'>>({ name: oneOf('degraded') }),
  recovering: object<PhaseOf<'recovering'>>({ name: oneOf('recovering'), hold }),
  verifying: object<PhaseOf<'verifying'>>({
    name: oneOf('verifying'),
    hold,
    since: moment,
    results,
  }),
};
const phase = tagged<Phase, 'name'>('name', {
  ...holding,
  mitigated: object<PhaseOf<'mitigated'>>({ name: oneOf('mitigated'), providerGood: count, fallback }),
  restoring: object<PhaseOf<'restoring'>>({ name: oneOf('restoring'), proposedBy: count, fallback }),
});

const incident = {
  id: text,
  group: text,
  severity,
  drill: flag,
  signals: list(text),
  ordinal: count,
  holdBuckets: count,
  digest: optional(object<NonNullable<Incident['digest']>>({ at: moment, ordinal: count })),
  since: moment,
  keeper: optional(text),
  generated: optional(record(text)),
} as const;

/** Of earlier versions, whose phases did not say since when a fallback lasts. */
interface OldIncident extends Omit<Incident, 'phase'> {
  readonly phase: Exclude<Phase, { readonly fallback: Fallback }> | OldMitigated;
}
type OldMitigated =
  | { readonly name: 'mitigated'; readonly providerGood: number; readonly fallback?: Fallback }
  | { readonly name: 'restoring'; readonly proposedBy: number; readonly fallback?: Fallback };
type OldMitigatedOf<N extends OldMitigated['name']> = Extract<OldMitigated, { readonly name: N }>;

const oldPhase = tagged<OldIncident['phase'], 'name'>('name', {
  ...holding,
  mitigated: object<OldMitigatedOf<'mitigated'>>({
    name: oneOf('mitigated'),
    providerGood: count,
    fallback: optional(fallback),
  }),
  restoring: object<OldMitigatedOf<'restoring'>>({
    name: oneOf('restoring'),
    proposedBy: count,
    fallback: optional(fallback),
  }),
});

interface Standing {
  readonly incident: OldIncident | null;
  readonly recovered: Recovered | null;
  readonly changes: readonly number[];
}
interface Recovered {
  readonly id: string;
  readonly ordinal: number;
  readonly at: number;
  readonly group: string;
  readonly holdBuckets?: number;
}

const standing = orNull(
  object<Standing>({
    incident: orNull(object<OldIncident>({ ...incident, phase: oldPhase })),
    recovered: orNull(
      object<Recovered>({
        id: text,
        ordinal: count,
        at: moment,
        group: text,
        holdBuckets: optional(count),
      }),
    ),
    changes: list(moment),
  }),
);

/** Where incidents stood, as one run left it to the next. */
export const snapshot: Shape<Json> = { schema: standing.schema, fault: standing.fault };

export const transition = object<IncidentTransition>({
  incident: text,
  group: text,
  ordinal: count,
  effectiveAt: moment,
  drill: flag,
  change,
  state: optional(object<Incident>({ ...incident, phase })),
});

const band = orFormerly(oneOf('good', 'hysteresis', 'bad', 'unknown'), 'limbo');

export const holdBucket = object<HoldBucket>({
  incident: text,
  hold: oneOf('restore', 'recovery'),
  from: moment,
  band,
  count,
  of: count,
  phase: optional(phase),
  readings: list(
    object<HoldBucket['readings'][number]>({ signal: text, n: positive, value: orNull(figure), band }),
  ),
});

export const resumed = object<IncidentResumed>({
  gapMs: span,
  unknownBuckets: optional(count),
  snapshot,
  earlier: optional(list(transition)),
  keeps: optional(flag),
  during: optional(sequence),
  lastChecks: optional(record(oneOf('passed', 'failed'))),
});

export const noticed = object<IncidentNoticed>({
  run: text,
  seq: optional(sequence),
  during: optional(sequence),
  transition: optional(transition),
  bucket: optional(holdBucket),
  drill: optional(
    object<NonNullable<IncidentNoticed['drill']>>({ experiment: text, on: flag, left: optional(text) }),
  ),
});
