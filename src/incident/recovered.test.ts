import { describe, expect, test } from 'vitest';
import type { Draft } from '../event/envelope.ts';
import type { Criterion, IncidentChange } from '../event/incident.ts';
import type { JudgeSpec } from '../event/specs.ts';
import { deriveAll, isDerived } from './engine.ts';
import { afterBucket, afterTransition, nothingOpen } from './standing.ts';
import type { Standing } from './state.ts';
import { check, judge, origin, play, ready, togglesRead, well, type Minute } from './testing/play.ts';

const repeat = (count: number, shape: Minute): Minute[] => Array.from({ length: count }, () => shape);
const failing: Minute = { ...well, errors: 50 };
const blind: Minute = { p95: null };
const open: Minute = { ...well, gauges: { 'breaker.state': 2 } };
const shut: Minute = { ...well, gauges: { 'breaker.state': 0 } };
/** Five minutes of errors, and two that are well: RECOVERING from then on. */
const outage = [...repeat(5, failing), well, well];

const played = (minutes: readonly Minute[], spec?: JudgeSpec) => play(minutes, spec && { spec }).changes;
const said = (changes: ReturnType<typeof played>) =>
  changes.map(({ change }) => {
    const by = 'by' in change ? ` ${change.by.signal}` : '';
    return `${change.kind}${by}${change.kind === 'worsened' ? ` to ${change.to}` : ''}`;
  });
const kinds = (minutes: readonly Minute[]) => said(played(minutes));
const begun = ['declared rest.errors', 'mitigated', 'restored'];
const because = (changes: ReturnType<typeof played>, kind: IncidentChange['kind']) =>
  changes.flatMap(({ change }) => (change.kind === kind && 'because' in change ? [change.because] : []));

const gauge = (signal: string): Draft => ({
  type: 'samples',
  data: { signal, source: 'server', labels: {}, from: 0, to: 0, data: { kind: 'values', values: [0] } },
});
const slow = (ms: number): Minute => ({ ...well, also: [[30, provider(ms)]] });

describe('hunt 9: an incident is not mitigated by silence', () => {
  const gone: Minute = { ...well, gauges: { 'db.up': 0 } };
  const { engine } = play([gone]);
  const resumed = { snapshot: engine.snapshot(), minute: 60 };
  const next = (minutes: readonly Minute[]) => said(play(minutes, { resumed }).changes);

  test('a run to which nobody tells the gauge of the database stays DEGRADED', () => {
    expect(engine.incident).toMatchObject({ severity: 'SEV-0', signals: ['db.up'] });
    expect(next(repeat(30, well))).toEqual([]);
  });

  test('it is mitigated once the gauge is told and well', () => {
    const back = { ...well, gauges: { 'db.up': 1 } };
    expect(next([well, well, ...repeat(15, back)])).toEqual([
      'mitigated',
      'restored',
      'verifying',
      'recovered',
    ]);
  });

  test('the same where it was the gauge that said hard down', () => {
    const down = play([
      {
        ...gone,
        also: [
          [1, gauge('db.up')],
          [20, gauge('db.up')],
        ],
      },
    ]).engine;
    expect(down.incident?.signals).toContain('hard-down: db.up');
    const told = play(repeat(5, well), { resumed: { snapshot: down.snapshot(), minute: 60 } }).changes;
    expect(said(told)).toEqual([]);
  });

  test('of another source of hard down that this run never asks it is told', () => {
    const { engine: opened } = play(repeat(2, { ...well, ready: false }));
    const told = (minute: Minute) =>
      play([minute], { resumed: { snapshot: opened.snapshot(), minute: 60 } }).changes[0]?.change;
    expect(opened.incident?.signals).toEqual(['hard-down: ready']);
    expect(told(well)).toMatchObject({ kind: 'mitigated', unknown: ['ready'] });
    expect(told({ ...well, ready: true })).not.toHaveProperty('unknown');
  });

  test('of any other signal of which nothing is known any more it is told', () => {
    const { engine: opened } = play([open]);
    const told = play([well], { resumed: { snapshot: opened.snapshot(), minute: 60 } }).changes;
    expect(told.map(({ change }) => change)).toEqual([
      {
        kind: 'mitigated',
        because: 'users unaffected; not known: breaker.state',
        unknown: ['breaker.state'],
      },
    ]);
  });
});

describe('row 2: no RECOVERED while anything is out of its limits', () => {
  test.each<[string, Minute[], string[]]>([
    ['ready is 503 all along', repeat(40, { ...well, ready: false }), ['declared hard-down: ready']],
    [
      'the database is gone all along',
      repeat(40, { ...well, gauges: { 'db.up': 0 } }),
      ['declared db.up', 'signal-joined hard-down: db.up'],
    ],
    [
      'the breaker opens again during the hold',
      [open, shut, shut, ...repeat(14, open)],
      ['declared breaker.state', 'mitigated', 'restored', 'worsened to mitigated'],
    ],
    [
      'the cache goes down during the hold',
      [...outage, ...repeat(14, { ...well, gauges: { 'redis.up': 0 } })],
      [...begun, 'signal-joined redis.up', 'worsened to mitigated'],
    ],
    [
      'ready becomes 503 during the hold',
      [...outage, ...repeat(14, { ...well, ready: false })],
      [...begun, 'signal-joined hard-down: ready', 'worsened to degraded'],
    ],
  ])('%s', (_, minutes, expected) => {
    expect(kinds(minutes)).toEqual(expected);
  });

  test('a signal of the incident that is bad for one minute starts its hold over, though no criterion names it', () => {
    const minutes = [...repeat(5, slow(900)), slow(50), slow(50), ...repeat(8, slow(50)), slow(900)];
    const changes = played([...minutes, ...repeat(9, slow(50))]);
    expect(said(changes)).toEqual(['declared provider.latency', 'mitigated', 'restored', 'hold-reset']);
    expect(because(changes, 'hold-reset')).toEqual(['bad: provider.latency 900']);
    expect(kinds([...minutes, ...repeat(12, slow(50))])).toContain('recovered');
  });

  test('a signal of the incident that can no longer be seen is not good', () => {
    expect(kinds([open, shut, shut, ...repeat(30, well)])).not.toContain('recovered');
    expect(kinds([open, shut, shut, ...repeat(13, shut)])).toContain('recovered');
  });

  test('one 503 during the hold starts it over, and is no more than that', () => {
    const once: Minute = {
      ...well,
      also: [
        [10, ready(503)],
        [20, ready(200)],
      ],
    };
    const changes = played([...outage, ...repeat(4, well), once, ...repeat(9, well)]);
    expect(said(changes)).toEqual([...begun, 'hold-reset']);
    expect(because(changes, 'hold-reset')).toEqual(['bad: hard down']);
  });

  test('one 503 that nothing contradicts stands, though nobody asks again', () => {
    const minutes = [...outage, ...repeat(4, well), { ...well, ready: false }];
    expect(kinds([...minutes, ...repeat(30, well)])).toEqual([...begun, 'hold-reset']);
    expect(kinds([...minutes, { ...well, ready: true }, ...repeat(12, well)])).toContain('recovered');
  });

  test('a joined signal is among the criteria, and so is that nothing says down', () => {
    const gone: Minute = { ...failing, ready: false, gauges: { 'redis.up': 0 } };
    const back: Minute = { ...well, ready: true, gauges: { 'redis.up': 1 } };
    const changes = played([...repeat(2, gone), ...repeat(15, back)]);
    const recovered = changes.flatMap(({ change }) => (change.kind === 'recovered' ? [change] : []))[0];
    const byKind = (kind: string) => recovered?.criteria.filter((each) => each.kind === kind) ?? [];
    expect(byKind('signal').map(({ name }) => name)).toContain('Cache reachable');
    expect(byKind('hard-down')).toMatchObject([{ met: true, got: 'nothing' }]);
    expect(recovered?.criteria.every(({ met }) => met)).toBe(true);
  });
});

const latencies = (count: number, ms: number): Draft => ({
  type: 'samples',
  data: {
    signal: 'rest.latency',
    source: 'load',
    labels: {},
    from: origin,
    to: origin,
    data: { kind: 'values', values: Array.from({ length: count }, () => ms) },
  },
});
const provider = (ms: number): Draft => ({
  type: 'samples',
  data: {
    signal: 'provider.latency',
    source: 'probe',
    labels: {},
    from: origin,
    to: origin,
    data: { kind: 'values', values: [ms, ms] },
  },
});

describe('row 3: every criterion is judged at the moment of RECOVERED', () => {
  const checks: [number, Draft][] = [
    [28, check('pairs', ['core'], true, {})],
    [29, check('sol', ['core'], true, {})],
  ];
  /** VERIFY begins five seconds into the last minute; its checks answer at the end of what is told then. */
  const verified = (...meanwhile: [second: number, draft: Draft][]) =>
    said(played([...outage, ...repeat(11, well), { also: [...meanwhile, ...checks] }])).slice(3);

  test('RECOVERED is said between two buckets', () => {
    expect(verified()).toEqual(['verifying', 'recovered']);
  });

  test.each<[string, Draft, string]>([
    ['the fallback is on again', check('health', [], true, { fallback: true }), 'worsened to mitigated'],
    ['a toggle was changed', togglesRead(['FALLBACK_PROVIDER']), 'worsened to mitigated'],
    ['something says that the system is down', ready(503), 'hold-reset'],
  ])('it is not, where meanwhile %s', (_, draft, expected) => {
    expect(verified([20, draft])).toEqual(['verifying', expected]);
  });

  test('row 21: it waits where the toggles can no longer be read, and is said when they can', () => {
    const unreadable = { also: [[20, togglesRead('unreadable')], ...checks] } as const;
    const still: Minute = { ...unreadable, toggles: 'unreadable' };
    const before = [...outage, ...repeat(11, well)];
    expect(kinds([...before, still, { ...well, toggles: 'unreadable' }]).slice(3)).toEqual(['verifying']);
    expect(kinds([...before, still, well]).slice(3)).toEqual(['verifying', 'recovered']);
  });
});

test('row 19: in VERIFY too, more than two unknown minutes in a row start the hold over', () => {
  const before = [...outage, ...repeat(11, well)];
  const silent: Minute = { ...blind, checks: 'not asked' };
  expect(kinds([...before, silent, silent, well]).slice(3)).toEqual(['verifying', 'recovered']);
  expect(kinds([...before, silent, silent, silent, well]).slice(3)).toEqual(['verifying', 'hold-reset']);
});

describe('row 20: worse than when it began to recover is told', () => {
  test('an hour of errors in RECOVERING is DEGRADED again, once', () => {
    const changes = played([...outage, ...repeat(4, well), ...repeat(60, failing)]);
    expect(said(changes).slice(3)).toEqual(['hold-reset', 'worsened to degraded']);
    expect(because(changes, 'worsened')).toEqual(['rest.errors fired again']);
  });
});

const unread = (shape: Minute): Minute => ({ ...shape, toggles: 'unreadable' });

const blip = (shape: Minute): Minute => ({
  ...shape,
  also: [
    [5, check('health', [], true, { fallback: true })],
    [45, check('health', [], true, { fallback: false })],
  ],
});

describe('a trigger that fires again', () => {
  const onFallback: Minute = { ...well, fallback: true };
  const down: Minute = { ...onFallback, down: true };

  test('is told while MITIGATED, once', () => {
    const minutes = [well, ...repeat(3, down), onFallback, ...repeat(3, down)];
    expect(kinds(minutes)).toEqual(['declared provider.health', 'mitigated', 'worsened to mitigated']);
  });

  test('is none where the run before may have seen it fire all along', () => {
    const snapshot = play([well, ...repeat(3, down)]).engine.snapshot();
    expect(play(repeat(3, down), { resumed: { snapshot, minute: 4 } }).changes).toEqual([]);
  });
});

test('the restore waits for every signal of the runbook, also one that is none of the incident', () => {
  const slow900: Minute = { ...well, also: [[30, provider(900)]] };
  expect(kinds([...repeat(5, failing), well, slow900])).toEqual(['declared rest.errors', 'mitigated']);
  expect(kinds([...repeat(5, failing), well, slow900, well])).toEqual(begun);
});

test('with too few requests over the hold it goes on until there are enough', () => {
  const { recovery } = judge;
  const wholeHold = { ...recovery.wholeHold, minRequests: 1_150 };
  const changes = played([...outage, ...repeat(14, well)], {
    ...judge,
    recovery: { ...recovery, wholeHold },
  });
  expect(said(changes)).toEqual([...begun, 'verifying', 'recovered']);
  expect(changes[3]?.effectiveAt).toBe((changes[2]?.effectiveAt ?? 0) + 13 * 60_000);
});

test('another run learns of each bucket that counts in VERIFY too', () => {
  const unasked: Minute = { ...well, checks: 'not asked', toggles: 'unreadable' };
  const { log, engine } = play([
    ...outage,
    ...repeat(11, { ...well, checks: 'not asked' }),
    unasked,
    unasked,
  ]);
  const known = log.reduce<Standing>((standing, { type, data }) => {
    if (type === 'incident.transition') return afterTransition(standing, data);
    return type === 'incident.bucket' ? afterBucket(standing, data) : standing;
  }, nothingOpen);
  expect(known.incident?.phase).toMatchObject({ name: 'verifying', hold: { good: 10, unknownInRow: 2 } });
  expect(known.incident?.phase).toEqual(engine.incident?.phase);
});

test('samples of unknown minutes count over the whole hold', () => {
  const few: Minute = { ...blind, also: [[30, latencies(19, 900)]] };
  const minutes = [...outage, ...repeat(5, well), few, few, ...repeat(6, well)];
  const changes = played([...minutes, ...repeat(2, well)]);
  expect(said(changes).slice(3)).toEqual(['verifying', 'hold-reset']);
  expect(because(changes, 'hold-reset')).toEqual(['REST p95: 900 ms (n=288)']);
});

describe('row 21: what cannot be read is not normal, and a state is bad where it was bad at any time', () => {
  test('toggles that were read before the incident and never since', () => {
    const minutes = [well, ...[...repeat(5, failing), ...repeat(30, well)].map(unread)];
    expect(kinds(minutes)).toEqual(['declared rest.errors', 'mitigated', 'restore-proposed']);
  });

  test('a fallback that was on for a part of each minute', () => {
    expect(kinds([...repeat(5, failing), ...repeat(30, blip(well))])).toEqual([
      'declared rest.errors',
      'mitigated',
      'restore-proposed',
    ]);
    const once = [...outage, ...repeat(6, well), blip(well), ...repeat(9, well)];
    expect(kinds(once).slice(3)).toEqual(['hold-reset']);
    expect(kinds([...once, well, well]).slice(3)).toEqual(['hold-reset', 'verifying', 'recovered']);
  });

  test('a fallback that is on when a minute of the hold ends is MITIGATED again', () => {
    const on: Minute = { ...well, also: [[45, check('health', [], true, { fallback: true })]] };
    expect(kinds([...outage, ...repeat(6, well), on]).slice(3)).toEqual(['worsened to mitigated']);
    expect(kinds([...outage, ...repeat(6, well), { ...on, errors: 50 }]).slice(3)).toEqual([
      'worsened to degraded',
    ]);
  });

  test('a fallback that was on, and of which nobody has told since', () => {
    const on: Minute = { ...well, fallback: true };
    const untold: Minute = { ...well, fallback: 'not told' };
    expect(kinds([...repeat(5, failing), on, ...repeat(20, untold)])).not.toContain('restored');
    expect(kinds([...repeat(5, failing), on, ...repeat(3, untold), well])).toContain('restored');
  });

  test('a bucket that a step of the clock touched says nothing of it', () => {
    const data = { wallMs: 1, monotonicMs: 1, byMs: 3_000, sinceMs: origin + 6.3 * 60_000 };
    const stepped: Minute = { ...well, also: [[20, { type: 'clock.jump', data }]] };
    expect(kinds([...repeat(5, failing), well, stepped])).toEqual(begun.slice(0, 2));
  });

  test('a toggle that is not normal until it is told otherwise', () => {
    const off: Minute = { ...well, toggles: ['FALLBACK_PROVIDER'] };
    expect(kinds([...outage, ...repeat(6, well), off]).slice(3)).toEqual(['worsened to mitigated']);
  });
});

/** What RECOVERED says of the configuration, where the system tells no fallback, has no toggles, or neither. */
const configuration = (
  fallback: boolean,
  toggles: boolean,
): readonly Pick<Criterion, 'name' | 'allowed'>[] => {
  const spec: JudgeSpec = toggles ? judge : { ...judge, normalToggles: {} };
  const { log } = play([...outage, ...repeat(13, well)], { spec });
  const left = log.filter((event) => !isDerived(event) && (toggles || event.type !== 'toggle.read'));
  const events = left.map((event) =>
    event.type === 'check.finished' && !fallback ? { ...event, data: { ...event.data, states: {} } } : event,
  );
  return deriveAll(events).flatMap((draft) => {
    if (draft.type !== 'incident.transition' || draft.data.change.kind !== 'recovered') return [];
    const { criteria } = draft.data.change;
    return criteria.flatMap(({ kind, name, allowed }) =>
      kind === 'configuration' ? [{ name, allowed }] : [],
    );
  });
};

describe('row 39: what the system does not have is not asked for', () => {
  test.each([
    [false, false, []],
    [true, false, [{ name: 'fallback off', allowed: 'fallback off' }]],
    [false, true, [{ name: 'configuration normal', allowed: 'every toggle at its normal value' }]],
    [
      true,
      true,
      [
        {
          name: 'fallback off, configuration normal',
          allowed: 'fallback off and every toggle at its normal value',
        },
      ],
    ],
  ])('fallback told: %s, toggles: %s', (fallback, toggles, expected) => {
    expect(configuration(fallback, toggles)).toEqual(expected);
  });
});

const few = (bad: number): Draft => ({
  type: 'samples',
  data: {
    signal: 'rest.errors',
    source: 'load',
    labels: {},
    from: origin,
    to: origin,
    data: { kind: 'ratio', total: 19, bad, throttled: 0 },
  },
});

describe('a hold that starts over says why', () => {
  const six = [...outage, ...repeat(8, well)];
  const unsure: Minute = { ...blind, also: [[30, few(19)]] };

  test.each<[string, Minute[], string]>([
    ['too long nothing was known', [...six, blind, blind, blind], 'more than 2 unknown buckets in a row'],
    [
      'two signals were neither good nor bad',
      [...six, { ...well, p95: 600, freshness: 4_000 }],
      'hysteresis: rest.latency 600, freshness 4000',
    ],
    [
      'too many requests failed in minutes that had too few to tell',
      [...six, unsure, unsure, ...repeat(4, well)],
      'over the whole hold: 3.66% of 1038 requests',
    ],
    ['a signal was over its threshold', [...six, { ...well, p95: 900 }], 'bad: rest.latency 900'],
  ])('%s', (_, minutes, expected) => {
    expect(because(played(minutes), 'hold-reset')).toEqual([expected]);
  });
});
