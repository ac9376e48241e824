import runbook from '../../../runbook.ts';
import type { CheckFinished } from '../../event/catalogue.ts';
import type { Draft, SiagaEvent } from '../../event/envelope.ts';
import type { SampleData, SampleSource } from '../../event/samples.ts';
import type { Json } from '../../kernel/json.ts';
import type { JudgeSpec } from '../../event/specs.ts';
import { compileJudge } from '../../runbook/judge.ts';
import { createEngine } from '../engine.ts';

export const minute = 60_000;
export const origin = 29_000_000 * minute;
export const judge = compileJudge(runbook, { speed: 1, loadRunning: true, coreChecks: ['pairs', 'sol'] });

/** What one minute looked like. `null` is a minute without samples. */
export interface Minute {
  readonly p95?: number | null;
  readonly errors?: number;
  readonly ws?: number;
  readonly freshness?: number;
  readonly down?: boolean;
  readonly fallback?: boolean;
  readonly toggles?: readonly string[];
  readonly checks?: 'passed' | 'failed';
  /** What the readiness check says; it is not asked by default. */
  readonly ready?: boolean;
  /** The system's own gauges, by signal. */
  readonly gauges?: Readonly<Record<string, number>>;
  /** Requests a minute that the error rate is told of. Default 100. */
  readonly requests?: number;
}

export const well: Minute = { p95: 100, errors: 0, ws: 40, freshness: 500 };

export interface PlayOptions {
  readonly drill?: boolean;
  /** The minute in which the next part of a drill begins. */
  readonly phaseAt?: number;
  readonly spec?: JudgeSpec;
  /** Goes on from here, so many minutes after the origin. */
  readonly resumed?: { readonly snapshot: Json; readonly minute?: number; readonly unknownBuckets?: number };
}

/** Feeds minutes to a fresh engine and keeps every event, the derived ones too, as a journal would. */
export function play(minutes: readonly Minute[], options: PlayOptions = {}) {
  const { drill = false, phaseAt, resumed, spec } = options;
  const engine = createEngine();
  const log: SiagaEvent[] = [];
  const begun = origin + (resumed?.minute ?? 0) * minute;
  const write = (draft: Draft, at: number) => {
    const event = { v: 1, seq: log.length + 1, run: 'r', at, mono: at, boot: 'b', ...draft } as SiagaEvent;
    log.push(event);
    for (const derived of engine.step(event)) write(derived, at);
  };
  write(started(drill, spec), begun);
  if (resumed !== undefined) write({ type: 'incident.resumed', data: { gapMs: 0, ...resumed } }, begun);
  minutes.forEach((shape, index) => {
    const from = begun + index * minute;
    if (index === phaseAt) write({ type: 'run.phase', data: { phase: 'next' } }, from + 20_000);
    for (const draft of draftsOf(shape, from)) write(draft, from + 30_000);
  });
  write({ type: 'tick', data: { bucket: 0 } }, begun + minutes.length * minute + 5_000);
  return { log, changes: changesOf(log), engine };
}

export function started(drill: boolean, spec: JudgeSpec = judge): Draft {
  return {
    type: 'run.started',
    data: {
      command: 'check',
      subject: 'round',
      target: { name: 't', url: 'http://t' },
      drill,
      judge: spec,
      contacts: [],
      endpoints: [],
      versions: {},
      state: 'project',
      repeat: 'siaga check',
    },
  };
}

function draftsOf(shape: Minute, from: number): Draft[] {
  const samples = (signal: string, source: SampleSource, data: SampleData): Draft => ({
    type: 'samples',
    data: { signal, source, labels: {}, from, to: from + 1_000, data },
  });
  const drafts: Draft[] = [];
  if (shape.p95 !== undefined && shape.p95 !== null) {
    drafts.push(samples('rest.latency', 'load', { kind: 'values', values: many(shape.p95) }));
    drafts.push(
      samples('rest.errors', 'load', {
        kind: 'ratio',
        total: shape.requests ?? 100,
        bad: shape.errors ?? 0,
        throttled: 0,
      }),
    );
    drafts.push(samples('ws.roundtrip', 'probe', { kind: 'values', values: many(shape.ws ?? 40) }));
    drafts.push(samples('freshness', 'probe', { kind: 'values', values: many(shape.freshness ?? 500) }));
  }
  for (const [signal, value] of Object.entries(shape.gauges ?? {}))
    drafts.push(samples(signal, 'server', { kind: 'values', values: [value] }));
  if (shape.ready !== undefined) drafts.push(check('health-ready', ['ready'], shape.ready, {}));
  const bad = shape.down === true ? 20 : 0;
  drafts.push(samples('provider.health', 'probe', { kind: 'ratio', total: 20, bad, throttled: 0 }));
  drafts.push(check('provider-direct', [], bad === 0, {}));
  drafts.push(check('health', [], true, { fallback: shape.fallback ?? false }));
  drafts.push({
    type: 'toggle.read',
    data: {
      values: {},
      abnormal: (shape.toggles ?? []).map((name) => ({ name, got: 'x', normal: 'y' })),
      ok: true,
    },
  });
  const passed = shape.checks !== 'failed';
  return [...drafts, check('pairs', ['core'], true, {}), check('sol', ['core'], passed, {})];
}

export function check(
  name: string,
  tags: readonly string[],
  passed: boolean,
  states: CheckFinished['states'],
): Draft {
  return {
    type: 'check.finished',
    data: {
      check: name,
      title: name,
      tags,
      outcome: passed ? 'passed' : 'failed',
      violations: [],
      durationMs: 10,
      latenessMs: 0,
      loopLagMs: 0,
      lane: name,
      states,
    },
  };
}

const many = (value: number) => Array.from({ length: 25 }, () => value);

export function changesOf(log: readonly SiagaEvent[]) {
  return log.flatMap((event) =>
    event.type === 'incident.transition'
      ? [
          {
            kind: event.data.change.kind,
            minute: (event.data.effectiveAt - origin - 5_000) / minute,
            ...event.data,
          },
        ]
      : [],
  );
}
