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
  readonly fallback?: boolean | 'not told';
  /** Those that are not normal. */
  readonly toggles?: readonly string[] | 'unreadable';
  /** Of the core checks, the second. */
  readonly checks?: 'passed' | 'failed' | 'not asked';
  /** What the readiness check says; it is not asked by default. */
  readonly ready?: boolean;
  /** The system's own gauges, by signal. */
  readonly gauges?: Readonly<Record<string, number>>;
  /** What else is reported, by the second of the minute (samples are of that second); all the rest at its thirtieth. */
  readonly also?: readonly (readonly [second: number, draft: Draft])[];
  /** Requests a minute that the error rate is measured over. Default 100. */
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
    const also = (shape.also ?? []).map(
      ([second, draft]) => [second, sampledAt(draft, from + second * 1_000)] as const,
    );
    const regular = draftsOf(shape, from).map((draft) => [30, draft] as const);
    for (const [second, draft] of [...regular, ...also].toSorted(([a], [b]) => a - b))
      write(draft, from + second * 1_000);
  });
  write({ type: 'tick', data: { bucket: 0 } }, begun + minutes.length * minute + 5_000);
  return { log, changes: changesOf(log), engine };
}

function sampledAt(draft: Draft, at: number): Draft {
  return draft.type === 'samples' ? { ...draft, data: { ...draft.data, from: at, to: at } } : draft;
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
  if (shape.ready !== undefined) drafts.push(ready(shape.ready ? 200 : 503));
  const bad = shape.down === true ? 20 : 0;
  drafts.push(samples('provider.health', 'probe', { kind: 'ratio', total: 20, bad, throttled: 0 }));
  drafts.push(check('provider-direct', [], bad === 0, {}));
  const { fallback = false } = shape;
  if (fallback !== 'not told') drafts.push(check('health', [], true, { fallback }));
  drafts.push(togglesRead(shape.toggles));
  if (shape.checks === 'not asked') return drafts;
  const passed = shape.checks !== 'failed';
  return [...drafts, check('pairs', ['core'], true, {}), check('sol', ['core'], passed, {})];
}

/** A read of the toggles, in which these are not normal. */
export function togglesRead(abnormal: Minute['toggles'] = []): Draft {
  const ok = abnormal !== 'unreadable';
  const names = ok ? abnormal : [];
  return {
    type: 'toggle.read',
    data: { values: {}, abnormal: names.map((name) => ({ name, got: 'x', normal: 'y' })), ok },
  };
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

/** The same, with more facts. */
export function told(draft: Draft, more: Partial<CheckFinished>): Draft {
  return { ...draft, data: { ...draft.data, ...more } } as Draft;
}

/** What the readiness check got. */
export const ready = (status: number): Draft =>
  told(check('health-ready', ['ready'], status === 200, {}), { status });

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
