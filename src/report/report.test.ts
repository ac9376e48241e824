import { describe, expect, test } from 'vitest';
import type { CheckFinished } from '../event/catalogue.ts';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import { toMarkdown } from './document/markdown.ts';
import { foldReport } from './fold.ts';
import { gateMarkdown, gateText } from './gate-page.ts';
import { postmortemPage } from './postmortem/page.ts';
import { reportPage } from './report.ts';
import { gameDay } from './testing/game-day.ts';
import type { Shape } from './testing/shape.ts';

const reportOf = (shape: Shape) => toMarkdown(reportPage(foldReport(gameDay(shape))));
const postmortemOf = (shape: Shape) => toMarkdown(postmortemPage(foldReport(gameDay(shape))));

/** The lines of one part of a page, under its heading. */
function part(page: string, title: string): string {
  const from = page.indexOf(title);
  const level = /^#+/.exec(title)?.[0] ?? '##';
  const rest = page.slice(from + title.length);
  const end = rest.search(new RegExp(`^${level} `, 'm'));
  return from === -1 ? '' : end === -1 ? rest : rest.slice(0, end);
}

describe('the first lines of a report', () => {
  test('of a failure name what failed, got, allowed, the event and the command', () => {
    const [title, , ...lines] = reportOf({ broken: 'source: coinapi' }).split('\n');
    expect(title).toBe('# Game day default on reference: FAILED');
    const top = lines.slice(0, 6).join('\n');
    expect(top).toMatch(/got `source: coinapi`, allowed `degraded: true, source: okx` \[#\d+\]/);
    expect(top).toContain('Repeat it: `siaga gameday --speed 30`');
  });

  test('of a pass say so', () => {
    expect(reportOf({})).toContain('✅ PASSED');
    expect(reportOf({})).toContain('Everything that was tried held.');
  });

  test('of a killed run never look like a pass', () => {
    const page = reportOf({ killed: true });
    expect(page).toContain('UNFINISHED');
    expect(page).not.toContain('✅ PASSED');
    expect(part(page, '## What to do next')).toContain('`siaga chaos heal`');
  });
});

describe('an experiment', () => {
  const page = part(reportOf({ broken: 'source: coinapi' }), '### provider-down: weakness');

  test('tells its hypothesis, requirements, proof and timings', () => {
    expect(page).toContain('With CoinAPI gone, prices come from OKX');
    expect(page).toContain('R30, R25');
    expect(page).toMatch(/✅ proven \| 8 of 8 failed, median 0\.8 ms \| 0 of 8 failed/);
    expect(page).toMatch(/\| detect \| 4 s <sub>÷30<\/sub> \[#414 #494\]/);
  });

  test('tells each expectation with got, allowed and evidence', () => {
    expect(page).toMatch(
      /❌ broken \| during \| within 5 s.* sol-complete .* body\.source: source: coinapi \| degraded: true, source: okx \| 1 s \| \[#\d+\] \[#\d+\]/,
    );
    expect(page.match(/✅ met/g)).toHaveLength(3);
  });

  test('two-am: shows what broke, and folds away what was met', () => {
    const [open = '', met = ''] = page.split('<details><summary>Met: 3</summary>');
    expect(open).toContain('**Expectations:** 3 of 4 met');
    expect(open).toContain('❌ broken');
    expect(open).not.toContain('✅ met');
    expect(met).not.toContain('❌ broken');
  });

  test('two-am: stands before those that held', () => {
    const both = reportOf({ broken: 'source: coinapi' });
    const titles = both.match(/^### [\w-]+: \w+$/gm) ?? [];
    expect(titles.length).toBeGreaterThan(1);
    expect(titles[0]).toBe('### provider-down: weakness');
  });

  test('two-am: has its plots beside it, of its own time alone', () => {
    expect(page).toContain('](plots/provider-down.provider.health.svg)');
    expect(page.indexOf('](plots/')).toBeLessThan(page.indexOf('Faults and their proof'));
  });
});

test('each hold bucket shows n and value of every recovery signal', () => {
  const page = reportOf({});
  expect(page).toMatch(
    /\| 10:40:28 \| ✅ good \| 1\/10 \| 11\d ms \(n=104\) \| 0% \(n=104\) \| \d+ ms \(n=26\) \| \d+ ms \(n=26\) \| \[#\d+\] \|/,
  );
});

test('recovery is shown criterion by criterion', () => {
  const page = part(reportOf({}), '### \\[DRILL\\]');
  expect(page).toMatch(/\*\*RECOVERED.*:\*\* (\d+) of \1 criteria met \(R25\)/);
  expect(page).toMatch(/\| fallback off, configuration normal \| ✅ met \| normal \|.*\[#\d+ #\d+\] \|/);
});

test('messages show their delivery, and those that never arrived are work to do', () => {
  const page = reportOf({ undelivered: ['webhook'] });
  expect(part(page, '## Messages')).toContain('❌ not delivered: HTTP 401: not retried');
  expect(part(page, '## What to do next')).toContain('Messages to webhook did not arrive');
});

describe('a fallback that lasts', () => {
  test('is MITIGATED-STABLE with its owner and review date, and no longer just open', () => {
    const page = reportOf({ stable: true });
    expect(page).toMatch(/DRILL.* INC-\S+ \| ⚠️ MITIGATED-STABLE \|/);
    expect(part(page, '## What to do next')).toMatch(/MITIGATED-STABLE: Incident Owner \(owner\) reviews/);
    expect(page).toMatch(
      /MITIGATED-STABLE: the fallback is active; owner Incident Owner \(owner\), review by/,
    );
  });

  test('is the first action of the postmortem', () => {
    const actions = part(postmortemOf({ stable: true }).split(/^## /m).at(-2) ?? '', '### Actions');
    expect(actions).toMatch(
      /\| 1 \| Review the fallback that lasts since 2026-09-13 .* WIB \| Incident Owner \(owner\) \| 2026-09-14 .* WIB \|/,
    );
  });
});

describe('a postmortem', () => {
  const drill = postmortemOf({ broken: 'source: coinapi', undelivered: ['webhook'] });

  test('has the parts that the runbooks ask for (R67, R69), for each time the incident was open', () => {
    for (const title of [
      'Timeline',
      'Impact',
      'Cause',
      'Five whys',
      'What worked',
      'What to improve',
      'Actions',
    ])
      expect(drill.match(new RegExp(`^### ${title}$`, 'gm')), title).toHaveLength(2);
    expect(drill).toContain('## Blameless');
  });

  test('tells an incident that was reopened as one, and each time by itself', () => {
    const page = postmortemOf({ drill: false });
    expect(page.match(/^## .*$/gm)?.slice(0, 2)).toEqual([
      expect.stringMatching(/^## CoinAPI says down: .+ \(INC-\S+\), 2026-09-13$/),
      expect.stringMatching(/^## CoinAPI says down: .+ \(INC-\S+, opened again \(2\)\), 2026-09-13$/),
    ]);
    const [first = '', second = ''] = page.split('### Cause').slice(1);
    expect(first).toContain('Signals that fired: provider.health, breaker.state [');
    expect(second).toContain(
      'Signals that fired: provider.health, freshness, breaker.state, rest.errors, rest.5xx [',
    );
  });

  test('two-am: says first in three sentences what users felt and how long, why, and what is done', () => {
    const [, , short = ''] = drill.split('> **');
    const [title, ...sentences] = short.split('\n').filter((line) => line !== '>' && line !== '');
    expect(title).toBe('In short**');
    expect(sentences.slice(0, 3)).toEqual([
      expect.stringMatching(/^> Users: .*; RECOVERED .* after it began\. \[#/),
      expect.stringMatching(/^> Cause: this drill’s own fault, down on coinapi\. \[#/),
      expect.stringMatching(/^> Done: .*; to improve: .*\./),
    ]);
  });

  test('two-am: tells in five lines at most what worked', () => {
    const lists = drill.split('### What worked').slice(1);
    const lines = lists.map((rest) => rest.split('###')[0]?.match(/^- /gm)?.length ?? 0);
    expect(Math.max(...lines)).toBeLessThanOrEqual(5);
    expect(Math.min(...lines)).toBeGreaterThan(1);
  });

  test('two-am: no why ends in "it is monitored"', () => {
    expect(drill).not.toContain('It is monitored');
    expect(drill.match(/^5\. .* What would announce its cause earlier: ❔ unknown/gm)).toHaveLength(2);
  });

  test('has seven marks in WIB and UTC (R69)', () => {
    const marks = drill
      .split('\n')
      .filter((line) => /^\| [1-7] \| (\d\d:\d\d:\d\d|unknown) \| (\d\d:\d\d:\d\d|unknown) \|/.test(line));
    expect(marks).toHaveLength(14);
    expect(marks[0]).toBe(
      '| 1 | 10:40:12 | 03:40:12 | incident started | injected on purpose: down on coinapi, in for 8 s of 20 s planned [#414] |',
    );
  });

  test('answers five fixed whys, each with evidence or as unknown (R68, R69)', () => {
    const whys = drill.split('\n').filter((line) => /^[1-5]\. \*\*Why/.test(line));
    expect(whys).toHaveLength(10);
    for (const why of whys) expect(why).toMatch(/\[#\d|unknown/);
  });

  test('calls unknown what no event says', () => {
    expect(drill).toContain('Affected users: ❔ unknown');
    expect(drill).toContain('Business impact: ❔ unknown');
    expect(drill).toContain('unknown: to be assigned');
  });

  test('knows no cause where no fault was ours', () => {
    const foreign = gameDay().filter(
      ({ type }) =>
        !type.startsWith('fault.') && !type.startsWith('experiment.') && type !== 'expectation.settled',
    );
    const page = toMarkdown(postmortemPage(foldReport(foreign)));
    expect(page).toContain('**Provisional:** ❔ unknown: no event names a cause');
    expect(page).toContain('fix deployed | ❔ unknown');
    expect(page).not.toContain('on purpose: ');
  });

  test('derives three to five actions, whose deadlines count from RECOVERED (R67, R71)', () => {
    const [first = '', second = ''] = drill
      .split('### Actions')
      .slice(1)
      .map((rest) => rest.split('\n## ')[0]);
    expect(first.match(/^\| \d \|/gm)?.length).toBe(4);
    expect(second.match(/^\| \d \|/gm)?.length).toBe(4);
    expect(first).toContain('Make it hold: within 5 s sol-complete answers');
    expect(first).toContain('Repair the channel webhook');
    expect(first).toContain('| Incident Owner | 2026-09-13 10:50:50 WIB |');
  });

  test('says so where no incident was declared', () => {
    expect(postmortemOf({ killed: true })).toContain('No incident was declared in this run');
  });
});

test('the gate has one page, as Markdown and as text', () => {
  const events = gameDay({ broken: 'a|b`c' });
  const [markdown, text] = [gateMarkdown(events), gateText(events, true)];
  expect(markdown).toContain('<code>a&#124;b&#96;c</code>');
  expect(text.split('\n').slice(0, 4).join('\n')).toContain('got a|b`c, allowed degraded: true, source: okx');
  expect(text).toContain('Repeat it: siaga gameday --speed 30');
  expect(text).toMatch(/^provider-down +FAIL weakness/m);
});

const doubtful: CheckFinished = {
  check: 'hello',
  title: 'hello',
  tags: [],
  outcome: 'inconclusive',
  violations: [],
  durationMs: 3,
  latenessMs: 0,
  loopLagMs: 0,
  lane: 'a',
  states: {},
};

test.each<[string, Draft, string]>([
  [
    'a check that could not be judged',
    { type: 'check.finished', data: { ...doubtful, reason: 'our own request budget ran out (429)' } },
    'check hello inconclusive: our own request budget ran out (429)',
  ],
  [
    'a candidate that did not come up',
    {
      type: 'gate.part',
      data: {
        part: 'candidate',
        outcome: 'inconclusive',
        reason: 'it did not answer within 120 s',
        retried: false,
      },
    },
    'candidate: it did not answer within 120 s',
  ],
])('row 37: the page of an inconclusive gate begins with its cause: %s', (_, cause, headline) => {
  const [first] = gameDay();
  if (first?.type !== 'run.started') throw new Error('a game day starts');
  const started = { ...first, data: { ...first.data, command: 'gate', repeat: 'npx siaga gate' } };
  const end = { verdict: 'inconclusive', exitCode: 3, reason: 'x' } as const;
  const rest = [cause, { type: 'run.finished', data: end } as const];
  const events = rest.map(
    (draft, index) => ({ ...first, seq: first.seq + 1 + index, ...draft }) as SiagaEvent,
  );
  const page = gateText([started, ...events], true);
  expect(page.split('\n')[3]?.trim()).toContain(headline);
  expect(page).toContain('run it again: npx siaga gate');
  expect(page).not.toContain('All that was tried held');
});

test.each([
  ['passed', 0, false],
  ['failed', 1, true],
] as const)('what failed answers said is on the page of a run that %s: %s', (verdict, exitCode, shown) => {
  const events = gameDay();
  const [first, last] = [events[0], events.at(-1)];
  const failed = { ...brokenCheck, excerpt: 'no price source' };
  const more = [
    { type: 'check.finished', data: failed } as const,
    { type: 'run.finished', data: { verdict, exitCode, reason: '' } } as const,
  ].map(
    (draft, index) => ({ ...first, at: last?.at, seq: (last?.seq ?? 0) + 1 + index, ...draft }) as SiagaEvent,
  );
  expect(
    gateText([...events.filter(({ type }) => type !== 'run.finished'), ...more], true).includes(
      'no price source',
    ),
  ).toBe(shown);
});

const brokenCheck = {
  check: 'sol-complete',
  title: 'sol-complete',
  tags: ['core'],
  outcome: 'failed',
  violations: [{ path: 'status', rule: 'expected 200', got: '503', allowed: '200' }],
  durationMs: 5,
  latenessMs: 0,
  loopLagMs: 0,
  lane: 'sol-complete',
  states: {},
} as const;

const candidate = (outcome: 'passed' | 'failed', reason: string) =>
  ({ type: 'gate.part', data: { part: 'candidate', outcome, reason, retried: false } }) as const;

test('a candidate that died is one row, failed, and the next step names its end first', () => {
  const [first] = gameDay();
  if (first?.type !== 'run.started') throw new Error('a game day starts');
  const end = 'the candidate (node app.js) ended by itself: exit code 7';
  const figures = { requests: 9, iterations: 9, dropped: 0, exceptions: 0, durationMs: 1, exitCode: 0 };
  const load = { ...figures, load: 'smoke', offeredRate: 0, achievedRate: 9, endpoints: [] };
  const started = { load: 'smoke', script: 's.ts', tool: 'k6', rate: 0, durationMs: 1, thresholds: {} };
  const drafts = [
    candidate('passed', ''),
    { type: 'load.started', data: started },
    { type: 'load.finished', data: { ...load, outcome: 'failed', violations: [], reason: 'it fails' } },
    candidate('failed', end),
    { type: 'run.finished', data: { verdict: 'failed', exitCode: 1, reason: end } },
  ] as const;
  const events = drafts.map(
    (draft, index) => ({ ...first, seq: first.seq + 1 + index, ...draft }) as SiagaEvent,
  );
  const page = gateText([{ ...first, data: { ...first.data, command: 'gate' } }, ...events], true);
  expect(page.match(/Gate: candidate.*/g)).toEqual([expect.stringMatching(/Gate: candidate +\S* ?failed/)]);
  const [, next = ''] = page.split('What to do next');
  expect(next.indexOf(end)).toBeGreaterThan(0);
  expect(next.indexOf(end)).toBeLessThan(next.indexOf('Load smoke'));
});

function ended(exitCode: 1 | 3, reason: string): Draft {
  const verdict = exitCode === 1 ? 'failed' : 'inconclusive';
  return { type: 'run.finished', data: { verdict, exitCode, reason } };
}

const change = (ordinal: number, kind: string, severity: string): Draft =>
  ({
    type: 'incident.transition',
    data: {
      incident: 'INC-1',
      group: 'g',
      ordinal,
      effectiveAt: 0,
      drill: false,
      change: {
        kind,
        severity,
        by: { signal: 'check:mail', got: '500', allowed: '200', since: 0, evidence: [] },
        symptoms: { windowMs: 1, p95: null, errorRatio: null, n: 0 },
      },
    },
  }) as unknown as Draft;

const wrong = { path: 'status', rule: 'r', got: '500', allowed: '200' };
const judged = (outcome: 'passed' | 'failed'): Draft => ({
  type: 'round.measured',
  data: { checks: [{ check: 'hello', outcome, answers: 100, failed: 1 }], signals: [], out: [] },
});

describe('a gate that failed on what is no check', () => {
  const [first] = gameDay();
  if (first?.type !== 'run.started') throw new Error('a game day starts');
  const pageOf = (...drafts: readonly Draft[]): string => {
    const events = drafts.map(
      (draft, index) => ({ ...first, seq: first.seq + 1 + index, ...draft }) as SiagaEvent,
    );
    return gateText([{ ...first, data: { ...first.data, command: 'gate' } }, ...events], true);
  };
  const passed: Draft = { type: 'check.finished', data: { ...doubtful, outcome: 'passed' } };
  const out = [{ signal: 'db.up', got: 'max 0 (n=2)', allowed: 'at least 1' }];
  const measured: Draft = { type: 'round.measured', data: { checks: [], signals: [], out } };

  test('hunt 7: names it at the top, at a glance and as the next step', () => {
    const page = pageOf(passed, measured, ended(1, 'db.up max 0 (n=2), allowed at least 1'));
    expect(page.split('\n')[3]?.trim()).toContain('db.up: got max 0 (n=2), allowed at least 1');
    expect(page).toMatch(/^Signal db\.up +\S* ?failed +max 0 \(n=2\), allowed at least 1/m);
    const [, next = ''] = page.split('What to do next');
    expect(next).toContain('db.up: got max 0 (n=2), allowed at least 1');
    expect(page).not.toContain('All that was tried held');
  });

  test('hunt 7: the section of what the system did wrong names it too', () => {
    const events = [measured, ended(1, 'x')].map(
      (draft, index) => ({ ...first, seq: first.seq + 1 + index, ...draft }) as SiagaEvent,
    );
    const page = toMarkdown(reportPage(foldReport([first, ...events])));
    expect(part(page, '## What the system did wrong')).toContain('signal db.up');
  });

  test('hunt 7: at a glance a check is as its round judged it, not as one early answer was', () => {
    const early: Draft = {
      type: 'check.finished',
      data: { ...doubtful, outcome: 'failed', violations: [wrong] },
    };
    expect(pageOf(early, passed, judged('passed'), ended(3, 'x'))).toMatch(/^Checks +ok passed/m);
    expect(pageOf(early, passed, judged('failed'), ended(1, 'x'))).toMatch(/^Checks +FAIL failed/m);
    expect(pageOf(early, passed, ended(1, 'x'))).toMatch(/^Checks +FAIL failed/m);
  });

  test('what a round that passed has to say is told as it is', () => {
    const reason = 'INC-1 RECOVERED; check:orders was not asked';
    const passing: Draft = { type: 'run.finished', data: { verdict: 'passed', exitCode: 0, reason } };
    const events = [passed, passing].map(
      (draft, index) => ({ ...first, seq: first.seq + 1 + index, ...draft }) as SiagaEvent,
    );
    const round = {
      ...first,
      data: { ...first.data, command: 'check', judge: { ...first.data.judge, speed: 1 } },
    };
    const page = toMarkdown(reportPage(foldReport([round, ...events])));
    expect(part(page, '## What to do next')).toContain(reason);
    expect(page).not.toContain('it was let through');
  });

  test.each([1, 3] as const)('hunt 7: without anything on record it tells its reason (exit %i)', (code) => {
    const page = pageOf(passed, ended(code, 'something else'));
    const [, next = ''] = page.split('What to do next');
    expect(next).not.toContain('All that was tried held');
    expect(page).toContain('something else');
  });

  test('hunt 5: an inconclusive round is headed by what it could not decide, not by a scrape that failed', () => {
    const few = { signal: 'latency', got: 'p95 422 ms (n=4)', allowed: 'at most 300 ms' };
    const doubt = [{ ...few, undecided: 'too few samples to decide' }];
    const page = pageOf(
      { type: 'run.problem', data: { code: 'scrape-failed', message: 'one timed out' } },
      { type: 'round.measured', data: { checks: [], signals: [], out: doubt } },
      ended(3, 'x'),
    );
    expect(page.split('\n')[3]?.trim()).toContain(
      'latency, not decided: got p95 422 ms (n=4): too few samples to decide, allowed at most 300 ms',
    );
  });

  test.each([
    [2, 'USAGE OR CONFIGURATION'],
    [70, 'A BUG OF SIAGA’S'],
  ])('hunt g: exit code %i is not called inconclusive, also where it was written so', (exitCode, title) => {
    const refused = { code: 'candidate-there', message: 'something answers before --up is started' };
    for (const verdict of ['inconclusive', 'error'] as const) {
      const page = pageOf(
        { type: 'run.problem', data: { code: 'scrape-failed', message: 'one timed out' } },
        { type: 'run.problem', data: refused },
        { type: 'run.finished', data: { verdict, exitCode, reason: refused.message } },
      );
      expect(page).toContain(title);
      expect(page.toLowerCase()).not.toContain('inconclusive');
      expect(page.split('\n')[3]?.trim()).toContain('candidate-there: something answers before');
    }
  });

  test('hunt 11: the severity at the top is the one that stands, as in the reason', () => {
    const page = pageOf(change(1, 'declared', 'SEV-3'), change(2, 'signal-joined', 'SEV-0'), ended(1, 'x'));
    expect(page.split('\n')[3]?.trim()).toContain('INC-1 (SEV-0) declared: check:mail');
  });
});
