import { describe, expect, test } from 'vitest';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import type { JudgeSpec, SignalSpec } from '../event/specs.ts';
import type { Outcome } from '../kernel/outcome.ts';
import { createEngine } from './engine.ts';
import { check, judge, origin, started } from './testing/play.ts';

const probed = (everyMs: number): SignalSpec['supply'] => ({ everyMs, checks: ['sol'] });

/** The runbook's judge, with these signals and no others to be heard of. */
function judgeOf(supplies: Readonly<Record<string, SignalSpec['supply']>>): JudgeSpec {
  const signals = judge.signals.flatMap(({ supply: _, ...signal }) => {
    const supply = supplies[signal.name];
    return signal.name in supplies ? [{ ...signal, ...(supply && { supply }) }] : [];
  });
  return { ...judge, signals };
}

const sample = (signal: string): Draft => {
  const source = judge.signals.find(({ name }) => name === signal)?.source ?? 'probe';
  const data = { kind: 'values', values: [1] } as const;
  return { type: 'samples', data: { signal, source, labels: {}, from: origin, to: origin + 1, data } };
};
const answered = (outcome: Outcome, name = 'sol'): Draft => {
  const { type, data } = check(name, [], true, {}) as Extract<Draft, { type: 'check.finished' }>;
  return { type, data: { ...data, outcome } };
};
const phase: Draft = { type: 'run.phase', data: { phase: 'load' } };

/** The signals called blind, with the second at which they were; a tick each ten seconds. */
function blindness(spec: JudgeSpec, seconds: number, drafts: readonly (readonly [number, Draft])[]) {
  const engine = createEngine();
  const told: string[] = [];
  const ticks = Array.from({ length: seconds / 10 }, (_, index) => [index * 10 + 9, tick] as const);
  const all = [[0, started(false, spec)] as const, ...drafts, ...ticks].toSorted(([a], [b]) => a - b);
  for (const [second, draft] of all) {
    const at = origin + second * 1_000;
    const event = { v: 1, seq: 1, run: 'r', at, mono: at, boot: 'b', ...draft } as SiagaEvent;
    for (const derived of engine.step(event))
      if (derived.type === 'incident.blind') told.push(`${derived.data.signal} ${second}`);
  }
  return told;
}

const tick: Draft = { type: 'tick', data: { bucket: 0 } };
const each = (step: number, until: number, draft: Draft) =>
  Array.from({ length: until / step }, (_, index) => [index * step, draft] as const);

describe('a signal of which nothing is heard', () => {
  const fast = judgeOf({ freshness: probed(1_000) });

  test.each<[string, JudgeSpec, (readonly [number, Draft])[], string[]]>([
    ['for three minutes is blind, once', fast, [[1, sample('freshness')]], ['freshness 189']],
    [
      'for three intervals, where those are longer',
      judgeOf({ freshness: probed(120_000) }),
      [[1, sample('freshness')]],
      ['freshness 369'],
    ],
    ['from the beginning is none yet', fast, [], []],
    ['is not blind while its check fails: that is an answer', fast, each(30, 600, answered('failed')), []],
    ['nor while it passes without a sample', fast, each(30, 600, answered('passed')), []],
    [
      'is blind while its check is inconclusive',
      fast,
      each(30, 600, answered('inconclusive')),
      ['freshness 189'],
    ],
    [
      'is not heard of through another check',
      fast,
      [[1, sample('freshness')], ...each(30, 600, answered('failed', 'pairs'))],
      ['freshness 189'],
    ],
    [
      'of the system itself is explained by a target that fails',
      judgeOf({ 'db.up': { everyMs: 1_000, checks: [] } }),
      [[1, sample('db.up')], ...each(30, 600, answered('failed'))],
      [],
    ],
    [
      'of the system itself is not explained by one that answers',
      judgeOf({ 'db.up': { everyMs: 1_000, checks: [] } }),
      [[1, sample('db.up')], ...each(30, 600, answered('passed'))],
      ['db.up 189'],
    ],
    [
      'that nothing supplies in this run is not missed',
      judgeOf({ freshness: probed(1_000), 'db.latency': undefined }),
      [[1, sample('db.latency')]],
      [],
    ],
    [
      'in another part of the run is not missed',
      fast,
      [
        [1, sample('freshness')],
        [60, phase],
      ],
      [],
    ],
    [
      'by a judge from before is blind after three minutes',
      judgeOf({ freshness: undefined }),
      [[1, sample('freshness')], ...each(30, 600, answered('failed'))],
      ['freshness 189'],
    ],
  ])('%s', (_, spec, drafts, expected) => {
    expect(blindness(spec, 600, drafts)).toEqual(expected);
  });
});
