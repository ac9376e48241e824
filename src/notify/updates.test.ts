import { describe, expect, it } from 'vitest';
import type { CheckFinished } from '../event/catalogue.ts';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import type { Firing, IncidentChange } from '../event/incident.ts';
import { requestMessages } from './request.ts';
import {
  answered,
  at,
  begun,
  brief,
  by,
  changes,
  delivered,
  factsFor,
  goOn,
  linesOf,
  minute,
  read,
  requested,
  story,
  symptoms,
  telegram,
  textOf,
  transition,
  webhook,
} from './testing/story.ts';

const slow: Firing = { ...by, signal: 'db.latency', got: 'p99 1 s (n=34)', value: 1_000, n: 34 };
const facts = factsFor([webhook]);

/** A change so many minutes after the incident began. */
function change(minutes: number, ordinal: number, told: IncidentChange): Draft {
  const data = { incident: 'inc-7', group: 'service', ordinal, drill: false, change: told };
  return { type: 'incident.transition', data: { ...data, effectiveAt: at + minutes * minute } };
}
const joined = (minutes: number, ordinal: number, severity: 'SEV-1' | 'SEV-2' = 'SEV-2'): Draft =>
  change(minutes, ordinal, { kind: 'signal-joined', by: { ...slow, since: at }, severity });
const mitigated = (minutes: number, ordinal: number, still?: string): Draft =>
  change(minutes, ordinal, { kind: 'mitigated', because: 'x', ...(still !== undefined && { still }) });
const worse = (minutes: number, ordinal: number): Draft =>
  change(minutes, ordinal, { kind: 'worsened', because: 'x', over: { ...slow, since: at } });
const tick = (minutes: number): Draft => ({
  type: 'tick',
  data: { bucket: 0 },
  at: at + minutes * minute,
});
const readAt = (minutes: number, abnormal: Readonly<Record<string, string>> = {}): Draft => ({
  ...read(abnormal),
  at: at + minutes * minute,
});
const opened = story(facts, begun, readAt(0), transition(1, 'declared'));

describe('what happens to an open incident is told too', () => {
  it('another signal, by its figure against its limit', () => {
    const events = goOn(opened, facts, joined(6, 2));
    expect(brief(events)).toEqual(['webhook DEGRADED 1', 'webhook UPDATE 2']);
    expect(linesOf(events).slice(0, 3)).toEqual([
      '[UPDATE] SEV-2 shop: effect on users unknown',
      'The database is slow: 1 s, limit 500 ms',
      'No action yet',
    ]);
  });

  it('that it is mitigated, and what is still over its limit', () => {
    const events = goOn(opened, facts, mitigated(6, 2, 'db.latency'));
    expect(linesOf(events).slice(0, 2)).toEqual([
      '[MITIGATED] SEV-2 shop: inside its limits again',
      'Still over: The database is slow',
    ]);
    expect(textOf(events)).not.toContain('Next:');
  });

  it('that it is mitigated although a check still fails', () => {
    const told = { kind: 'mitigated', because: 'x', fails: 'side' } as const;
    const events = goOn(opened, facts, change(6, 2, told));
    expect(linesOf(events).slice(0, 2)).toEqual([
      '[MITIGATED] SEV-2 shop: users unaffected',
      'Still failing: side',
    ]);
  });

  it('hunt 9: that it is mitigated, and what is not measured any more', () => {
    const unknown = { kind: 'mitigated', because: 'x', unknown: ['db.latency', 'check:side'] } as const;
    const events = goOn(opened, facts, change(6, 2, unknown));
    expect(linesOf(events).slice(0, 2)).toEqual([
      '[MITIGATED] SEV-2 shop: users unaffected',
      'Not measured now: The database is slow, check:side',
    ]);
  });

  it('that it is worse again', () => {
    const events = goOn(opened, facts, mitigated(6, 2), worse(12, 3));
    expect(brief(events).slice(1)).toEqual(['webhook UPDATE 2', 'webhook UPDATE 3']);
    expect(linesOf(events)[0]).toMatch(/^\[WORSE\] SEV-2 shop: /);
    expect(linesOf(events)[1]).toBe('The database is slow: 1 s, limit 500 ms');
  });

  it('that somebody set a toggle, which is no next step any more', () => {
    const events = goOn(opened, facts, readAt(7, { FEATURE_COINAPI_ENABLED: 'false' }));
    expect(brief(events)).toEqual(['webhook DEGRADED 1', 'webhook UPDATE 1']);
    expect(linesOf(events)).toContain('In force: FEATURE_COINAPI_ENABLED=false');
    expect(linesOf(events)).toContain('Next: FEATURE_DEGRADED_MODE=true, SCREENER_MAX_CONCURRENCY=2');
    expect(linesOf(events).at(-1)).toBe('inc-7 #2, 10:49 WIB');
  });

  it('in Indonesian as well', () => {
    const id = factsFor([telegram]);
    const known = story(id, begun, readAt(0), transition(1, 'declared'));
    expect(linesOf(goOn(known, id, joined(6, 2))).slice(0, 3)).toEqual([
      '[KABAR] SEV-2 shop: dampak pada pengguna belum diketahui',
      'Database lambat: 1 s, batas 500 ms',
      'Belum ada tindakan',
    ]);
  });
});

const joinedBy = (minutes: number, ordinal: number, told: Firing, severity: 'SEV-1' | 'SEV-2' = 'SEV-2') =>
  change(minutes, ordinal, { kind: 'signal-joined', by: told, severity });
const pairsFailed = answered({ check: 'pairs', outcome: 'failed', endpoint: 'GET /pairs', tags: ['core'] });

describe('an update repeats nothing that was told', () => {
  const named = story(facts, begun, pairsFailed, transition(1, 'declared'));

  it('two-am: a message says which signals it told', () => {
    expect(requested(named).map(({ told }) => told)).toEqual([['provider.health', 'check:pairs']]);
    expect(linesOf(named)[0]).toBe('SEV-2 shop: GET /pairs fails');
  });

  it('two-am: a check that the first message named joins in silence', () => {
    const events = goOn(named, facts, joinedBy(6, 2, firing({})), tick(7), tick(30));
    expect(brief(events)).toEqual(['webhook DEGRADED 1']);
  });

  it('two-am: what is new is told without what was told', () => {
    const events = goOn(
      named,
      facts,
      joinedBy(1, 2, firing({})),
      joinedBy(2, 3, { ...slow, since: at }),
      tick(6),
    );
    expect(brief(events)).toEqual(['webhook DEGRADED 1', 'webhook UPDATE 3']);
    expect(textOf(events)).not.toContain('pairs: got');
    expect(textOf(events)).toContain('The database is slow');
  });

  it('two-am: one that makes it more severe is told all the same', () => {
    const events = goOn(named, facts, joinedBy(1, 2, firing({}), 'SEV-1'));
    expect(brief(events)).toEqual(['webhook DEGRADED 1', 'webhook UPDATE 2']);
  });

  it('two-am: after it was reopened what was told before is news again', () => {
    const told = goOn(named, facts, joinedBy(6, 2, { ...slow, since: at }), change(20, 3, changes.recovered));
    const again = goOn(told, facts, transition(7, 'reopened'), joinedBy(40, 8, { ...slow, since: at }));
    expect(brief(again).at(-1)).toBe('webhook UPDATE 8');
  });
});

describe('at most one update in five minutes', () => {
  it('what comes sooner waits, and is told together', () => {
    const soon = goOn(opened, facts, joined(1, 2), worse(2, 3), tick(4));
    expect(brief(soon)).toEqual(['webhook DEGRADED 1']);
    expect(requestMessages(soon, facts, at + 4 * minute).waiting).toBe(true);
    const events = goOn(soon, facts, tick(5), tick(6), tick(30));
    expect(brief(events)).toEqual(['webhook DEGRADED 1', 'webhook UPDATE 3']);
    expect(requestMessages(events, facts, at + 40 * minute)).toEqual({ drafts: [], waiting: false });
  });

  it('unless the severity has risen', () => {
    const events = goOn(opened, facts, joined(1, 2, 'SEV-1'));
    expect(brief(events)).toEqual(['webhook DEGRADED 1', 'webhook UPDATE 2']);
    expect(linesOf(events)[0]).toMatch(/^\[WORSE\] SEV-1 shop: /);
  });

  it('divided by the speed, as the period of digests is', () => {
    const fast = factsFor([webhook], 30);
    const known = story(fast, begun, transition(1, 'declared'));
    const events = goOn(known, fast, joined(9 / 60, 2), tick(9.9 / 60));
    expect(brief(events)).toHaveLength(1);
    expect(brief(goOn(events, fast, tick(10 / 60)))).toEqual(['webhook DEGRADED 1', 'webhook UPDATE 2']);
  });

  it('counted from the last message of that channel', () => {
    const first = goOn(opened, facts, joined(6, 2), mitigated(10, 3));
    expect(brief(first)).toEqual(['webhook DEGRADED 1', 'webhook UPDATE 2']);
    expect(brief(goOn(first, facts, tick(11))).at(-1)).toBe('webhook UPDATE 3');
  });

  it('nothing waits any more once it has recovered', () => {
    const known = goOn(opened, facts, joined(1, 2), delivered('inc-7.webhook.1'));
    const events = goOn(known, facts, change(3, 3, changes.recovered), tick(30));
    expect(brief(events)).toEqual(['webhook DEGRADED 1', 'webhook RECOVERED 3']);
  });
});

describe('an update is told of the time of what is newest in it', () => {
  const set = { FEATURE_COINAPI_ENABLED: 'false' };
  it.each<[string, readonly Draft[], string]>([
    ['a toggle that was set after a signal joined', [joined(1, 2), readAt(4, set), tick(5)], '10:46'],
    ['a signal that joined after a toggle was set', [readAt(1, set), joined(3, 2), tick(5)], '10:45'],
    ['a toggle, whatever was asked since', [readAt(3, set), tick(6)], '10:45'],
  ])('%s', (_, events, time) => {
    expect(linesOf(goOn(opened, facts, ...events)).at(-1)).toBe(`inc-7 #2, ${time} WIB`);
  });
});

it('worse again is told also where no signal says so', () => {
  const events = goOn(opened, facts, mitigated(6, 2), change(12, 3, { kind: 'worsened', because: 'x' }));
  expect(brief(events).at(-1)).toBe('webhook UPDATE 3');
  expect(linesOf(events)[0]).toMatch(/^\[WORSE\] SEV-2 shop: /);
});

describe('no update', () => {
  it.each<[string, readonly Draft[]]>([
    ['of what began it with others in the same moment', [joined(0, 2), tick(30), tick(60)]],
    ['of what a digest tells', [joined(1, 2)]],
    ['of what people were promised silence about', [transition(2, 'stable'), joined(20, 3), tick(40)]],
    ['of a toggle that the first message named', [readAt(7, {})]],
    ['of what set the stage of a drill', [prepared(), readAt(8, { FALLBACK_ENABLED: 'false' })]],
  ])('%s', (name, events) => {
    const first = name.includes('digest')
      ? [transition(1, 'digested'), transition(2, 'flapping')]
      : [readAt(0), transition(1, 'declared')];
    // What happened in one moment is in the store before anybody is asked.
    const known = name.includes('same moment')
      ? goOn([], factsFor([]), begun, ...first, ...events.slice(0, 1))
      : goOn([], facts, begun, ...first);
    const rest = name.includes('same moment') ? events.slice(1) : events;
    expect(brief(goOn(known, facts, ...rest)).filter((each) => each.includes('UPDATE'))).toEqual([]);
  });
});

function prepared(): Draft {
  const data = {
    values: { FALLBACK_ENABLED: 'false' },
    purpose: 'prepare',
    via: 'x',
    durationMs: 1,
    ok: true,
  };
  return { type: 'toggle.applied', data: data as Extract<SiagaEvent, { type: 'toggle.applied' }>['data'] };
}

it('an incident that closes with its load says so', () => {
  const events = goOn(opened, facts, change(6, 2, { kind: 'closed', because: 'load-ended' }), tick(30));
  expect(brief(events)).toEqual(['webhook DEGRADED 1', 'webhook CLOSED 2']);
  expect(linesOf(events)).toEqual([
    '[CLOSED] SEV-2 shop: closed without recovery, the load has ended',
    'CoinAPI is unreachable: 100%, limit 50%',
    'npx siaga report r',
    'inc-7 #2, 10:48 WIB',
  ]);
});

const failed = (more: Partial<CheckFinished>): Draft =>
  answered({ check: 'pairs', outcome: 'failed', endpoint: 'GET /pairs', ...more });
function firing(more: Partial<Firing>): Firing {
  return {
    signal: 'check:pairs',
    subject: { kind: 'check', name: 'pairs' },
    got: 'connection refused (ECONNREFUSED)',
    allowed: 'a whole answer within 1 s',
    since: at,
    // The first event of the story.
    evidence: [1],
    ...more,
  };
}

const ofCheck = (name: string) => firing({ signal: `check:${name}`, subject: { kind: 'check', name } });

describe('hunt a: checks that fail in the same pass are told together', () => {
  const second = 1 / 60;
  const asked = { ...facts, gathered: false };
  const first = change(0, 1, { kind: 'declared', severity: 'SEV-3', by: ofCheck('state'), symptoms });
  const core = (seconds: number): Draft => joinedBy(seconds * second, 2, ofCheck('orders'));
  const dueAt = (events: readonly SiagaEvent[], seconds: number) =>
    requestMessages(events, asked, at + seconds * 1_000);

  it('the first waits three seconds for the others', () => {
    const events = story(asked, begun, first, core(0.4));
    expect(brief(events)).toEqual([]);
    expect(dueAt(events, 2.9)).toEqual({ drafts: [], waiting: true, until: at + 3_000 });
    const { drafts, waiting } = dueAt(events, 3);
    expect([brief(drafts), waiting]).toEqual([['webhook DEGRADED 1'], false]);
    expect(requested(drafts)).toMatchObject([{ through: 2, told: ['check:orders', 'check:state'] }]);
    expect(linesOf(drafts)[0]).toMatch(/^SEV-2 shop/);
    expect(linesOf(drafts)[1]).toMatch(/^orders: .*; also state: /);
  });

  it('then an update tells only what came later', () => {
    const events = goOn(story(asked, begun, first, core(0.4), tick(0.06)), asked, joined(6, 3, 'SEV-1'));
    expect(brief(events)).toEqual(['webhook DEGRADED 1', 'webhook UPDATE 3']);
  });

  it('nothing waits where it is SEV-0 at once, where no check began it, or where the run ends', () => {
    const worst = change(0, 1, { kind: 'declared', severity: 'SEV-0', by: ofCheck('orders'), symptoms });
    expect(brief(story(asked, begun, worst))).toEqual(['webhook DEGRADED 1']);
    expect(brief(story(asked, begun, transition(1, 'declared')))).toEqual(['webhook DEGRADED 1']);
    expect(brief(requestMessages(story(asked, begun, first), facts, at).drafts)).toEqual([
      'webhook DEGRADED 1',
    ]);
  });
});

describe('a failing check is told by what it got, in Indonesian without an English word', () => {
  it.each<[Partial<CheckFinished>, Partial<Firing>, string]>([
    [{ noConnection: 'refused' }, {}, 'pairs gagal: koneksi ditolak'],
    [{ timedOut: true }, {}, 'pairs gagal: tidak terjawab sampai batas waktunya'],
    [{ status: 503 }, { got: '503', allowed: '200' }, 'pairs gagal: dapat 503, seharusnya 200'],
    [{ status: 503 }, { got: 'text', allowed: 'JSON' }, 'pairs gagal: status 503'],
    [{ status: 200 }, { got: 'text', allowed: 'JSON', path: 'body' }, 'pairs gagal: body tidak sesuai'],
    [{}, { got: 'text', allowed: 'JSON', evidence: [] }, 'pairs gagal: jawaban tidak sesuai'],
  ])('%j %j', (answer, more, expected) => {
    const declared = change(0, 1, { ...changes.declared, by: firing(more) });
    expect(linesOf(story(factsFor([telegram]), failed(answer), declared))[1]).toBe(expected);
    const { got = firing(more).got, allowed = firing(more).allowed } = more;
    expect(textOf(story(facts, failed(answer), declared))).toContain(
      `pairs: got ${got}, expected ${allowed}`,
    );
  });
});

describe('hunt e: slow answers are slow, and not failures', () => {
  const tooSlow = { got: '904 ms', allowed: 'at most 300 ms', path: 'duration' } as const;
  const declared = change(0, 1, { ...changes.declared, by: firing(tooSlow) });
  const late = failed({ endpoint: 'GET /items', status: 200, slowOnly: true });

  it('in the headline and in the message, in both languages', () => {
    expect(linesOf(story(facts, late, declared)).slice(0, 2)).toEqual([
      'SEV-2 shop: GET /items is slow',
      'pairs is slow: 904 ms, allowed at most 300 ms',
    ]);
    expect(linesOf(story(factsFor([telegram]), late, declared)).slice(0, 2)).toEqual([
      'SEV-2 shop: GET /items lambat',
      'pairs lambat: 904 ms',
    ]);
  });

  it('what fails beside it comes first', () => {
    const other = failed({ check: 'orders', endpoint: 'GET /orders', status: 500 });
    expect(linesOf(story(facts, late, other, declared))[0]).toBe('SEV-2 shop: GET /orders fails');
  });
});

it('hunt f: figures are told with the time that was looked at, where that is shorter than the window', () => {
  const told = [8_000, 30 * minute].map((looked) =>
    textOf(story({ ...facts, announceAfter: at - looked }, change(0, 1, changes.declared))),
  );
  expect(told[0]).toContain('errors 2.8% (8s)');
  expect(told[1]).toContain('errors 2.8% (5m)');
});
