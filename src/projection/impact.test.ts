import { describe, expect, it } from 'vitest';
import type { CheckFinished } from '../event/catalogue.ts';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import type { FiringSubject, IncidentChange } from '../event/incident.ts';
import { toText } from '../report/document/text.ts';
import { foldReport } from '../report/fold.ts';
import { postmortemPage } from '../report/postmortem/page.ts';
import { foldContainments } from './containment.ts';
import { historyOf } from './history.ts';
import { foldImpacts } from './impact.ts';
import { foldIncidents } from './incidents.ts';
import {
  applied,
  changed,
  declared,
  faultIn,
  faultOut,
  firing,
  mitigated,
  origin,
  planned,
  read,
  recovered,
  reopened,
  requests,
  second,
  started,
  symptoms,
  tale,
  told,
  unreadable,
} from './testing/tale.ts';

const at = (seconds: number): number => origin + seconds * second;

function impactsOf(events: readonly SiagaEvent[]) {
  const [incident] = foldIncidents(events);
  return incident === undefined ? [] : foldImpacts(events, incident);
}

function containmentOf(events: readonly SiagaEvent[]) {
  const [incident] = foldIncidents(events);
  return incident && foldContainments(events, incident, foldImpacts(events, incident))[0];
}

const bySubject = (signal: string, subject: FiringSubject): IncidentChange => ({
  kind: 'declared',
  severity: 'SEV-3',
  by: { ...firing(signal, at(0)), subject },
  symptoms,
});

/** In order of time, as a journal writes them. */
const inTime = (...drafts: readonly Draft[]): readonly SiagaEvent[] =>
  tale(drafts.toSorted((a, b) => (a.at ?? origin) - (b.at ?? origin)));

describe('the impact of an incident', () => {
  it('row 28: ends at RECOVERED: a batch that straddles it is left out, and said', () => {
    const events = inTime(
      started(),
      requests(10, 5, at(10)),
      changed(1, declared('SEV-2', at(10)), at(12)),
      requests(10, 0, at(29)),
      changed(2, recovered, at(30) + 53),
      // The next experiment restarts the system in the very second of RECOVERED.
      requests(10, 8, at(30)),
      requests(10, 9, at(31)),
    );
    const [impact] = impactsOf(events);
    expect(impact?.total).toEqual({ requests: 20, errors: 5, throttled: 0 });
    expect(impact?.across).toEqual({ requests: 10, errors: 8, throttled: 0 });
  });

  it('begins with the first sample of the run, not with the edge of the bucket before it', () => {
    const events = inTime(
      { ...started(), at: at(20) },
      requests(10, 5, at(24) + 800),
      changed(1, declared('SEV-2', at(0)), at(40)),
      changed(2, recovered, at(50)),
    );
    expect(impactsOf(events)[0]?.started.at).toBe(at(24) + 800);
    expect(impactsOf(events)[0]?.total.requests).toBe(10);
  });

  it.each<[string, IncidentChange, Draft, number]>([
    ['a signal', declared('SEV-2', at(0)), requests(10, 5, at(24) + 800), at(24) + 800],
    [
      'a state',
      bySubject('state:on-fallback', { kind: 'state', name: 'on-fallback' }),
      { ...told({ 'on-fallback': true }), at: at(25) + 1 },
      at(25),
    ],
    [
      'a toggle',
      bySubject('toggle:CACHE', { kind: 'toggle', name: 'CACHE' }),
      read({ CACHE: 'off' }, at(26)),
      at(26),
    ],
  ])('begins with the first look at what fired, not at something else: %s', (_, opening, look, start) => {
    const other = { signal: 'db.up', source: 'server', labels: {} } as const;
    const data = { kind: 'values', values: [1] } as const;
    const events = inTime(
      { ...started(), at: at(20) },
      { type: 'samples', at: at(21), data: { ...other, from: at(20), to: at(21), data } },
      { ...told({ other: false }), at: at(22) },
      requests(10, 0, at(22), { source: 'probe' }),
      look,
      changed(1, opening, at(40)),
      changed(2, recovered, at(50)),
    );
    expect(impactsOf(events)[0]?.started.at).toBe(start);
  });

  it('row 28: begins with the fault, not with the bucket that it fell into', () => {
    const events = inTime(
      started({ drill: true }),
      requests(1_000, 0, at(0), { lengthMs: 5 * second }),
      ...faultIn(at(7)),
      requests(100, 40, at(8)),
      changed(1, declared('SEV-2', at(0)), at(10)),
      changed(2, recovered, at(20)),
    );
    expect(impactsOf(events)[0]).toMatchObject({
      started: { at: at(7) },
      total: { requests: 100, errors: 40 },
    });
  });

  it('row 28: our own restarts are a source of their own, not the system’s failures', () => {
    const events = inTime(
      started(),
      changed(1, declared('SEV-2', at(0)), at(5)),
      requests(50, 10, at(6)),
      requests(50, 50, at(8)),
      applied({ CACHE: 'off' }, 'contain', at(9), 900),
      requests(50, 0, at(10)),
      changed(2, recovered, at(20)),
    );
    expect(impactsOf(events)[0]).toMatchObject({
      total: { requests: 100, errors: 10 },
      restarts: { requests: 50, errors: 50 },
    });
  });

  it('two-am: tells the peak and the rate while it lasted, which a long hold does not dilute', () => {
    const hold = Array.from({ length: 540 }, (_, index) => requests(10, 0, at(60 + index)));
    const events = inTime(
      started(),
      ...Array.from({ length: 60 }, (_, index) => requests(10, index < 30 ? 2 : 8, at(index))),
      changed(1, declared('SEV-2', at(0)), at(10)),
      changed(2, mitigated, at(60)),
      ...hold,
      changed(3, recovered, at(600)),
    );
    const [impact] = impactsOf(events);
    expect(impact?.total).toMatchObject({ requests: 6_000, errors: 300 });
    expect(impact?.degraded).toMatchObject({ requests: 600, errors: 300, ms: 60 * second });
    expect(impact?.peak).toEqual({ from: at(0), requests: 600, errors: 300 });
  });

  it('counts as not mitigated the time in which it was worse again', () => {
    const events = inTime(
      started(),
      changed(1, declared('SEV-2', at(0)), at(5)),
      requests(10, 4, at(6)),
      changed(2, mitigated, at(10)),
      requests(10, 0, at(11)),
      changed(3, { kind: 'worsened', because: 'over the threshold again' }, at(20)),
      requests(10, 5, at(21)),
      changed(4, mitigated, at(30)),
      changed(5, recovered, at(40)),
    );
    expect(impactsOf(events)[0]?.degraded).toEqual({
      requests: 20,
      errors: 9,
      throttled: 0,
      ms: 20 * second,
    });
  });

  it('is told for each time it was open, the calm between left out', () => {
    const events = inTime(
      started(),
      changed(1, declared('SEV-2', at(0)), at(2)),
      requests(10, 4, at(3)),
      changed(2, recovered, at(10)),
      requests(10, 1, at(15)),
      changed(3, reopened('SEV-2', at(20)), at(22)),
      requests(10, 6, at(23)),
      changed(4, recovered, at(30)),
    );
    expect(impactsOf(events).map(({ total }) => total.errors)).toEqual([4, 6]);
  });
});

function failed(from: number, over: Partial<CheckFinished> = {}): Draft {
  const draft = told({}) as Extract<Draft, { type: 'check.finished' }>;
  const violations = [{ path: 'status', rule: 'is 200', got: '500', allowed: '200' }];
  const facts = { check: 'x', endpoint: 'GET /x', outcome: 'failed', status: 500, violations } as const;
  return { type: 'check.finished', at: from, data: { ...draft.data, ...facts, ...over } };
}

describe('hunt 8: an incident made of failed answers', () => {
  const by = { ...firing('check:x', at(11)), subject: { kind: 'check', name: 'x' } } as const;
  const opening: IncidentChange = { kind: 'declared', severity: 'SEV-2', by, symptoms };
  const declaring: readonly Draft[] = [
    { ...started(), at: at(9) },
    failed(at(11)),
    failed(at(12)),
    changed(1, opening, at(12)),
    failed(at(13)),
    // A batch of five seconds in which the incident began is in no total.
    requests(3, 3, at(10), { lengthMs: 5 * second, source: 'probe' }),
  ];

  it('counts those of which no counted batch tells', () => {
    const [impact] = impactsOf(inTime(...declaring, changed(2, recovered, at(30))));
    expect(impact).toMatchObject({
      total: { requests: 0, errors: 0 },
      across: { requests: 3, errors: 3 },
      answers: [{ endpoint: 'GET /x', errors: 3, wrong: 0 }],
    });
  });

  it('counts none twice: those of a batch that is counted, of a dependency, or from before', () => {
    const events = inTime(
      ...declaring,
      failed(at(16)),
      requests(5, 1, at(15), { lengthMs: 5 * second, source: 'probe' }),
      failed(at(17), { dependency: 'coinapi' }),
      failed(at(10)),
      changed(2, recovered, at(30)),
      failed(at(31)),
    );
    const [impact] = impactsOf(events);
    expect(impact?.total).toMatchObject({ requests: 5, errors: 1 });
    expect(impact?.answers).toMatchObject([{ endpoint: 'GET /x', errors: 3 }]);
  });

  it('tells a slow or wrong answer from a request that failed', () => {
    const slow = { status: 200, slowOnly: true, violations: [] } as const;
    const events = inTime(...declaring, failed(at(14), slow), changed(2, recovered, at(30)));
    expect(impactsOf(events)[0]?.answers).toMatchObject([{ errors: 3, wrong: 1 }]);
  });

  it('hands them on to the run that takes it over', () => {
    const history = historyOf(inTime(...declaring), 'INC-1');
    expect(history?.episodes[0]).toMatchObject({ answers: [{ endpoint: 'GET /x', errors: 3 }] });
    if (history === undefined) return;
    const earlier = inTime(...declaring).flatMap((event) =>
      event.type === 'incident.transition' ? [event.data] : [],
    );
    const later = tale(
      [
        { ...started(), at: at(100) },
        { type: 'incident.resumed', at: at(100), data: { gapMs: 0, snapshot: null, earlier } },
        { type: 'incident.history', at: at(100), data: history },
        requests(1_060, 0, at(110)),
        changed(2, recovered, at(200)),
      ],
      'r2',
      50,
    );
    expect(impactsOf(later)[0]).toMatchObject({
      total: { requests: 1_060, errors: 0 },
      answers: [{ endpoint: 'GET /x', errors: 3, wrong: 0, evidence: [52] }],
    });
    const page = toText(postmortemPage(foldReport(later)));
    expect(page).toContain(
      'Failed requests: at least 3 (GET /x 3) in answers to checks; of the 1060 requests that were counted in this run and 1 run before it none',
    );
    expect(page).toContain('GET /x: at least 3 failed');
    expect(page).not.toContain('(0%)');
    expect(page).not.toContain('none failed');
  });
});

describe('row 35: an incident that lasts over several rounds', () => {
  const rounds = [
    tale(
      [
        started(),
        requests(100, 25, at(0)),
        changed(1, declared('SEV-1', at(0)), at(5)),
        read({ CACHE: 'off' }, at(6)),
        requests(100, 30, at(7), { endpoint: 'GET /y' }),
      ],
      'r1',
    ),
    tale([started(), requests(100, 40, at(3_600))], 'r2', 100),
  ].flat();

  /** What the third round writes where it takes over, and then sees for itself. */
  function third(more: readonly Draft[] = []): readonly SiagaEvent[] {
    const earlier = rounds.flatMap((event) => (event.type === 'incident.transition' ? [event.data] : []));
    const history = historyOf(rounds, 'INC-1');
    if (history === undefined) throw new Error('no history');
    return tale(
      [
        { ...started(), at: at(7_200) },
        { type: 'incident.resumed', at: at(7_200), data: { gapMs: 0, snapshot: null, earlier } },
        { type: 'incident.history', at: at(7_200), data: history },
        requests(100, 0, at(7_201)),
        ...more,
        changed(2, recovered, at(7_300)),
      ],
      'r3',
      200,
    );
  }

  it('has its requests and failures of all rounds in the events of the last one', () => {
    const [impact] = impactsOf(third());
    expect(impact).toMatchObject({
      total: { requests: 400, errors: 95 },
      started: { at: at(0) },
      endedAt: at(7_300),
      partial: false,
      earlier: { runs: ['r1', 'r2'] },
    });
    expect(impact?.rows.map(({ endpoint, errors }) => [endpoint, errors])).toEqual([
      ['GET /x', 65],
      ['GET /y', 30],
    ]);
  });

  it('is the same folded over the store as handed on from round to round', () => {
    const whole = [
      ...rounds,
      ...third().filter(({ type }) => type === 'samples' || type === 'incident.transition'),
    ];
    const [stored, handed] = [impactsOf(whole)[0], impactsOf(third())[0]];
    expect(handed?.total).toEqual(stored?.total);
    expect(handed?.degraded).toEqual(stored?.degraded);
    expect(handed?.peak).toEqual(stored?.peak);
    const again = historyOf(third(), 'INC-1')?.episodes[0];
    expect(again).toMatchObject({ total: { requests: 400, errors: 95 }, from: at(0), to: at(7_300) });
  });

  it('is handed on with its runs and its actions: what a person set in the first round is theirs in the last', () => {
    expect(historyOf(rounds, 'INC-1')).toMatchObject({
      runs: ['r1', 'r2'],
      episodes: [{ actions: [{ name: 'CACHE', value: 'off', by: 'person', from: at(6) }] }],
    });
    const events = third([read({ CACHE: 'off' }, at(7_202)), changed(2, mitigated, at(7_250))]);
    expect(containmentOf(events)).toMatchObject({ by: 'person', actions: [{ name: 'CACHE', from: at(6) }] });
  });

  it('says so where what the rounds before measured is not on record', () => {
    const alone = third().filter(({ type }) => type !== 'incident.history');
    expect(impactsOf(alone)[0]).toMatchObject({ partial: true, total: { requests: 100, errors: 0 } });
  });
});

describe('an incident is contained', () => {
  const open = [
    started({ drill: true }),
    read(),
    ...faultIn(at(2)),
    changed(1, declared('SEV-2', at(2)), at(5)),
  ];
  const eased = changed(2, mitigated, at(100));

  it('row 34: while the fault is in, never by its removal', () => {
    expect(containmentOf(inTime(...open, eased, faultOut(at(120))))).toMatchObject({
      at: at(100),
      by: 'system',
    });
    expect(containmentOf(inTime(...open, faultOut(at(90)), eased))).toBeUndefined();
  });

  it('row 34: only if users’ requests were inside the limit', () => {
    const bad = requests(100, 99, at(101));
    expect(containmentOf(inTime(...open, eased, bad, faultOut(at(120))))).toBeUndefined();
    const good = requests(100, 1, at(101));
    expect(containmentOf(inTime(...open, eased, good, faultOut(at(120))))).toBeDefined();
  });

  it.each<[string, string, readonly Draft[]]>([
    [
      'by the system where read-back shows that nobody set a toggle',
      'system',
      [told({ 'on-fallback': true })],
    ],
    ['by a person who set one', 'person', [read({ CACHE: 'off' }, at(50))]],
    [
      'by Siaga where it did',
      'siaga',
      [{ ...planned({ CACHE: 'off' }, 'contain'), at: at(49) }, read({ CACHE: 'off' }, at(50))],
    ],
    ['by whom nobody knows where nothing could be read back', 'unknown', [{ ...unreadable, at: at(50) }]],
    [
      'by the system where what a drill prepared is all that was set',
      'system',
      [{ ...planned({ CACHE: 'off' }, 'prepare'), at: at(3) }, read({ CACHE: 'off' }, at(4))],
    ],
  ])('row 29: %s', (_, by, drafts) => {
    expect(containmentOf(inTime(...open, ...drafts, eased, faultOut(at(120))))?.by).toBe(by);
  });
});
