import { describe, expect, test } from 'vitest';
import type { CheckFinished, RunPart } from '../event/catalogue.ts';
import type { Draft } from '../event/envelope.ts';
import type { CheckSpec, JudgeSpec } from '../event/specs.ts';
import { check, judge, origin, play, ready, togglesRead, told, well, type Minute } from './testing/play.ts';
import { write } from './testing/write.ts';

const checkSpec = (name: string, more: Partial<CheckSpec> = {}): CheckSpec => ({
  name,
  title: name,
  core: false,
  severity: 'SEV-3',
  everyMs: 5_000,
  ...more,
});
const spec: JudgeSpec = {
  ...judge,
  checks: [
    checkSpec('pairs', { core: true, severity: 'SEV-2' }),
    checkSpec('sol', { core: true, severity: 'SEV-2' }),
    checkSpec('docs'),
    checkSpec('health-ready'),
    checkSpec('nightly', { everyMs: 3_600_000 }),
  ],
};
const tick: Draft = { type: 'tick', data: { bucket: 0 } };
const passed = (name: string, more: Partial<CheckFinished> = {}): Draft =>
  told(check(name, [], true, {}), more);
const failed = (name: string, more: Partial<CheckFinished> = {}): Draft =>
  told(check(name, [], false, {}), { status: 200, ...more });
const inconclusive = (name: string, more: Partial<CheckFinished> = {}): Draft =>
  failed(name, { outcome: 'inconclusive', ...more });
const phase = (part: RunPart): Draft => ({ type: 'run.phase', data: { phase: part, part } });
const resumed = (lastChecks: Readonly<Record<string, 'passed' | 'failed'>>): Draft => ({
  type: 'incident.resumed',
  data: { gapMs: 0, snapshot: null, lastChecks },
});

type Entries = readonly (readonly [second: number, draft: Draft])[];
const toldOf = (entries: Entries, options: Parameters<typeof write>[1] = {}) =>
  write(entries, { spec, ...options }).told;

const severities = (...names: string[]) =>
  write(
    names.flatMap((name, index): [number, Draft][] => [
      [index * 10 + 1, failed(name)],
      [index * 10 + 6, failed(name)],
    ]),
    {
      spec,
    },
  ).engine.incident?.severity;

describe('row 32: a failing contract is a signal', () => {
  test.each<[string, Entries, string[]]>([
    [
      'two failures in a row',
      [
        [1, failed('docs')],
        [6, failed('docs')],
      ],
      ['declared check:docs'],
    ],
    [
      'one failure is none',
      [
        [1, failed('docs')],
        [6, passed('docs')],
        [11, failed('docs')],
      ],
      [],
    ],
    [
      'an inconclusive answer, or one that was not asked for, between two failures',
      [
        [1, failed('docs')],
        [3, inconclusive('docs')],
        [4, inconclusive('docs', { notAsked: true })],
        [6, failed('docs')],
      ],
      ['declared check:docs'],
    ],
    [
      'an inconclusive answer before a failure',
      [
        [1, inconclusive('docs')],
        [6, failed('docs')],
      ],
      [],
    ],
    [
      "the previous round's last result counts",
      [
        [0, resumed({ docs: 'failed' })],
        [6, failed('docs')],
      ],
      ['declared check:docs'],
    ],
    [
      'the previous round passed',
      [
        [0, resumed({ docs: 'passed' })],
        [6, failed('docs')],
      ],
      [],
    ],
    [
      'the previous round failed, and this one passed first',
      [
        [0, resumed({ docs: 'failed' })],
        [1, passed('docs')],
        [6, failed('docs')],
      ],
      [],
    ],
    [
      'a check that is none of the judge',
      [
        [1, failed('other')],
        [6, failed('other')],
      ],
      [],
    ],
    [
      'a second one joins',
      [
        [1, failed('docs')],
        [6, failed('docs')],
        [7, failed('sol')],
        [12, failed('sol')],
      ],
      ['declared check:docs', 'signal-joined check:sol'],
    ],
  ])('%s', (_, entries, expected) => {
    expect(toldOf(entries)).toEqual(expected);
  });

  test('carries what a message says: check, path, rule, got, allowed, request id, and both answers', () => {
    const violations = [{ path: 'body.price', rule: 'a price', got: '-1', allowed: 'more than 0' }];
    const { changes } = write(
      [
        [1, failed('sol', { violations })],
        [6, failed('sol', { violations, requestId: 'req-2' })],
      ],
      { spec },
    );
    expect(changes[0]?.change).toMatchObject({
      kind: 'declared',
      severity: 'SEV-2',
      by: {
        signal: 'check:sol',
        subject: { kind: 'check', name: 'sol' },
        path: 'body.price',
        rule: 'a price',
        got: '-1',
        allowed: 'more than 0',
        requestId: 'req-2',
        evidence: [2, 3],
      },
    });
  });

  test('mutant: what joins raises the severity, and it is never lowered', () => {
    expect(severities('docs')).toBe('SEV-3');
    expect(severities('docs', 'sol')).toBe('SEV-2');
    expect(severities('sol', 'docs')).toBe('SEV-2');
  });

  test('in a drill, and while the system is hard down, checks add nothing', () => {
    const twice: Entries = [
      [1, failed('docs')],
      [6, failed('docs')],
    ];
    expect(toldOf(twice, { drill: true })).toEqual([]);
    const down: Entries = [
      [1, ready(503)],
      [17, ready(503)],
      [18, failed('docs')],
      [23, failed('docs')],
    ];
    expect(toldOf(down)).toEqual(['declared hard-down: ready']);
    const up: Entries = [...down, [30, ready(200)], [35, failed('docs')]];
    expect(toldOf(up)).toEqual(['declared hard-down: ready', 'signal-joined check:docs']);
  });

  test('one that fired while the system was hard down does not fire again when it is not', () => {
    const down: Entries = [
      [1, ready(503)],
      [17, ready(503)],
      [20, phase('staying')],
      [25, failed('docs')],
      [30, failed('docs')],
      [35, ready(200)],
    ];
    const open = write(down, { spec }).engine.incident!;
    const phaseNow = { name: 'mitigated', providerGood: 0, fallback: { since: origin } } as const;
    const state = { ...open, keeper: 'other', ordinal: 9, phase: phaseNow, signals: ['check:docs'] };
    const { id: incident, group } = open;
    const change = { kind: 'mitigated', because: '' } as const;
    const transition = { incident, group, ordinal: 9, effectiveAt: origin, drill: false, change, state };
    const noticed: Draft = { type: 'incident.noticed', data: { run: 'other', transition } };
    expect(toldOf([...down, [40, noticed], [66, tick]])).toEqual(toldOf(down));
  });
});

/** So many answers of a check, one a second from here on, of which these failed. */
const answers = (from: number, count: number, bad: readonly number[]): [number, Draft][] =>
  Array.from({ length: count }, (_, index) => [
    from + index,
    bad.includes(index) ? failed('docs') : passed('docs'),
  ]);

describe('row 9: a check that fails now and then', () => {
  const staying: [number, Draft] = [2, phase('staying')];
  test.each<[string, Entries, string[]]>([
    [
      'twice in 50 answers of the stay',
      [staying, ...answers(3, 50, [10, 30]), [66, tick]],
      ['declared check:docs'],
    ],
    ['once in 20', [staying, ...answers(3, 20, [10]), [66, tick]], []],
    ['twice in 50, but nobody stays', [...answers(3, 50, [10, 30]), [66, tick]], []],
    [
      'once before the stay, once in it',
      [[1, failed('docs')], staying, ...answers(3, 50, [30]), [66, tick]],
      [],
    ],
    [
      'twice, of a hundred that were not all written: two percent is not more',
      [staying, ...answers(3, 20, [5, 9]), [24, passed('docs', { unwritten: 79 })], [66, tick]],
      [],
    ],
    [
      'twice, of just under a hundred that were not all written',
      [staying, ...answers(3, 20, [5, 9]), [24, passed('docs', { unwritten: 78 })], [66, tick]],
      ['declared check:docs'],
    ],
    ['under a load', [[2, phase('load')], ...answers(3, 50, [10, 30]), [66, tick]], ['declared check:docs']],
    [
      'in the checks of a gate, that do not stay',
      [[2, phase('checks')], ...answers(3, 50, [10, 30]), [66, tick]],
      [],
    ],
  ])('%s', (_, entries, expected) => {
    expect(toldOf(entries)).toEqual(expected);
  });

  test('tells how many of how many, and does not fire again in a minute without a failure', () => {
    const entries: Entries = [staying, ...answers(3, 50, [10, 30]), ...answers(66, 50, []), [126, tick]];
    const { changes, told: said } = write(entries, { spec });
    expect(said).toEqual(['declared check:docs']);
    expect(changes[0]?.change).toMatchObject({ by: { answers: { failed: 2, of: 50 } } });
  });
});

const fallback = (active: boolean): Draft => check('health', [], true, { fallback: active });

/** On for the first half of a minute, and told every ten seconds. */
const halfOn = (from: number): Entries =>
  [2, 12, 22, 32, 42, 52].map((second) => [from + second, fallback(second < 30)]);

/** A read in which the system told these toggles only; none of them is normal. */
const partlyRead = (values: Readonly<Record<string, string>>): Draft => ({
  type: 'toggle.read',
  data: {
    values,
    abnormal: Object.entries(values).map(([name, got]) => ({ name, got, normal: 'y' })),
    ok: false,
    reason: 'OTHER was not reported by http://t/toggles',
  },
});

describe('states and toggles are signals', () => {
  test('a toggle called constructor, of which nothing was read, is as normal as the others', () => {
    const normalToggles = { constructor: 'on' };
    const read: Draft = { type: 'toggle.read', data: { values: {}, abnormal: [], ok: true } };
    const entries: Entries = [
      [10, read],
      [66, tick],
    ];
    expect(write(entries, { spec: { ...spec, normalToggles } }).told).toEqual([]);
  });

  test.each<[string, Entries, string[]]>([
    [
      'a fallback in use',
      [
        [10, fallback(true)],
        [66, tick],
      ],
      ['declared state:fallback'],
    ],
    [
      'one that ended within the minute',
      [
        [10, fallback(true)],
        [40, fallback(false)],
        [66, tick],
      ],
      [],
    ],
    [
      'a provider that does not answer',
      [
        [10, check('direct', [], false, { 'provider-direct': false })],
        [66, tick],
      ],
      ['declared state:provider-direct'],
    ],
    [
      'a toggle changed by hand',
      [
        [10, togglesRead(['FALLBACK_PROVIDER'])],
        [66, tick],
      ],
      ['declared toggle:FALLBACK_PROVIDER'],
    ],
    [
      'toggles that cannot be read',
      [
        [10, togglesRead('unreadable')],
        [66, tick],
      ],
      [],
    ],
    [
      'A8: a fallback that is on for half of each minute, by its third',
      [...halfOn(0), ...halfOn(60), [126, tick], ...halfOn(120), [186, tick]],
      ['declared state:fallback'],
    ],
    ['A8: not by its second', [...halfOn(0), ...halfOn(60), [126, tick], [186, tick]], []],
    [
      'A8: not where a minute lies between',
      [...halfOn(0), ...halfOn(60), [130, fallback(false)], ...halfOn(180), ...halfOn(240), [306, tick]],
      [],
    ],
    [
      'A8: not a single bad answer of a minute',
      [0, 60, 120].flatMap((from): Entries => [
        [from + 5, fallback(true)],
        ...[10, 20, 30, 40].map((second) => [from + second, fallback(false)] as const),
        [from + 66, tick],
      ]),
      [],
    ],
    [
      'A8: a toggle too',
      [0, 60, 120].flatMap((from): Entries => [
        [from + 10, togglesRead(['FALLBACK_PROVIDER'])],
        [from + 40, togglesRead()],
        [from + 66, tick],
      ]),
      ['declared toggle:FALLBACK_PROVIDER'],
    ],
    [
      'A7: a toggle that the system does not tell',
      [
        [10, partlyRead({})],
        [66, tick],
      ],
      [],
    ],
    [
      'A7: one that it tells changed, beside one that it does not tell',
      [
        [10, partlyRead({ FALLBACK_PROVIDER: 'cache' })],
        [66, tick],
      ],
      ['declared toggle:FALLBACK_PROVIDER'],
    ],
    [
      'both at once are one incident, the state first',
      [
        [10, togglesRead(['FALLBACK_PROVIDER'])],
        [11, fallback(true)],
        [66, tick],
      ],
      ['declared state:fallback'],
    ],
    [
      'to an incident that is open they add nothing',
      [
        [1, failed('docs')],
        [6, failed('docs')],
        [10, fallback(true)],
        [66, tick],
      ],
      ['declared check:docs'],
    ],
  ])('%s', (_, entries, expected) => {
    expect(toldOf(entries)).toEqual(expected);
  });

  const both: Entries = [
    [10, fallback(true)],
    [11, togglesRead(['FALLBACK_PROVIDER'])],
    [66, tick],
  ];

  test('in a drill they are none', () => {
    expect(toldOf(both, { drill: true })).toEqual([]);
  });

  test('in a bucket that a step of the clock touched they are unknown', () => {
    const jump: Draft = {
      type: 'clock.jump',
      data: { wallMs: 1, monotonicMs: 1, byMs: 3_000, sinceMs: origin + 19_000 },
    };
    expect(toldOf([...both.slice(0, 2), [20, jump], [66, tick]])).toEqual([]);
    expect(toldOf([...both.slice(0, 2), [20, jump], [66, tick], [70, fallback(true)], [126, tick]])).toEqual([
      'declared state:fallback',
    ]);
  });

  test('a judge from before they were signals has none', () => {
    const { states: _, ...before } = judge;
    expect(
      toldOf(
        [
          [10, fallback(true)],
          [66, tick],
        ],
        { spec: before },
      ),
    ).toEqual([]);
  });

  test.each([
    ['x', 'x'],
    ['', 'an empty value'],
    ['  ', 'an empty value'],
  ])('a toggle that reads %j is told as %j', (got, said) => {
    const data = { values: {}, abnormal: [{ name: 'MODE', got, normal: 'full' }], ok: true };
    const { changes } = write(
      [
        [10, { type: 'toggle.read', data }],
        [66, tick],
      ],
      { spec: { ...spec, normalToggles: { MODE: 'full' } } },
    );
    expect(changes[0]?.change).toMatchObject({ by: { signal: 'toggle:MODE', got: said, allowed: 'full' } });
  });

  test('a state of the runbook, with its own severity and what was told', () => {
    const states = [{ name: 'mode', title: 'Mode', normal: 'open', severity: 'SEV-1' }] as const;
    const { changes } = write(
      [
        [10, check('docs', [], true, { mode: 'shut' })],
        [66, tick],
      ],
      {
        spec: { ...spec, states },
      },
    );
    expect(changes[0]?.change).toMatchObject({
      severity: 'SEV-1',
      by: { signal: 'state:mode', subject: { kind: 'state', name: 'mode' }, got: 'shut', allowed: 'open' },
    });
  });
});

const repeat = (count: number, shape: Minute): Minute[] => Array.from({ length: count }, () => shape);

const also = (...drafts: readonly Draft[]): Minute => ({
  ...well,
  also: drafts.map((draft, index) => [31 + index * 5, draft]),
});

const kinds = (minutes: readonly Minute[], judged = spec) =>
  play(minutes, { spec: judged }).changes.map(({ kind, change }) =>
    change.kind === 'worsened' ? `${kind} to ${change.to}` : kind,
  );

describe('a check of the incident and its recovery', () => {
  const good = also(passed('docs'));
  const opened = [also(failed('docs'), failed('docs')), good, good];
  const begun = ['declared', 'mitigated', 'restored'];

  test('MITIGATED says that the check of the incident still fails', () => {
    const fails = also(failed('docs'));
    const { changes } = play([also(failed('docs'), failed('docs')), fails, fails], { spec });
    expect(changes.find(({ kind }) => kind === 'mitigated')?.change).toEqual({
      kind: 'mitigated',
      because: 'users unaffected; check docs still fails',
      fails: 'docs',
    });
  });

  test('it is over after ten minutes in which it passed', () => {
    expect(kinds([...opened, ...repeat(13, good)])).toEqual([...begun, 'verifying', 'recovered']);
  });

  test('one failure in the hold starts it over', () => {
    const minutes = [...opened, ...repeat(8, good), also(failed('docs'), passed('docs'))];
    expect(kinds([...minutes, ...repeat(9, good)])).toEqual([...begun, 'hold-reset']);
    expect(kinds([...minutes, ...repeat(12, good)])).toEqual([
      ...begun,
      'hold-reset',
      'verifying',
      'recovered',
    ]);
  });

  test('it recovers though more than the share of all its answers since sampling began failed', () => {
    const staying: Minute = { ...well, also: [[1, phase('staying')], ...(opened[0]?.also ?? [])] };
    expect(kinds([staying, good, good, ...repeat(13, good)])).toEqual([...begun, 'verifying', 'recovered']);
  });

  test('minutes in which it was not asked are unknown', () => {
    expect(kinds([...opened, ...repeat(4, good), ...repeat(3, well), ...repeat(9, good)])).toEqual([
      ...begun,
      'hold-reset',
    ]);
    expect(kinds([...opened, ...repeat(4, good), ...repeat(2, well), ...repeat(10, good)])).toContain(
      'recovered',
    );
  });

  test('one that is asked once an hour is good from its pass on', () => {
    const nightly = [also(failed('nightly'), failed('nightly')), also(passed('nightly'))];
    expect(kinds([...nightly, ...repeat(14, well)])).toEqual([...begun, 'verifying', 'recovered']);
    const never = [also(failed('nightly'), failed('nightly')), well];
    expect(kinds([...never, ...repeat(30, well)])).toEqual(['declared', 'mitigated']);
  });

  const again = (name: string) => [
    ...opened,
    ...repeat(5, good),
    also(passed('docs'), failed(name), failed(name)),
  ];

  test('two failures in a row while RECOVERING are worse: felt by users where the check is core', () => {
    expect(kinds(again('docs')).slice(3)).toEqual(['worsened to mitigated']);
    expect(kinds(again('sol')).slice(3)).toEqual(['signal-joined', 'worsened to degraded']);
  });

  test('the incident of a core check is not MITIGATED while it fails', () => {
    const shut: Minute = { ...well, checks: 'failed' };
    expect(kinds(repeat(20, shut))).toEqual(['declared']);
    expect(kinds([...repeat(3, shut), ...repeat(14, well)])).toEqual([...begun, 'verifying', 'recovered']);
  });
});

const mode = (value: string): Minute => ({
  ...well,
  also: [[31, check('docs', [], true, { mode: value })]],
});

describe('a state in the recovery of another incident', () => {
  const states = [{ name: 'mode', title: 'Mode', normal: 'open', severity: 'SEV-3' }] as const;
  const failing: Minute = { ...well, errors: 50 };
  const of = (minutes: readonly Minute[]) => kinds(minutes, { ...spec, states });

  test('the hold starts over where it is not normal', () => {
    const begun = [...repeat(5, failing), well, well, ...repeat(5, mode('open'))];
    expect(of([...begun, mode('shut'), ...repeat(9, mode('open'))])).toEqual([
      'declared',
      'mitigated',
      'restored',
      'hold-reset',
    ]);
  });

  test('an incident that it opened is not restored before it is normal, nor where nobody tells', () => {
    expect(of([mode('shut'), ...repeat(20, mode('shut'))])).toEqual(['declared', 'mitigated']);
    expect(of([mode('shut'), mode('open'), mode('open'), ...repeat(13, mode('open'))])).toContain(
      'recovered',
    );
    expect(of([mode('shut'), mode('open'), mode('open'), ...repeat(30, well)])).not.toContain('recovered');
  });
});
