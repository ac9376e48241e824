import type { EndpointFigures, LoadFinished, LoadStarted } from '../catalogue.ts';
import { outcome, violation } from './checks.ts';
import { list, number, object, optional, record, text, yes } from './shape.ts';
import { count, positive, span } from './units.ts';

export const loadStarted = object<LoadStarted>({
  load: text,
  script: text,
  tool: text,
  rate: positive,
  durationMs: span,
  thresholds: record(list(text)),
});

const endpoint = object<EndpointFigures>({
  endpoint: text,
  n: count,
  p50: positive,
  p95: positive,
  p99: positive,
  errors: count,
  throttled: count,
});

export const loadFinished = object<LoadFinished>({
  load: text,
  outcome,
  violations: list(violation),
  reason: optional(text),
  // A process that a signal ended has none: -1.
  exitCode: number({ min: -1, max: 255, whole: true }),
  requests: count,
  iterations: count,
  dropped: count,
  exceptions: count,
  offeredRate: positive,
  achievedRate: positive,
  requestRate: optional(positive),
  maxRate: optional(positive),
  durationMs: span,
  observed: optional(yes),
  stopped: optional(yes),
  unfinished: optional(count),
  endpoints: list(endpoint),
  notes: optional(list(text)),
  raw: optional(text),
});
