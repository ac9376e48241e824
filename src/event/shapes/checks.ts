import type { Catalogue, CheckFinished, PhaseTimings } from '../catalogue.ts';
import type { StandingAnswer } from '../round.ts';
import type { Violation } from '../../kernel/outcome.ts';
import { list, object, oneOf, optional, record, text, yes } from './shape.ts';
import { count, moment, shift, span, stateValue } from './units.ts';

export const violation = object<Violation>({ path: text, rule: text, got: text, allowed: text });
export const outcome = oneOf('passed', 'failed', 'inconclusive');

export const checkFinished = object<CheckFinished>({
  check: text,
  title: text,
  tags: list(text),
  endpoint: optional(text),
  dependency: optional(text),
  outcome,
  violations: list(violation),
  reason: optional(text),
  durationMs: span,
  status: optional(count),
  throttled: optional(yes),
  timedOut: optional(yes),
  noConnection: optional(oneOf('refused', 'handshake')),
  noAnswer: optional(yes),
  slowOnly: optional(yes),
  late: optional(yes),
  notAsked: optional(yes),
  stands: optional(
    object<StandingAnswer>({
      outcome: oneOf('passed', 'failed'),
      at: moment,
      violations: list(violation),
      requestId: optional(text),
    }),
  ),
  noAddress: optional(yes),
  unwritten: optional(count),
  requestId: optional(text),
  bodyHash: optional(text),
  body: optional(text),
  excerpt: optional(text),
  headers: optional(record(text)),
  phases: optional(
    object<PhaseTimings>({
      dns: optional(span),
      connect: optional(span),
      tls: optional(span),
      processing: optional(span),
      transfer: optional(span),
    }),
  ),
  latenessMs: shift,
  loopLagMs: shift,
  lane: text,
  states: record(stateValue),
  untold: optional(list(text)),
});

export const samplingLate = object<Catalogue['sampling.late']>({
  lane: text,
  check: text,
  latenessMs: shift,
  skipped: count,
});

export const samplingDropped = object<Catalogue['sampling.dropped']>({
  signal: text,
  count,
  latestMs: shift,
});
