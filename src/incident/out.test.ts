import { expect, test } from 'vitest';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import type { SampleData, SampleSource } from '../event/samples.ts';
import type { JudgeSpec, SignalSpec } from '../event/specs.ts';
import { outNow } from './out.ts';
import { check, judge, origin } from './testing/play.ts';

const spec: JudgeSpec = {
  ...judge,
  signals: judge.signals.map((signal) =>
    signal.source === 'load' ? { ...signal, source: 'probe' } : signal,
  ),
  checks: [{ name: 'sol', title: 'SOL', core: true, severity: 'SEV-1', everyMs: 1_000 }],
  states: [
    { name: 'fallback', title: 'fallback', normal: false, severity: 'SEV-3' },
    { name: 'mode', title: 'mode', normal: 'open', severity: 'SEV-2' },
  ],
};

const sample = (signal: string, source: SampleSource, data: SampleData): Draft => ({
  type: 'samples',
  data: { signal, source, labels: {}, from: origin, to: origin + 1, data },
});
const values = (n: number, value: number): SampleData => ({
  kind: 'values',
  values: Array.from({ length: n }, () => value),
});
const ratio = (bad: number, total: number): SampleData => ({ kind: 'ratio', total, bad, throttled: 0 });
const toggles = (...names: string[]): Draft => ({
  type: 'toggle.read',
  data: { values: {}, abnormal: names.map((name) => ({ name, got: 'x', normal: 'y' })), ok: true },
});
const inconclusive = (name: string): Draft => {
  const { type, data } = check(name, [], true, {}) as Extract<Draft, { type: 'check.finished' }>;
  return { type, data: { ...data, outcome: 'inconclusive' } };
};

function out(drafts: readonly Draft[], judged: JudgeSpec = spec): readonly string[] {
  const events = drafts.map(
    (draft, seq) => ({ v: 1, seq, run: 'r', at: origin, mono: 0, boot: 'b', ...draft }) as SiagaEvent,
  );
  return outNow(judged, events).map(
    ({ firing, severity, undecided }) =>
      `${firing.signal} ${severity}${undecided === undefined ? '' : ` ${undecided}`}`,
  );
}

const short = (name: string, more: Partial<SignalSpec>): JudgeSpec => ({
  ...spec,
  signals: spec.signals.map((signal) => (signal.name === name ? { ...signal, ...more } : signal)),
});

test.each<[string, Draft[], string[]]>([
  ['nothing, where nothing was told', [], []],
  ['a gauge, at once', [sample('redis.up', 'server', values(1, 0))], ['redis.up SEV-1']],
  [
    'a statistic on too few samples, undecided',
    [sample('rest.latency', 'probe', values(6, 900))],
    ['rest.latency SEV-2 too-few-samples'],
  ],
  [
    'one failure of many answers, undecided',
    [sample('rest.errors', 'probe', ratio(1, 30))],
    ['rest.errors SEV-2 too-few-samples'],
  ],
  [
    'a statistic on enough samples that needs five minutes, undecided',
    [sample('rest.latency', 'probe', values(25, 900))],
    ['rest.latency SEV-2 longer-window'],
  ],
  [
    'a statistic on enough samples that needs one, at once',
    [sample('freshness', 'probe', values(25, 9_000))],
    ['freshness SEV-2'],
  ],
  ['nothing at the limit itself', [sample('rest.latency', 'probe', values(25, 650))], []],
  ['nothing between good and bad', [sample('rest.latency', 'probe', values(25, 600))], []],
  ['nothing from another source', [sample('rest.latency', 'load', values(25, 900))], []],
  [
    'an increase of a histogram, undecided',
    [sample('db.latency', 'server', { kind: 'histogram', le: [100, 500, 900, null], counts: [0, 0, 90, 0] })],
    ['db.latency SEV-2 increase'],
  ],
  ['a failed check, with its own severity', [check('sol', ['core'], false, {})], ['check:sol SEV-1']],
  ['a failed check of no judge', [check('other', [], false, {})], ['check:other SEV-3']],
  [
    'no check that passed when it was asked again',
    [check('sol', [], false, {}), check('sol', [], true, {})],
    [],
  ],
  [
    'a check that failed, and was inconclusive since',
    [check('sol', [], false, {}), inconclusive('sol')],
    ['check:sol SEV-1'],
  ],
  ['a state that is not normal', [check('sol', [], true, { fallback: true })], ['state:fallback SEV-3']],
  ['a state of the runbook', [check('sol', [], true, { mode: 'closed' })], ['state:mode SEV-2']],
  ['no state that has no normal value', [check('sol', [], true, { price: 12 })], []],
  [
    'a toggle that is not normal, after states',
    [toggles('A'), check('sol', [], true, { mode: 'x' })],
    ['state:mode SEV-2', 'toggle:A SEV-3'],
  ],
  ['no toggle that reads normal again', [toggles('FALLBACK_PROVIDER'), toggles()], []],
])('out is %s', (_, drafts, expected) => {
  expect(out(drafts)).toEqual(expected);
});

test('out of a signal that one sample decides', () => {
  const judged = short('rest.latency', {
    minSamples: 1,
    trigger: { ...spec.signals[0]!.trigger, buckets: 1 },
  });
  expect(out([sample('rest.latency', 'probe', values(1, 900))], judged)).toEqual(['rest.latency SEV-2']);
});

test('what is out carries what a message says', () => {
  const failed = check('sol', [], false, {}) as Extract<Draft, { type: 'check.finished' }>;
  const violation = { path: 'body.price', rule: 'a price', got: '-1', allowed: 'more than 0' };
  const data = { ...failed.data, violations: [violation], requestId: 'req-7' };
  const event = { v: 1, seq: 7, run: 'r', at: origin, mono: 0, boot: 'b', type: 'check.finished', data };
  expect(outNow(spec, [event as SiagaEvent])).toEqual([
    {
      title: 'sol',
      severity: 'SEV-1',
      firing: {
        signal: 'check:sol',
        subject: { kind: 'check', name: 'sol' },
        path: 'body.price',
        rule: 'a price',
        got: '-1',
        allowed: 'more than 0',
        requestId: 'req-7',
        since: origin,
        evidence: [7],
      },
    },
  ]);
});
