import { describe, expect, it } from 'vitest';
import type { Entry } from '../event/entry.ts';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import { historyOf } from '../projection/history.ts';
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
  requests,
  second,
  started,
  tale,
  told,
} from '../projection/testing/tale.ts';
import { toMarkdown } from './document/markdown.ts';
import { foldReport } from './fold.ts';
import { postmortemPage } from './postmortem/page.ts';
import { reportPage } from './report.ts';

const at = (seconds: number): number => origin + seconds * second;
const inTime = (...drafts: readonly Draft[]): readonly SiagaEvent[] =>
  tale(drafts.toSorted((a, b) => (a.at ?? origin) - (b.at ?? origin)));

const postmortemOf = (events: readonly SiagaEvent[]) => toMarkdown(postmortemPage(foldReport(events)));
const reportOf = (events: readonly SiagaEvent[]) => toMarkdown(reportPage(foldReport(events)));

function part(page: string, title: string): string {
  const rest = page.split(`${title}\n`)[1] ?? '';
  return rest.split(/^#{2,3} /m)[0] ?? '';
}

const ended = (verdict: 'passed' | 'failed' | 'inconclusive', reason = ''): Draft => ({
  type: 'run.finished',
  at: at(1_000),
  data: { verdict, exitCode: verdict === 'passed' ? 0 : 3, reason },
});
const restored = (toggles: Readonly<Record<string, string>>, seconds: number): Draft =>
  changed(4, { kind: 'restored', toggles }, at(seconds));
const phase = (name: 'method' | 'rollback' | 'recovery', seconds: number): Draft => ({
  type: 'experiment.phase',
  at: at(seconds),
  data: { experiment: 'db-slow', phase: name },
});

const drill = [
  started({ drill: true }),
  read(),
  ...faultIn(at(2)),
  changed(1, declared('SEV-2', at(2)), at(5)),
];

describe('a postmortem', () => {
  it('row 34: a system that failed 99 % until the fault was taken away was not contained, and has something to improve', () => {
    const page = postmortemOf(
      inTime(
        ...drill,
        requests(100, 99, at(6)),
        faultOut(at(20)),
        changed(2, mitigated, at(25)),
        changed(3, recovered, at(60)),
      ),
    );
    expect(page).not.toMatch(
      /contained \| MITIGATED|[Mm]itigated after|Contained after|by the system itself/,
    );
    expect(part(page, '### What to improve')).toMatch(/99 of 100 requests failed \(99%\).*limit 2%/);
    expect(part(page, '### What to improve')).toContain('Nothing mitigated it while its cause lasted');
  });

  it('row 34: one that kept users well has nothing to improve', () => {
    const page = postmortemOf(
      inTime(
        ...drill,
        requests(100, 0, at(6)),
        changed(2, mitigated, at(10)),
        faultOut(at(20)),
        changed(3, recovered, at(60)),
      ),
    );
    expect(page).toContain('Mitigated after 8 s by the system itself');
    expect(part(page, '### What to improve')).toContain('Nothing that events show');
  });

  it('row 29: says by the system itself only where read-back shows that nobody did', () => {
    const by = (...drafts: readonly Draft[]) =>
      /contained \| MITIGATED ([^[]*) \[/.exec(
        postmortemOf(
          inTime(
            ...drill,
            ...drafts,
            changed(2, mitigated, at(10)),
            faultOut(at(20)),
            changed(3, recovered, at(60)),
          ),
        ),
      )?.[1];
    expect(by()).toContain('by the system itself');
    expect(by(read({ CACHE: 'off' }, at(8)))).toBe('by toggles that a person set: CACHE=off');
    const own = { ...planned({ CACHE: 'off' }, 'contain'), at: at(7) };
    expect(by(own, read({ CACHE: 'off' }, at(8)))).toBe('by the toggles that Siaga set: CACHE=off');
  });

  it('in a real incident nothing shows that the system contained it itself', () => {
    const page = postmortemOf(
      inTime(
        started(),
        read(),
        changed(1, declared('SEV-2', at(2)), at(5)),
        changed(2, mitigated, at(10)),
        changed(3, recovered, at(60)),
      ),
    );
    expect(page).not.toContain('by the system itself');
    expect(page).toContain('MITIGATED: inside the limits again; by whom is unknown');
    expect(page).toContain('it was inside the limits again at 03:40:10, and by whom is unknown');
  });

  it('row 35: tells the whole incident in the last of its rounds', () => {
    const first = tale(
      [started(), requests(100, 25, at(0)), changed(1, declared('SEV-1', at(0)), at(5))],
      'r1',
    );
    const history = historyOf(first, 'INC-1');
    const earlier = first.flatMap((event) => (event.type === 'incident.transition' ? [event.data] : []));
    const last = tale(
      [
        { ...started(), at: at(3_600) },
        { type: 'incident.resumed', at: at(3_600), data: { gapMs: 0, snapshot: null, earlier } },
        ...(history ? [{ type: 'incident.history', at: at(3_600), data: history } as const] : []),
        requests(300, 0, at(3_601)),
        changed(2, recovered, at(3_700)),
      ],
      'r2',
      50,
    );
    const impact = part(postmortemOf(last), '### Impact');
    expect(impact).toContain(
      'Failed requests: 25 of the 400 that we sent in this run and 1 run before it (6.25%)',
    );
    expect(impact).toContain('While it was not mitigated');
    expect(impact).not.toContain('none failed');
  });

  it('tells in the last of its rounds what people had put on its record', () => {
    const says = (entry: Entry, seconds: number): Draft => ({
      type: 'incident.entry',
      at: at(seconds),
      data: { incident: 'INC-1', by: 'on-call', entry },
    });
    const before = tale(
      [
        started(),
        changed(1, declared('SEV-2', at(0)), at(5)),
        says({ kind: 'triage', severity: 'SEV-1' }, 60),
        says({ kind: 'cause', text: 'a missing index', final: true }, 600),
        says({ kind: 'fix', text: 'the index is back', commit: 'abc123' }, 900),
        says({ kind: 'users', affected: 7, noticedFirst: true }, 1_000),
      ],
      'r1',
    );
    const history = historyOf(before, 'INC-1');
    const earlier = before.flatMap((event) => (event.type === 'incident.transition' ? [event.data] : []));
    const last = (isTold: boolean) =>
      postmortemOf(
        tale(
          [
            { ...started(), at: at(3_600) },
            { type: 'incident.resumed', at: at(3_600), data: { gapMs: 0, snapshot: null, earlier } },
            ...(history && isTold
              ? [{ type: 'incident.history', at: at(3_600), data: history } as const]
              : []),
            changed(2, recovered, at(3_700)),
          ],
          'r2',
          50,
        ),
      );
    const page = last(true);
    for (const line of [
      /Cause: a missing index\. \[#52\]/,
      /triaged \| SEV-1 by on-call \[#52\]; SEV-2, the highest, by the runbook’s rule/,
      /03:50:00 \| cause identified \| a missing index \(on-call, final\) \[#52\]/,
      /03:55:00 \| fix deployed \| the index is back \(commit abc123\) \(on-call\) \[#52\]/,
      /Affected users: 7 users affected; a user noticed it before Siaga did \(on-call\) \[#52\]/,
      /\*\*Final:\*\* a missing index \(on-call\) \[#52\]/,
      /A user noticed it before Siaga did \(on-call\)/,
    ])
      expect(page).toMatch(line);
    expect(last(false)).not.toContain('on-call');
  });

  it('two-am: the peak and the rate while it lasted stand beside the rate over all of it', () => {
    const impact = part(
      postmortemOf(
        inTime(
          ...drill,
          requests(100, 64, at(6)),
          changed(2, mitigated, at(10)),
          ...[20, 30, 40].map((each) => requests(100, 0, at(each))),
          changed(3, recovered, at(60)),
        ),
      ),
      '### Impact',
    );
    expect(impact).toContain('64 of the 400 that we sent (16%)');
    expect(impact).toContain('While it was not mitigated (8 s): 64 of 100 failed (64%)');
    expect(impact).toMatch(/At its worst: 64 of \d+ failed/);
  });

  it('two-am: says once when it was contained, as a time and under Impact', () => {
    const page = postmortemOf(
      inTime(
        ...drill,
        { ...planned({ CACHE: 'off' }, 'contain'), at: at(8) },
        applied({ CACHE: 'off' }, 'contain', at(9)),
        read({ CACHE: 'off' }, at(9)),
        changed(2, mitigated, at(15)),
        faultOut(at(20)),
        changed(3, recovered, at(60)),
      ),
    );
    expect(page.match(/contained \|/g)).toHaveLength(1);
    expect(page).toMatch(/03:40:15 \| contained \| MITIGATED by the toggles that Siaga set: CACHE=off/);
    expect(page).toContain('; mitigated after 13 s');
    expect(page).toContain('Contained after 13 s');
  });

  it('two-am: how long a fault was in stands apart from how long was planned', () => {
    const page = postmortemOf(
      inTime(...drill, changed(2, mitigated, at(10)), faultOut(at(19) + 100), changed(3, recovered, at(60))),
    );
    expect(page).toContain('in for 17.1 s of 1 min 00 s planned');
    expect(page).not.toContain('for 1 min 00 s [');
  });

  it('two-am: the severity that was triaged cites the event that says it', () => {
    const joined = { kind: 'signal-joined', severity: 'SEV-1', by: firing('db.gone') } as const;
    const events = inTime(...drill, changed(2, joined, at(8)), changed(3, recovered, at(60)));
    const seq = events.find((event) => event.type === 'incident.transition' && event.data.ordinal === 2)?.seq;
    expect(postmortemOf(events)).toMatch(new RegExp(`03:40:08 \\| triaged \\| SEV-1[^[]*\\[#${seq}\\]`));
  });

  it('two-am: its marks stand in order of time, each once', () => {
    const page = postmortemOf(
      inTime(
        ...drill,
        { type: 'fault.proof', at: at(3), data: { fault: 'fault-1', proven: true, why: 'w', ...proof } },
        changed(2, mitigated, at(10)),
        faultOut(at(20)),
        changed(3, recovered, at(60)),
      ),
    );
    const marks = page
      .split('\n')
      .filter((line) => /^\| [1-7] \| \d\d:\d\d:\d\d \|/.test(line))
      .map((line) => line.split(' | '));
    // Once, where the runbook's zone is UTC.
    const times = marks.map(([, utc]) => utc);
    expect(times).toEqual(times.toSorted());
    expect(marks.map(([, , name]) => name)).toEqual([
      'incident started',
      'cause identified',
      'detected',
      'triaged',
      'contained',
      'fix deployed',
      'verified resolved',
    ]);
  });

  it('two-am: tells what kept us from measuring once, apart from the lessons of each incident', () => {
    const late: Draft = {
      type: 'sampling.late',
      at: at(6),
      data: { lane: 'l', check: 'orders', latenessMs: 0, skipped: 1 },
    };
    const again = [
      changed(1, declared('SEV-2', at(70)), at(72), 'INC-2'),
      changed(2, recovered, at(90), 'INC-2'),
    ];
    const page = postmortemOf(inTime(...drill, late, changed(2, recovered, at(60)), ...again));
    expect(page.match(/orders/g)).toHaveLength(1);
    expect(page).not.toContain('ran late');
    expect(part(page, '## Our own measuring')).toContain('planned runs of check orders were skipped');
  });

  it('two-am: a window that is longer than the incident is old says how much of it is the incident’s', () => {
    const symptoms = { windowMs: 300_000, p95: 13, errorRatio: 0.08, n: 500 };
    const opened = { ...declared('SEV-2', at(2)), symptoms };
    const page = postmortemOf(
      inTime(
        { ...started({ drill: true }), at: at(-600) },
        ...faultIn(at(2)),
        changed(1, opened as ReturnType<typeof declared>, at(5)),
        changed(2, recovered, at(60)),
      ),
    );
    expect(page).toContain('over 5 min 00 s (n=500), the last 3 s of them since its start');
  });

  it('hunt f: figures are told with the time that was looked at, where that is shorter than the window', () => {
    const symptoms = { windowMs: 300_000, p95: 13, errorRatio: 0, n: 500 };
    const opened = { ...declared('SEV-2', at(0)), symptoms };
    const events = inTime(started(), changed(1, opened as ReturnType<typeof declared>, at(8)));
    expect(postmortemOf(events)).toContain('errors 0% over 8 s (n=500)');
    expect(reportOf(events)).toContain('errors 0% over 8 s (n=500)');
  });
});

const proof = {
  through: { n: 1, failed: 1, medianMs: 1 },
  past: { n: 1, failed: 0, medianMs: 1 },
  calls: {
    before: { count: 1, errors: 0, meanMs: 1, overMs: 1 },
    during: { count: 1, errors: 1, meanMs: 1, overMs: 1 },
  },
};

describe('a report', () => {
  const problem: Draft = {
    type: 'run.problem',
    at: at(3),
    data: { code: 'k6-missing', message: 'there is no k6', hint: 'install k6, or name its path' },
  };

  it('row 37: of an inconclusive run has the cause as its headline and the remedy as the next step', () => {
    const page = reportOf(inTime(started(), problem, ended('inconclusive', 'there is no k6')));
    expect(page.split('\n').slice(0, 6).join('\n')).toContain('k6-missing: got `there is no k6`');
    const next = part(page, '## What to do next');
    expect(next.split('\n').find((line) => line.startsWith('- '))).toContain('install k6, or name its path');
    expect(next).toContain('Nothing was decided. Then run it again: `siaga check`');
    expect(page).not.toContain('All that was tried held');
  });

  it('row 37: nor does one without any cause on record say that all held', () => {
    const page = reportOf(inTime(started(), ended('inconclusive')));
    expect(part(page, '## What to do next')).toContain('Nothing was decided');
    expect(page).not.toContain('held');
  });

  it.each<[string, Readonly<Record<string, string>>, string, string]>([
    [
      'row 39: of a system without toggles mentions none',
      {},
      'restored: the recovery clock starts',
      'toggles read back',
    ],
    [
      'of a system with toggles says that they were read back',
      { CACHE: 'on' },
      'restored: toggles read back normal',
      'fallback off',
    ],
  ])('%s', (_, toggles, expected, absent) => {
    const events = inTime(
      started(),
      changed(1, declared('SEV-2', at(0)), at(5)),
      restored(toggles, 20),
      changed(5, recovered, at(60)),
    );
    expect(reportOf(events)).toContain(expected);
    expect(reportOf(events)).not.toContain(absent);
    expect(postmortemOf(events).includes('read back normal before')).toBe(toggles['CACHE'] !== undefined);
  });

  it('two-am: what is judged over the whole stage stands before the rollback, in the words of its expectation', () => {
    const expectations = [
      { id: 'during.2', text: 'orders stay fast', stage: 'during', mode: 'throughout' },
    ] as const;
    const [begun, ...rest] = faultIn(at(2));
    const named = { ...begun, data: { ...begun?.data, expectations } } as Draft;
    const settled: Draft = {
      type: 'expectation.settled',
      at: at(31),
      data: {
        experiment: 'db-slow',
        expectation: 'during.2',
        outcome: 'met',
        got: 'p95 20 ms',
        allowed: 'p95 <= 50 ms',
        evidence: [],
      },
    };
    const page = reportOf(
      inTime(
        started({ drill: true }),
        named,
        ...rest,
        phase('method', 2),
        phase('rollback', 30),
        faultOut(at(30)),
        settled,
      ),
    );
    const timeline = part(page, '## Timeline');
    expect(timeline).toContain('ok: orders stay fast: p95 20 ms');
    expect(timeline.indexOf('orders stay fast')).toBeLessThan(timeline.indexOf('rollback'));
  });

  it('two-am: a read of the toggles while Siaga sets them is told once, by the one afterwards', () => {
    const toggles = foldReport(
      inTime(
        started(),
        read({ CACHE: 'off' }, at(9) - 200),
        applied({ CACHE: 'off' }, 'contain', at(9)),
        read({ CACHE: 'off' }, at(9) + 5),
      ),
    ).toggles;
    expect(toggles.map(({ kind }) => kind)).toEqual(['applied', 'read']);
  });

  it('row 28: failures while Siaga restarts the system are a source of their own', () => {
    const failing = (seconds: number): Draft =>
      ({
        ...told({}),
        at: at(seconds),
        data: { ...(told({}).data as object), outcome: 'failed' },
      }) as Draft;
    const report = foldReport(
      inTime(started(), failing(8), applied({ CACHE: 'off' }, 'prepare', at(9), 2_000), failing(20)),
    );
    expect(report.failures).toMatchObject([{ count: 1, drilled: 0, restarts: 1 }]);
    const page = toMarkdown(reportPage(report));
    expect(page).toContain('1 violation, 1 while Siaga restarted the system');
    expect(page).toContain('1 violation while Siaga restarted the system to set toggles: health');
  });

  it('two-am: a time has no uncertainty that it does not have, an endpoint the n of its rate', () => {
    const values: Draft = {
      type: 'samples',
      at: at(3),
      data: {
        signal: 'rest.latency',
        labels: { endpoint: 'GET /x' },
        source: 'load',
        from: at(2),
        to: at(3),
        data: { kind: 'values', values: [1, 2, 3] },
      },
    };
    const done: Draft = {
      type: 'experiment.finished',
      at: at(70),
      data: {
        name: 'db-slow',
        verdict: 'held',
        reasons: [],
        timings: { detect: { ms: 10_900, from: 1, to: 2, plusMinusMs: 60_000 } },
      },
    };
    const page = reportOf(inTime(...drill, requests(40, 4, at(2)), values, faultOut(at(20)), done));
    expect(page).toContain('| detect | 10.9 s [');
    expect(page).not.toContain('±');
    expect(page).toContain('| GET /x | load | 40 | 2 ms | 3 ms | 3 ms | ❌ 4 (10%) |');
  });

  it('two-am: a limit is said as a limit', () => {
    const page = reportOf(inTime(started(), changed(1, declared('SEV-2', at(0)), at(5))));
    expect(page).toContain('rest.errors rate 30% (n=100), limit 2%');
  });

  it('row 1: an incident that the run opened is what failed first, before a check that failed earlier', () => {
    const check = told({});
    const failing = { ...check, at: at(3), data: { ...check.data, outcome: 'failed' } } as Draft;
    const events = inTime(started(), failing, changed(1, declared('SEV-1', at(0)), at(5)), {
      type: 'run.finished',
      at: at(9),
      data: { verdict: 'failed', exitCode: 1, reason: 'x' },
    });
    expect(reportOf(events).split('\n').slice(0, 5).join('\n')).toContain(
      'INC-1 (SEV-1) declared: rest.errors: got',
    );
    const drilled = events.map((event) =>
      event.type === 'incident.transition' ? { ...event, data: { ...event.data, drill: true } } : event,
    ) as readonly SiagaEvent[];
    expect(foldReport(drilled).first?.what).toContain('health');
  });

  it('two-am: a load beside experiments is traffic, and its failed requests are told', () => {
    const done: Draft = {
      type: 'load.finished',
      at: at(90),
      data: {
        load: 'steady',
        outcome: 'passed',
        violations: [],
        exitCode: 0,
        requests: 1_000,
        iterations: 1_000,
        dropped: 0,
        exceptions: 0,
        offeredRate: 10,
        achievedRate: 10,
        durationMs: 100_000,
        endpoints: [{ endpoint: 'GET /x', n: 1_000, p50: 1, p95: 2, p99: 3, errors: 338, throttled: 0 }],
      },
    };
    const begun: Draft = {
      type: 'load.started',
      data: { load: 'steady', script: 's', tool: 'k6', rate: 10, durationMs: 1, thresholds: {} },
    };
    const page = reportOf(inTime(...drill, begun, done));
    expect(page).toContain('| Load steady | ran as planned | 1000 requests, 338 failed,');
  });
});
