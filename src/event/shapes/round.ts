import type {
  CheckJudged,
  MetricsLook,
  MetricTotal,
  RoundMeasured,
  RoundOut,
  SignalMeasured,
  TogglesLook,
  UnusableMetric,
  UnreportedState,
} from '../round.ts';
import { outcome } from './checks.ts';
import { firingSubject } from './incident.ts';
import { flag, list, object, oneOf, optional, orNull, record, text, yes } from './shape.ts';
import { abnormalToggles } from './toggles.ts';
import { count, figure, moment } from './units.ts';

const checkJudged = object<CheckJudged>({
  check: text,
  outcome,
  answers: count,
  failed: count,
  failedAt: optional(moment),
  passedSince: optional(count),
  standsSince: optional(moment),
});

const signalMeasured = object<SignalMeasured>({
  signal: text,
  state: oneOf('measured', 'too-few', 'not-measured'),
  n: count,
  value: orNull(figure),
  why: optional(text),
  increase: optional(
    object<NonNullable<SignalMeasured['increase']>>({ since: moment, n: count, value: orNull(figure) }),
  ),
});

const metricsLook = object<MetricsLook>({
  why: optional(text),
  untold: optional(list(text)),
  unusable: optional(list(object<UnusableMetric>({ metric: text, why: text }))),
  several: optional(yes),
  at: optional(moment),
  totals: optional(list(object<MetricTotal>({ name: text, labels: record(text), value: figure }))),
});

export const roundMeasured = object<RoundMeasured>({
  checks: list(checkJudged),
  signals: list(signalMeasured),
  toggles: optional(
    object<TogglesLook>({
      read: flag,
      abnormal: optional(abnormalToggles),
      why: optional(text),
      unknown: optional(yes),
    }),
  ),
  metrics: optional(metricsLook),
  untold: optional(list(object<UnreportedState>({ state: text, check: text }))),
  out: optional(
    list(
      object<RoundOut>({
        signal: text,
        subject: optional(firingSubject),
        got: text,
        allowed: text,
        undecided: optional(text),
      }),
    ),
  ),
});
