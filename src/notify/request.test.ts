import { describe, expect, it } from 'vitest';
import type { CheckFinished } from '../event/catalogue.ts';
import type { Draft } from '../event/envelope.ts';
import type { Firing, Symptoms } from '../event/incident.ts';
import { longestText } from './texts/lines.ts';
import {
  answered,
  at,
  begun,
  brief,
  by,
  calm,
  changes,
  contained,
  dataOf,
  dead,
  delivered,
  dueNow,
  written,
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
  told,
  transition,
  webhook,
} from './testing/story.ts';

const openedBy = (firing: Firing): Draft => ({
  type: 'incident.transition',
  data: {
    incident: 'inc-7',
    group: 'service',
    ordinal: 1,
    effectiveAt: at,
    drill: false,
    change: { kind: 'declared', severity: 'SEV-3', by: firing, symptoms },
  },
});

describe('hunt d: a toggle that is out', () => {
  const toggle = 'FEATURE_DEGRADED_MODE';
  const out: Firing = {
    signal: `toggle:${toggle}`,
    subject: { kind: 'toggle', name: toggle },
    got: 'true',
    allowed: 'false',
    since: at,
    evidence: [],
  };
  const set = read({ [toggle]: 'true' });

  it.each([
    ['en', webhook, `Set back: ${toggle}=false, or ask who set it`],
    ['id', telegram, `Kembalikan: ${toggle}=false, atau tanyakan siapa yang menyetel`],
  ] as const)('is to be set back, and no other toggle is advised (%s)', (_, channel, advice) => {
    // One that helps against every signal.
    const facts = { ...factsFor([channel]), toggles: [{ name: 'SCREENER_MAX_CONCURRENCY', incident: '2' }] };
    const lines = linesOf(story(facts, begun, set, openedBy(out)));
    expect(lines).toContain(advice);
    expect(lines.filter((line) => /^(Next|Setel):/.test(line))).toEqual([]);
  });

  it('beside a signal that fired: what helps against that is advised as well', () => {
    const joined: Draft = {
      type: 'incident.transition',
      data: {
        ...dataOf(openedBy(out)),
        ordinal: 2,
        change: { kind: 'signal-joined', by, severity: 'SEV-2' },
      },
    };
    const text = textOf(story(factsFor([webhook]), begun, set, openedBy(out), joined));
    expect(text).toContain(`Set back: ${toggle}=false`);
    expect(text).toContain('Next: FEATURE_COINAPI_ENABLED=false');
  });
});

it('hunt 10: a message names the address where that is not the configuration’s', () => {
  const system = 'staging (http://127.0.0.1:48790)';
  const facts = { ...factsFor([webhook]), system };
  expect(linesOf(story(facts, begun, transition(1, 'declared')))[0]).toContain(`SEV-2 ${system}: `);
});

it.each([
  ['en', webhook, 'Not asked, no longer in the project: check:orders'],
  ['id', telegram, 'Tidak diperiksa, sudah dihapus dari proyek: check:orders'],
] as const)('hunt 12: RECOVERED says what was not asked any more (%s)', (_, channel, line) => {
  const change = { ...changes.recovered, gone: ['check:orders'] };
  const recovered: Draft = {
    type: 'incident.transition',
    data: { ...dataOf(transition(2, 'recovered')), change },
  };
  const before = story(factsFor([channel]), transition(1, 'declared'), delivered(`inc-7.${channel.name}.1`));
  expect(linesOf(goOn(before, factsFor([channel]), recovered))).toContain(line);
  expect(linesOf(goOn(before, factsFor([channel]), transition(2, 'recovered')))).not.toContain(line);
});

describe('DEGRADED tells what R59 asks for', () => {
  it('in Indonesian', () => {
    const failing = answered({
      check: 'sol',
      endpoint: 'GET /api/sol/complete',
      outcome: 'failed',
      requestId: '7c2b-f2',
    });
    const events = [begun, told({ fallback: true }), contained, failing, transition(1, 'declared')];
    expect(linesOf(story(factsFor([telegram]), ...events))).toEqual([
      'SEV-2 shop: GET /api/sol/complete gagal',
      'CoinAPI tidak terjangkau: 100%, batas 50%',
      'p95 820 ms, galat 2.8% (5m)',
      'Berlaku: sumber cadangan, FALLBACK_PROVIDER=cache, SCREENER_MAX_CONCURRENCY=2',
      'Setel: FEATURE_COINAPI_ENABLED=false +1',
      'npx siaga check',
      'X-Request-Id 7c2b-f2',
      'inc-7 #1, 10:42 WIB, sasaran 8 jam',
    ]);
  });

  it('in English', () => {
    expect(linesOf(story(factsFor([webhook]), transition(1, 'declared', true)))).toEqual([
      '[DRILL] SEV-2 shop: 2.8% of requests fail',
      'CoinAPI is unreachable: 100%, limit 50%',
      'p95 820 ms, errors 2.8% (5m)',
      'Next: FEATURE_COINAPI_ENABLED=false, FEATURE_DEGRADED_MODE=true, SCREENER_MAX_CONCURRENCY=2',
      'npx siaga check',
      'X-Request-Id 7c2b-f1',
      'inc-7 #1, 10:42 WIB, target 8 hours',
    ]);
  });

  it('calls unknown what is unknown', () => {
    const unknown: Symptoms = { windowMs: 5 * minute, p95: null, errorRatio: null, n: 0 };
    const change = { ...changes.declared, symptoms: unknown };
    const event = {
      type: 'incident.transition',
      data: { ...dataOf(transition(1, 'declared')), change },
    } as Draft;
    const lines = linesOf(story(factsFor([webhook]), event));
    expect(lines).toContain('p95 and errors not measured (5m)');
    expect(lines[0]).toBe('SEV-2 shop: effect on users unknown');
    expect(lines.join('\n')).not.toContain('X-Request-Id');
  });
});

it.each([
  [factsFor([webhook]), 'too few requests (n=5) to judge (5m)'],
  [factsFor([telegram]), 'permintaan terlalu sedikit (n=5) untuk dinilai (5m)'],
])('two-am: five requests are too few to judge, and not none', (facts, expected) => {
  const few: Symptoms = { windowMs: 5 * minute, p95: 820, errorRatio: 0.2, n: 5 };
  const change = { ...changes.declared, symptoms: few };
  const event = {
    type: 'incident.transition',
    data: { ...dataOf(transition(1, 'declared')), change },
  } as Draft;
  expect(linesOf(story(facts, begun, event))).toContain(expected);
});

describe('MITIGATED-STABLE tells in whose hands it is', () => {
  it('in Indonesian', () => {
    const events = [begun, told({ fallback: true }), contained, transition(1, 'declared')];
    expect(linesOf(story(factsFor([telegram]), ...events, transition(2, 'stable')))).toEqual([
      '[TERKENDALI] SEV-2 shop: memakai sumber cadangan, di dalam batas',
      'p95 310 ms, galat 0.4% (5m)',
      'Berlaku: sumber cadangan, FALLBACK_PROVIDER=cache, SCREENER_MAX_CONCURRENCY=2',
      'Penanggung jawab: Incident Owner, tinjauan paling lambat 14 Sep 12:42 WIB',
      'Mereda sejak 13 Sep 10:42 WIB',
      'inc-7 #2, 10:47 WIB',
    ]);
  });

  it('in English', () => {
    const events = [transition(1, 'declared', true), transition(2, 'stable', true)];
    expect(linesOf(story(factsFor([webhook]), ...events))).toEqual([
      '[DRILL] [MITIGATED-STABLE] SEV-2 shop: on fallback, inside its limits',
      'p95 310 ms, errors 0.4% (5m)',
      'Owner: Incident Owner, review by 14 Sep 12:42 WIB',
      'Mitigated since 13 Sep 10:42 WIB',
      'No more messages until it is worse or over',
      'inc-7 #2, 10:47 WIB',
    ]);
  });

  it('once, and pages again when it is worse', () => {
    const first = story(factsFor([telegram]), transition(1, 'declared'), transition(2, 'stable'));
    const events = goOn(first, factsFor([telegram]), transition(3, 'worsened'), transition(4, 'restored'));
    expect(brief(events)).toEqual([
      'telegram DEGRADED 1',
      'telegram MITIGATED-STABLE 2',
      'telegram DEGRADED 3',
    ]);
    expect(linesOf(events)[0]).toBe('[MEMBURUK] SEV-2 shop: 2.8% permintaan gagal');
  });
});

describe('while it is flapping, digests', () => {
  const before = [transition(1, 'declared'), transition(2, 'recovered')];
  const begins = [...before, transition(3, 'digested'), transition(4, 'flapping')];
  const goesOn = [...begins, transition(5, 'mitigated'), transition(6, 'restored'), transition(7, 'digest')];

  it('take the place of DEGRADED, and the first says why, in English', () => {
    const events = story(factsFor([webhook]), ...begins);
    expect(brief(events)).toEqual(['webhook DEGRADED 1', 'webhook COMBINED 2', 'webhook DIGEST 4']);
    expect(linesOf(events)).toEqual([
      '[FLAPPING] SEV-1 shop: DEGRADED, 0 of 20 good minutes',
      '3 changes since 13 Sep 10:42 WIB',
      '10:52 degraded again: CoinAPI is unreachable',
      'p95 820 ms, errors 2.8% (5m)',
      'Next digest in 15m if anything happens',
      'npx siaga check',
      'inc-7 #3, 10:57 WIB',
    ]);
  });

  it('tell what happened since the last one, in Indonesian', () => {
    const events = story(factsFor([telegram]), ...goesOn);
    expect(brief(events).at(-1)).toBe('telegram DIGEST 7');
    expect(linesOf(events)).toEqual([
      '[BERULANG] SEV-1 shop: memulih, 3 dari 20 menit baik',
      '11:02 mereda',
      '11:07 konfigurasi kembali normal, hitungan dimulai',
      'p95 310 ms, galat 0.4% (5m)',
      'Ringkasan berikutnya dalam 15m bila ada yang terjadi',
      'npx siaga check',
      'inc-7 #4, 11:12 WIB',
    ]);
  });

  it('are sent once each, whoever asks again', () => {
    const facts = factsFor([telegram, webhook]);
    expect(dueNow(story(facts, ...goesOn), facts)).toEqual([]);
  });

  it('end with RECOVERED, which tells the hold that it took', () => {
    const ids = ['inc-7.webhook.1', 'inc-7.webhook.2', 'inc-7.webhook.3', 'inc-7.webhook.4'];
    const first = story(factsFor([webhook]), ...goesOn);
    const events = goOn(first, factsFor([webhook]), ...ids.map(delivered), transition(8, 'recovered'));
    expect(brief(events).at(-1)).toBe('webhook RECOVERED 8');
    expect(textOf(events)).toContain('good for 20m');
  });

  it('leave no longer hold to the next time', () => {
    const events = [...goesOn, transition(8, 'recovered'), transition(9, 'reopened')];
    const acks = [1, 2, 3, 4, 5, 6].map((number) => delivered(`inc-7.webhook.${number}`));
    const first = story(factsFor([webhook]), ...events);
    expect(textOf(goOn(first, factsFor([webhook]), ...acks, transition(10, 'recovered')))).toContain(
      'good for 10m',
    );
  });

  it('that nobody has received by then are withdrawn for one combined message', () => {
    const events = story(factsFor([webhook]), ...goesOn, transition(8, 'recovered'));
    expect(brief(events).at(-1)).toBe('webhook COMBINED 8');
  });

  it('are none where the judge of that time knew of none', () => {
    const old = {
      ...dataOf(transition(3, 'flapping')),
      change: { kind: 'flapping', holdBuckets: 20 },
    } as const;
    const events = story(factsFor([webhook]), ...before, { type: 'incident.transition', data: old });
    expect(brief(events)).toHaveLength(2);
  });
});

describe('RECOVERED tells what R60 asks for', () => {
  it('in Indonesian', () => {
    const before = [
      begun,
      told({ fallback: true }),
      contained,
      transition(1, 'declared'),
      transition(2, 'restored'),
    ];
    const first = story(factsFor([telegram]), ...before);
    const later = [
      delivered('inc-7.telegram.1'),
      read(),
      told({ fallback: false, 'provider-direct': true }),
      transition(3, 'recovered'),
    ];
    expect(linesOf(goOn(first, factsFor([telegram]), ...later))).toEqual([
      '[PULIH] SEV-2 shop: normal lagi setelah 10 min 00 s',
      'p95 310 ms, galat 0.4% (5m); baik selama 10m',
      'Penyedia menjawab (langsung)',
      'Normal: sumber cadangan mati, FALLBACK_PROVIDER=okx, SCREENER_MAX_CONCURRENCY=4',
      'Post-mortem sebelum 14 Sep 10:52 WIB',
      'npx siaga report r',
      'inc-7 #2, 10:52 WIB',
    ]);
  });

  it('in English, with the windows that a compressed run really had', () => {
    const facts = factsFor([webhook], 30);
    const change = { ...changes.recovered, symptoms: { ...calm, windowMs: 10_000 } };
    const recovered = {
      type: 'incident.transition',
      data: { ...dataOf(transition(3, 'recovered')), change },
    } as Draft;
    const events = story(facts, transition(1, 'declared'), delivered('inc-7.webhook.1'), recovered);
    expect(linesOf(events)).toEqual([
      '[RESOLVED] SEV-2 shop: normal again after 10 min 00 s',
      'p95 310 ms, errors 0.4% (5m÷30); good for 10m÷30',
      '2 contract checks passed',
      'Postmortem by 14 Sep 10:52 WIB',
      'npx siaga report r',
      'inc-7 #2, 10:52:00 WIB',
    ]);
  });
});

const inForce = (known: ReturnType<typeof story>) =>
  linesOf(known).find((each) => each.startsWith('In force'));
const failed = (more: Partial<CheckFinished>) => answered({ outcome: 'failed', ...more });

describe('row 26: facts of that moment, of that incident, of that target', () => {
  const facts = factsFor([webhook]);

  it('row 26: no toggle of an incident before, restored since', () => {
    const earlier = [begun, transition(1, 'declared'), contained, transition(2, 'recovered')];
    const events = story(facts, ...earlier, read(), transition(3, 'reopened'));
    expect(inForce(events)).toBeUndefined();
    expect(linesOf(events)).toContain('No action yet');
    expect(brief(events).at(-1)).toBe('webhook DEGRADED 3');
  });

  it('row 26: nothing that happened after it, however late it is written', () => {
    const known = written(begun, read(), transition(1, 'declared'), contained, told({ fallback: true }));
    expect(linesOf(dueNow(known, facts))).toContain('No action yet');
  });

  it('row 26: the request id is one of this incident', () => {
    const old = { ...answered({ outcome: 'failed', requestId: 'old' }), at: at - 60 * minute } as Draft;
    const other = answered({ outcome: 'failed', requestId: 'other', dependency: 'coinapi' });
    const { requestId: _, ...nameless } = changes.declared.symptoms;
    const change = { ...changes.declared, symptoms: nameless };
    const declared = { ...transition(1, 'declared'), data: { ...dataOf(transition(1, 'declared')), change } };
    expect(textOf(story(facts, old, other, declared as Draft))).not.toContain('X-Request-Id');
    const own = { ...answered({ outcome: 'failed', requestId: 'own' }), at } as Draft;
    expect(textOf(story(facts, old, own, other, declared as Draft))).toContain('X-Request-Id own');
  });

  it('row 26: the feature that is hit is one of the target, and of now', () => {
    const known = [
      failed({ check: 'a', endpoint: 'GET /was' }),
      failed({ check: 'b', endpoint: 'GET /dependency', dependency: 'coinapi' }),
      failed({ check: 'c', endpoint: 'GET /is' }),
      answered({ check: 'a', endpoint: 'GET /was' }),
    ];
    expect(linesOf(story(facts, ...known, transition(1, 'declared')))[0]).toBe('SEV-2 shop: GET /is fails');
  });
});

describe('row 39: what a system does not have is not mentioned', () => {
  const facts = factsFor([telegram, webhook]);
  const bare = { ...facts, toggles: [], judge: { ...facts.judge, normalToggles: {} } };
  const known = story(
    bare,
    transition(1, 'declared'),
    ...['telegram', 'webhook'].map((name) => delivered(`inc-7.${name}.1`)),
    transition(2, 'recovered'),
  );

  it.each(requested(known).map(({ channel, template, text }) => [`${template} on ${channel}`, text]))(
    'row 39: %s',
    (_, text) => {
      expect(text).not.toMatch(
        /provider|penyedia|toggle|fallback|cadangan|In force|Berlaku|action|tindakan|normal:/i,
      );
    },
  );
});

it('suspicious: an unreadable toggle is neither in force nor said to be untouched', () => {
  const unread = { type: 'toggle.read', data: { ok: false, values: {}, abnormal: [], reason: 'x' } } as const;
  const lines = linesOf(story(factsFor([webhook]), begun, contained, unread, transition(1, 'declared')));
  expect(lines.filter((line) => /In force|No action/.test(line))).toEqual([]);
});

describe('each transition is told once on each channel', () => {
  const both = factsFor([telegram, webhook]);

  it('however often it is asked', () => {
    const first = story(both, transition(1, 'declared'));
    expect(brief(first)).toEqual(['telegram DEGRADED 1', 'webhook DEGRADED 1']);
    expect(dueNow(first, both)).toEqual([]);
  });

  it('and a reopened incident is told again, with the next number', () => {
    const events = story(
      factsFor([telegram]),
      transition(1, 'declared'),
      delivered('inc-7.telegram.1'),
      transition(2, 'recovered'),
      delivered('inc-7.telegram.2'),
      transition(3, 'reopened'),
    );
    expect(brief(events)).toEqual(['telegram DEGRADED 1', 'telegram RECOVERED 2', 'telegram DEGRADED 3']);
    expect(linesOf(events)[0]).toMatch(/^\[TERBUKA LAGI\] SEV-1 shop: /);
    expect(textOf(events)).toContain('inc-7 #3,');
  });

  it('and what became true before the run cares is history', () => {
    expect(dueNow(written(transition(1, 'declared')), { ...both, announceAfter: at + 1 })).toEqual([]);
  });

  it.each(['restored'] as const)('and %s is not told', (kind) => {
    expect(brief(story(both, transition(1, kind)))).toEqual([]);
  });
});

describe('what an earlier run did not come to request', () => {
  const later = { ...factsFor([telegram, webhook]), announceAfter: at + 60 * minute };
  const takenOver = { ...later, takenOver: 'inc-7' };
  const stopped = written(transition(1, 'declared'), transition(2, 'mitigated'));

  it('is told by the one that goes on with the incident', () => {
    expect(brief(dueNow(stopped, takenOver))).toEqual(['telegram DEGRADED 1', 'webhook DEGRADED 1']);
  });

  it('is history for any other', () => {
    expect(dueNow(stopped, later)).toEqual([]);
  });

  it('is not told again where anybody was told, on whatever channel', () => {
    const known = written(...stopped, ...dueNow(stopped, { ...takenOver, channels: [telegram] }));
    expect(brief(known)).toEqual(['telegram DEGRADED 1']);
    expect(dueNow(known, takenOver)).toEqual([]);
  });
});

describe('a DEGRADED that nobody received when the incident is over', () => {
  const facts = factsFor([telegram]);

  it('is withdrawn, and one message tells both', () => {
    const events = story(facts, transition(1, 'declared'), transition(2, 'recovered'));
    expect(brief(events)).toEqual(['telegram DEGRADED 1', 'telegram COMBINED 2']);
    expect(events).toContainEqual(
      expect.objectContaining(
        dead('inc-7.telegram.1', 'told by the combined message inc-7.telegram.2', 'combined'),
      ),
    );
    expect(linesOf(events)).toEqual([
      '[PULIH] SEV-2 shop: terganggu 10:42, normal lagi 10:47',
      'CoinAPI tidak terjangkau: 100%, batas 50%',
      'p95 310 ms, galat 0.4% (5m); baik selama 10m',
      '2 tes kontrak lulus',
      'Post-mortem sebelum 14 Sep 10:47 WIB',
      'npx siaga report r',
      'Pesan pertama tidak terkirim pada waktunya',
      'inc-7 #2, 10:47 WIB',
    ]);
    expect(dueNow(events, facts)).toEqual([]);
  });

  it('is combined on the channel that lacks it only', () => {
    const both = factsFor([telegram, webhook]);
    const events = story(
      both,
      transition(1, 'declared'),
      delivered('inc-7.telegram.1'),
      transition(2, 'recovered'),
    );
    expect(brief(events).slice(2)).toEqual(['telegram RECOVERED 2', 'webhook COMBINED 2']);
  });

  it('is told together where it was never even requested', () => {
    const known = written(transition(1, 'declared'), transition(2, 'recovered'));
    expect(brief(dueNow(known, facts))).toEqual(['telegram COMBINED 2']);
  });
});

describe('what a channel refuses', () => {
  const standby = factsFor([telegram, { ...webhook, standby: true }]);

  it.each([
    [59, []],
    [60, ['webhook DEGRADED 1']],
  ] as const)('is tried for %i s before the standby channel gets it too', (seconds, more) => {
    const data = { message: 'inc-7.telegram.1', channel: 'telegram', attempt: 6, reason: 'HTTP 503' };
    const unsent: Draft = {
      type: 'message.failed',
      data: { ...data, retryAtMs: at + 2 * minute },
      at: at + seconds * 1_000,
    };
    const events = goOn(story(standby, transition(1, 'declared')), standby, unsent);
    expect(brief(events)).toEqual(['telegram DEGRADED 1', ...more]);
  });

  it('goes to the standby channel, which is silent otherwise', () => {
    const first = story(standby, transition(1, 'declared'));
    expect(brief(first)).toEqual(['telegram DEGRADED 1']);
    const events = goOn(first, standby, dead('inc-7.telegram.1', 'HTTP 403'));
    expect(brief(events)).toEqual(['telegram DEGRADED 1', 'webhook DEGRADED 1']);
  });

  it('does not include what was withdrawn for a combined message', () => {
    const events = story(standby, transition(1, 'declared'), transition(2, 'recovered'));
    expect(brief(events)).toEqual(['telegram DEGRADED 1', 'telegram COMBINED 2']);
    expect(dueNow(events, standby)).toEqual([]);
  });
});

const declaredBy = (more: Partial<Firing>, requestId: string): Draft => {
  const change = {
    ...changes.declared,
    by: { ...by, value: null, ...more },
    symptoms: { ...symptoms, requestId },
  };
  return { type: 'incident.transition', data: { ...dataOf(transition(1, 'declared')), change } };
};

describe('a message', () => {
  it('keeps what came from outside on its line', () => {
    const text = textOf(
      story(factsFor([webhook]), declaredBy({ got: 'x\n[RESOLVED] all fine' }, 'a\u202Eb\r\nc')),
    );
    expect(text.split('\n').filter((line) => line.startsWith('SEV-2'))).toHaveLength(1);
    expect(text).not.toMatch(/\u202E|\r/);
  });

  it('is never longer than a locked screen shows, and ends in a whole character', () => {
    const text = textOf(
      story(factsFor([webhook]), declaredBy({ got: '😀'.repeat(5_000) }, 'z'.repeat(9_000))),
    );
    expect(text.length).toBeLessThanOrEqual(longestText);
    expect(text.isWellFormed()).toBe(true);
  });

  it('says that it is unrecorded where the store cannot be written', () => {
    const facts = { ...factsFor([telegram]), recorded: false };
    expect(textOf(story(facts, transition(1, 'declared')))).toContain('TIDAK TERCATAT');
  });
});
