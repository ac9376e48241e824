import { describe, expect, it } from 'vitest';
import type { CheckFinished } from '../event/catalogue.ts';
import type { Draft } from '../event/envelope.ts';
import type { Firing, IncidentChange, Symptoms } from '../event/incident.ts';
import type { MessageFacts } from './facts.ts';
import {
  answered,
  at,
  begun,
  by,
  calm,
  changes,
  criterion,
  delivered,
  dueNow,
  factsFor,
  goOn,
  linesOf,
  minute,
  read,
  requested,
  story,
  symptoms,
  textOf,
  told,
  webhook,
  written,
} from './testing/story.ts';

const facts = factsFor([webhook]);
const setting = 'SCREENER_MAX_CONCURRENCY';

const change = (minutes: number, ordinal: number, of: IncidentChange): Draft => ({
  type: 'incident.transition',
  data: {
    incident: 'inc-7',
    group: 'service',
    ordinal,
    drill: false,
    change: of,
    effectiveAt: at + minutes * minute,
  },
});
const declaredBy = (more: Partial<Firing>, over: Partial<Symptoms> = {}): Draft =>
  change(0, 1, { ...changes.declared, by: { ...by, ...more }, symptoms: { ...symptoms, ...over } });
const joinedBy = (ordinal: number, more: Partial<Firing>): Draft =>
  change(0, ordinal, { kind: 'signal-joined', severity: 'SEV-2', by: { ...by, ...more } });
const failed = (check: string, more: Partial<CheckFinished> = {}, minutes = 0): Draft => ({
  ...answered({ check, outcome: 'failed', ...more }),
  at: at + minutes * minute,
});
const samplesOf = (endpoint: string | undefined, bad: number, more: object = {}, from = at): Draft =>
  ({
    type: 'samples',
    data: {
      signal: facts.judge.recovery.wholeHold.signal,
      labels: endpoint === undefined ? {} : { endpoint },
      source: 'load',
      from,
      to: from + 1_000,
      data: { kind: 'ratio', total: 10, bad, throttled: 0 },
      ...more,
    },
  }) as unknown as Draft;

const slowRest = { signal: 'rest.latency', got: 'p95 820 ms', value: 820 };

const subject = (kind: 'hard-down' | 'state' | 'toggle' | 'check', name: string, reason?: 'refused') =>
  ({ signal: `${kind}:${name}`, subject: { kind, name, ...(reason && { reason }) } }) as const;
const requestLine = (...events: readonly Draft[]) =>
  linesOf(story(facts, begun, ...events)).find((each) => each.startsWith('X-Request-Id'));
const next = (given: MessageFacts, ...events: readonly Draft[]) =>
  linesOf(goOn(goOn([], factsFor([]), begun, ...events.slice(0, -1)), given, ...events.slice(-1))).find(
    (each) => each.startsWith('Next: '),
  );
const updated = (incident: string, transition: number): Draft => ({
  type: 'message.requested',
  data: {
    message: `${incident}.webhook.9`,
    incident,
    transition,
    channel: 'webhook',
    template: 'UPDATE',
    text: '',
    inForce: { [setting]: '2' },
  },
});
const figuresOf = (announceAfter: number) =>
  textOf(dueNow(written(begun, declaredBy({})), { ...facts, announceAfter, takenOver: 'inc-7' }));
const named = (...events: readonly Draft[]) => requested(story(facts, begun, ...events))[0]?.told;

describe('the first line says what users feel', () => {
  it.each<[string, readonly Draft[], string]>([
    [
      'the system is down, whatever else is known',
      [
        failed('pairs'),
        declaredBy({ signal: 'down', subject: { kind: 'hard-down', name: 'ready', reason: 'ready' } }),
      ],
      'down',
    ],
    [
      'what fails, before what is slow',
      [failed('slow', { slowOnly: true }), failed('pairs'), declaredBy({})],
      'pairs fails',
    ],
    ['what is slow', [failed('pairs', { slowOnly: true }), declaredBy({})], 'pairs is slow'],
    [
      'what fails of several, once each',
      [failed('a', { endpoint: 'GET /a' }), failed('b', { endpoint: 'GET /a' }), failed('c'), declaredBy({})],
      'GET /a fails, and 1 more',
    ],
    [
      'what is slow of several, once each',
      ['a', 'b', 'c']
        .map((check) => failed(check, { slowOnly: true, endpoint: check === 'c' ? 'GET /c' : 'GET /a' }))
        .concat(declaredBy({})),
      'GET /a is slow, and 1 more',
    ],
    ['what was measured, where users wait for that', [declaredBy(slowRest)], 'REST requests are slow'],
    [
      'what was measured of all that fired, where users wait for that',
      [declaredBy({}), joinedBy(2, slowRest)],
      'REST requests are slow',
    ],
    [
      'that it is down, whatever fired besides',
      [
        declaredBy({ signal: 'down', subject: { kind: 'hard-down', name: 'ready', reason: 'ready' } }),
        joinedBy(2, slowRest),
      ],
      'down',
    ],
    ['how many requests fail', [declaredBy({})], '2.8% of requests fail'],
    ['that none does', [declaredBy({}, { errorRatio: 0 })], 'no failed request so far'],
    ['that nobody knows', [declaredBy({}, { errorRatio: null })], 'effect on users unknown'],
    [
      'the endpoint that fails most',
      [samplesOf('GET /few', 2), samplesOf('GET /many', 2), samplesOf('GET /many', 1), declaredBy({})],
      'GET /many fails, and 1 more',
    ],
    [
      'no endpoint that failed once, of which nothing is known, or that failed before',
      [
        samplesOf('GET /once', 1),
        samplesOf(undefined, 9),
        samplesOf('GET /other', 9, { signal: 'other' }),
        samplesOf('GET /values', 9, { data: { kind: 'values', values: [9] } }),
        samplesOf('GET /before', 9, {}, at - 60 * minute),
        declaredBy({}),
      ],
      '2.8% of requests fail',
    ],
    [
      'what failed as the first bucket began',
      [samplesOf('GET /then', 9, {}, at - 40 * minute), declaredBy({ since: at - 40 * minute })],
      'GET /then fails',
    ],
    [
      'what failed within the window of the longest trigger',
      [failed('pairs', {}, -5), declaredBy({})],
      'pairs fails',
    ],
    ['nothing that failed before it', [failed('pairs', {}, -6), declaredBy({})], '2.8% of requests fail'],
    [
      'what failed and was asked in vain since',
      [failed('pairs'), answered({ check: 'pairs', outcome: 'inconclusive' }), declaredBy({})],
      'pairs fails',
    ],
  ])('%s', (_, events, said) => {
    // All of one moment is written before anybody is asked.
    const known = goOn([], factsFor([]), begun, ...events.slice(0, -1));
    expect(linesOf(goOn(known, facts, ...events.slice(-1)))[0]).toBe(`SEV-2 shop: ${said}`);
  });

  it('a core check before any other', () => {
    const judge = { ...facts.judge, recovery: { ...facts.judge.recovery, coreChecks: ['core'] } };
    const events = [begun, failed('side'), failed('core'), declaredBy({})];
    expect(linesOf(story({ ...facts, judge }, ...events))[0]).toBe('SEV-2 shop: core fails, and 1 more');
  });

  it('and the message names what it told, so that nobody tells it again', () => {
    expect(named(failed('pairs'), declaredBy({}))).toEqual(['provider.health', 'check:pairs']);
    expect(named(failed('pairs', { slowOnly: true }), declaredBy({}))).toEqual([
      'provider.health',
      'check:pairs',
    ]);
    expect(named(failed('pairs'), declaredBy({ signal: 'check:pairs' }))).toEqual(['check:pairs']);
    expect(named(samplesOf('GET /many', 9), declaredBy({}))).toEqual(['provider.health']);
    const down = { kind: 'hard-down', name: 'ready' } as const;
    expect(named(failed('pairs'), declaredBy({ signal: 'down', subject: down }))).toEqual(['down']);
  });
});

describe('the second line says what fired', () => {
  it.each<[string, Partial<Firing>, string]>([
    ['a signal by its figure', { value: 0.6 }, 'CoinAPI is unreachable: 60%, limit 50%'],
    ['a signal of which nothing is known', { value: null }, 'CoinAPI is unreachable: unknown, limit 50%'],
    [
      'that it is down, and since when',
      { ...subject('hard-down', 'ready', 'refused'), since: at - minute },
      'Down for 1 min 00 s: connection refused',
    ],
    [
      'that it is down since now',
      { ...subject('hard-down', 'ready', 'refused'), since: at + minute },
      'Down for 0 ms: connection refused',
    ],
    [
      'that it is down by a signal',
      { ...subject('hard-down', 'db.up'), since: at - minute },
      'Down for 1 min 00 s: db.up',
    ],
    [
      'a state',
      { ...subject('state', 'mode'), got: 'stale', allowed: 'fresh' },
      'mode: got stale, expected fresh',
    ],
    [
      'what is no signal any more',
      { signal: 'gone.signal', got: '7', allowed: 'at most 5' },
      'gone.signal: got 7, expected at most 5',
    ],
    ['a check', { ...subject('check', 'pairs'), got: '503', allowed: '200' }, 'pairs: got 503, expected 200'],
  ])('%s', (_, fired, line) => {
    expect(linesOf(story(facts, begun, declaredBy(fired)))[1]).toBe(line);
  });

  it('a signal in the words of an earlier version, where it told no number', () => {
    const { value: _, ...old } = by;
    const declared = change(0, 1, { ...changes.declared, by: old });
    expect(linesOf(story(facts, begun, declared))[1]).toBe(
      'CoinAPI is unreachable: rate 100% (n=12), limit 50%',
    );
  });

  it('slow is told of the answer that made it fire, and of no other', () => {
    const fired = { ...subject('check', 'pairs'), got: '904 ms', allowed: 'at most 300 ms' };
    const answers = [
      failed('pairs', { slowOnly: true }),
      failed('pairs'),
      failed('pairs', { slowOnly: true }),
    ];
    const line = (evidence: readonly number[]) =>
      linesOf(story(facts, begun, ...answers, declaredBy({ ...fired, evidence })))[1];
    expect(line([2])).toBe('pairs is slow: 904 ms, allowed at most 300 ms');
    expect(line([2, 3])).toBe('pairs: got 904 ms, expected at most 300 ms');
    expect(line([3, 4])).toBe('pairs is slow: 904 ms, allowed at most 300 ms');
  });
});

describe('the request to look for', () => {
  it.each<[string, readonly Draft[], string | undefined]>([
    [
      'is one of what fired',
      [failed('pairs', { requestId: 'own' }), declaredBy({ requestId: 'fired' })],
      'fired',
    ],
    [
      'else the last one that failed',
      [
        failed('a', { requestId: 'a' }),
        failed('b', { requestId: 'b' }),
        answered({ check: 'a', requestId: 'fine' }),
        failed('c'),
        declaredBy({}),
      ],
      'b',
    ],
    ['else one of the window', [declaredBy({})], '7c2b-f1'],
    ['is none where nobody told one', [failed('pairs'), declaredBy({}, { requestId: '' })], undefined],
  ])('%s', (_, events, id) => {
    expect(requestLine(...events)).toBe(id === undefined ? undefined : `X-Request-Id ${id}`);
  });
});

const unread: Draft = { type: 'toggle.read', data: { ok: false, values: {}, abnormal: [], reason: 'x' } };

describe('the next step', () => {
  const only = (name: string, incident: string, helps?: readonly string[]): MessageFacts => ({
    ...facts,
    toggles: [{ name, incident, ...(helps && { helps }) }],
  });

  it.each<[string, MessageFacts, readonly Draft[], string | undefined]>([
    [
      'is what helps against what fired',
      facts,
      [declaredBy({ signal: 'screener.batch' })],
      `${setting}=2, SCREENER_TTL_SECONDS=90`,
    ],
    ['is nothing where nothing helps', facts, [declaredBy({ signal: 'cache.up' })], undefined],
    [
      'helps against one of several',
      only(setting, '2', ['db.latency', 'x']),
      [declaredBy({ signal: 'db.latency' })],
      `${setting}=2`,
    ],
    [
      'helps against anything, where nothing else is said',
      only(setting, '2'),
      [declaredBy({ signal: 'cache.up' })],
      `${setting}=2`,
    ],
    [
      'is none that is set already',
      only(setting, '2'),
      [read({ [setting]: '2' }), declaredBy({})],
      undefined,
    ],
    [
      'is none that somebody set otherwise',
      only(setting, '2'),
      [read({ [setting]: '3' }), declaredBy({})],
      undefined,
    ],
    [
      'is none that somebody set otherwise, read no more since',
      only(setting, '2'),
      [read({ [setting]: '3' }), unread, declaredBy({})],
      undefined,
    ],
    ['is one that reads as it normally does', only(setting, '2'), [read(), declaredBy({})], `${setting}=2`],
    ['is none that changes nothing', only(setting, '4'), [declaredBy({})], undefined],
    ['is one that has no normal value', only('NEW_TOGGLE', 'on'), [declaredBy({})], 'NEW_TOGGLE=on'],
  ])('%s', (_, given, events, line) => {
    expect(next(given, ...events)).toBe(line === undefined ? undefined : `Next: ${line}`);
  });

  it('is to set back only what fired and is out', () => {
    const fired = {
      signal: `toggle:${setting}`,
      subject: { kind: 'toggle', name: setting },
      got: '3',
      allowed: '4',
    } as const;
    const lines = (...reads: readonly Draft[]) => linesOf(story(facts, begun, ...reads, declaredBy(fired)));
    expect(lines(read({ [setting]: '3', FALLBACK_PROVIDER: 'cache' }))).toContain(
      `Set back: ${setting}=4, or ask who set it`,
    );
    expect(lines(read()).filter((each) => each.startsWith('Set back'))).toEqual([]);
  });
});

describe('what was restored is told once it is over', () => {
  const over = change(20, 9, { ...changes.recovered, symptoms: calm });
  const recoveredText = (...events: readonly Draft[]): readonly string[] =>
    linesOf(goOn(goOn(story(facts, begun), factsFor([]), ...events), facts, over));
  const restored = (...events: readonly Draft[]) =>
    recoveredText(...events).find((each) => each.startsWith('Normal: '));
  const opened = [declaredBy({}), delivered('inc-7.webhook.1')];
  const set = read({ [setting]: '2' });

  it.each<[string, readonly Draft[], string | undefined]>([
    ['what was in force during it', [...opened, set, read()], `Normal: ${setting}=4`],
    ['what was in force before, and ended in it', [set, ...opened, read()], `Normal: ${setting}=4`],
    ['nothing that had ended before', [set, read(), ...opened], undefined],
    ['nothing that is still in force', [...opened, set], undefined],
    [
      'that the fallback is off',
      [...opened, told({ fallback: true }), told({ fallback: false })],
      'Normal: fallback off',
    ],
    ['nothing of a fallback that was off all along', [...opened, told({ fallback: false })], undefined],
    [
      'nothing that set the stage of a drill',
      [
        {
          type: 'toggle.applied',
          data: { values: { [setting]: '2' }, purpose: 'prepare', via: 'x', durationMs: 1, ok: true },
        } as unknown as Draft,
        ...opened,
        set,
        read(),
      ],
      undefined,
    ],
  ])('%s', (_, events, line) => {
    expect(restored(...events)).toBe(line);
  });

  it.each<[string, readonly Draft[], string | undefined]>([
    [
      'answered in the end',
      [told({ 'provider-direct': false }), told({ 'provider-direct': true }), told({})],
      'Provider up (asked directly)',
    ],
    [
      'did not answer in the end',
      [told({ 'provider-direct': true }), told({ 'provider-direct': false })],
      'Provider down (asked directly)',
    ],
    ['was not asked', [told({})], undefined],
  ])('and that the provider %s', (_, asked, line) => {
    expect(recoveredText(...opened, ...asked).find((each) => each.startsWith('Provider'))).toBe(line);
  });

  it('and how many checks passed, how long it took, and when the postmortem is due', () => {
    const mixed = [
      criterion('check', 'a'),
      { ...criterion('check', 'b'), met: false },
      criterion('signal', 'c'),
    ];
    const lines = linesOf(
      goOn(story(facts, begun, ...opened), facts, change(20, 9, { ...changes.recovered, criteria: mixed })),
    );
    expect(lines).toContain('1 contract check passed');
    expect(lines[0]).toBe('[RESOLVED] SEV-2 shop: normal again after 20 min 00 s');
    expect(lines).toContain('Postmortem by 14 Sep 11:02 WIB');
  });

  it('by the severity that it had at its worst', () => {
    const worse = change(5, 2, { kind: 'signal-joined', severity: 'SEV-1', by });
    expect(recoveredText(...opened, worse)[0]).toMatch(/^\[RESOLVED\] SEV-1 shop/);
    const closed = change(20, 9, { kind: 'closed', because: 'drill-ended' });
    const lines = linesOf(goOn(story(facts, begun, ...opened, worse), facts, closed));
    expect(lines.slice(0, 2)).toEqual([
      '[CLOSED] SEV-1 shop: closed without recovery, the drill has ended',
      'CoinAPI is unreachable: 100%, limit 50%',
    ]);
  });
});

it('what is mitigated asks for nothing more', () => {
  const fired = { signal: `toggle:${setting}`, subject: { kind: 'toggle', name: setting } } as const;
  const mitigated = change(6, 2, { kind: 'mitigated', because: 'x', fails: 'side' });
  const late = failed('side', { requestId: 'r-1' }, 5);
  const text = textOf(story(facts, begun, read({ [setting]: '3' }), declaredBy(fired), late, mitigated));
  expect(text).toContain('[MITIGATED]');
  expect(text).not.toMatch(/Next:|Set back|X-Request-Id/);
});

describe('a message that ends an incident', () => {
  const over = change(20, 9, { ...changes.recovered, symptoms: calm });
  it.each<[string, readonly Draft[], boolean]>([
    ['tells what a message of it had named', [declaredBy({}), updated('inc-7', 1)], true],
    ['tells nothing that a message of another one had named', [declaredBy({}), updated('inc-8', 1)], false],
    ['tells nothing that was named before it was opened', [updated('inc-7', 0), declaredBy({})], false],
  ])('%s', (_, events, isTold) => {
    const known = written(begun, ...events, delivered('inc-7.webhook.9'), over);
    const lines = linesOf(dueNow(known, facts));
    expect(lines[0]).toContain('[RESOLVED]');
    expect(lines.includes(`Normal: ${setting}=4`)).toBe(isTold);
  });

  it('tells nothing that happened after it', () => {
    const opened = [declaredBy({}), updated('inc-7', 1), delivered('inc-7.webhook.9')];
    const set = read({ FALLBACK_PROVIDER: 'cache' });
    const later = [read(), told({ 'provider-direct': true, fallback: false })];
    const lines = linesOf(
      dueNow(written(begun, ...opened, set, told({ fallback: true }), over, ...later), facts),
    );
    expect(lines).toContain(`Normal: ${setting}=4`);
    expect(lines.join()).not.toMatch(/Provider|fallback off/);
  });

  it('counts from its own beginning, whatever else was opened', () => {
    const other = change(10, 2, changes.declared);
    const data = { ...(other.data as object), incident: 'inc-8' };
    const known = written(begun, declaredBy({}), { ...other, data } as Draft, updated('inc-7', 1), over);
    expect(requested(dueNow(known, facts)).find(({ incident }) => incident === 'inc-7')?.text).toContain(
      'normal again after 20 min 00 s',
    );
  });

  it('tells the hold that it had to keep while it was flapping', () => {
    const flapping = change(5, 4, changes.flapping);
    const known = written(
      begun,
      declaredBy({}),
      flapping,
      change(9, 5, changes.mitigated),
      updated('inc-7', 5),
      over,
    );
    expect(textOf(dueNow(known, facts))).toContain('good for 20m');
  });
});

it('a digest tells what happened to its own incident since, and not that it is flapping', () => {
  const other = { ...change(6, 5, changes.mitigated).data, incident: 'inc-8' };
  const happened = [
    change(5, 4, changes.flapping),
    { type: 'incident.transition', data: other } as Draft,
    change(7, 5, changes.mitigated),
    change(20, 6, changes.digest),
    change(21, 7, changes.restored),
  ];
  const fast = factsFor([webhook], 30);
  const lines = linesOf(dueNow(written(begun, declaredBy({}), updated('inc-7', 1), ...happened), fast));
  expect(lines.filter((line) => /^\d\d:\d\d/.test(line))).toEqual(['10:49:00 mitigated']);
  expect(lines).toContain('Next digest in 15m÷30 if anything happens');
});

it('a message has the address of its run beside it, where there is one', () => {
  const [plain] = requested(story(facts, begun, declaredBy({})));
  const [linked] = requested(story({ ...facts, link: 'https://ci.example/1' }, begun, declaredBy({})));
  expect([plain, linked].map((data) => data && ['link' in data, 'through' in data, data.link])).toEqual([
    [false, false, undefined],
    [true, false, 'https://ci.example/1'],
  ]);
});

it('figures of a time that nobody looked at are told by their window', () => {
  expect(figuresOf(at + minute)).toContain('(5m)');
  expect(figuresOf(at)).toContain('(1s)');
});
