import { describe, expect, it } from 'vitest';
import runbook from '../../runbook.ts';
import type { MessageRequested } from '../event/message.ts';
import type { Draft } from '../event/envelope.ts';
import type { Firing, IncidentChange, Symptoms } from '../event/incident.ts';
import { compileJudge } from '../runbook/judge.ts';
import { messageFacts, type ChannelFacts, type MessageFacts } from './facts.ts';
import { longestText } from './compose.ts';
import { requestMessages } from './request.ts';

const at = Date.UTC(2026, 8, 13, 3, 42);
const minute = 60_000;

const telegram: ChannelFacts = { name: 'telegram', language: 'id' };
const webhook: ChannelFacts = {
  name: 'webhook',
  language: 'en',
  receives: ['incidents', 'drills', 'monitoring'],
};

function factsFor(channels: readonly ChannelFacts[], speed = 1): MessageFacts {
  const judge = compileJudge(runbook, { speed, loadRunning: true, coreChecks: [] });
  return messageFacts(runbook, judge, channels, 0);
}

const by: Firing = {
  signal: 'provider.health',
  got: 'rate 100%',
  allowed: 'rate > 50%',
  since: at,
  evidence: [],
};
const symptoms: Symptoms = {
  windowMs: 5 * minute,
  p95: 820,
  errorRatio: 0.028,
  n: 1_234,
  requestId: '7c2b-f1',
};
const calm: Symptoms = { windowMs: 5 * minute, p95: 310, errorRatio: 0.004, n: 1_500 };
const criterion = (name: string, got: string) => ({ name, got, met: true, allowed: '', evidence: [] });
const criteria = [
  criterion('REST p95', '312 ms (n=3000)'),
  criterion('REST error rate', '0.4% (n=3000)'),
  criterion('contract check sol-complete', 'passed'),
  criterion('contract check screener', 'passed'),
];

const changes = {
  declared: { kind: 'declared', severity: 'SEV-2', by, symptoms },
  reopened: { kind: 'reopened', severity: 'SEV-1', by, symptoms },
  stable: {
    kind: 'mitigated-stable',
    because: 'the fallback is active',
    owner: { role: 'owner', name: 'Incident Owner' },
    since: at,
    reviewAt: at + 26 * 60 * minute,
    symptoms: calm,
  },
  again: { kind: 'worsened', because: 'x' },
  worsened: { kind: 'worsened', because: 'x', page: { severity: 'SEV-2', by, symptoms } },
  restored: { kind: 'restored', toggles: { FEATURE_COINAPI_ENABLED: 'true', SCREENER_TTL_SECONDS: '60' } },
  digested: { kind: 'reopened', severity: 'SEV-1', by, symptoms, digested: true },
  flapping: { kind: 'flapping', holdBuckets: 20, since: at, changes: 3, digestMs: 15 * minute },
  mitigated: { kind: 'mitigated', because: 'x' },
  digest: {
    kind: 'digest',
    since: at,
    stand: 'RECOVERING',
    good: 3,
    holdBuckets: 20,
    symptoms: calm,
  },
  recovered: { kind: 'recovered', criteria, symptoms: calm },
} as const satisfies Record<string, IncidentChange>;

function transition(ordinal: number, kind: keyof typeof changes, drill = false): Draft {
  const effectiveAt = at + (ordinal - 1) * 5 * minute;
  const data = { incident: 'inc-7', group: 'service', ordinal, effectiveAt, drill, change: changes[kind] };
  return { type: 'incident.transition', data };
}

const contained: Draft = {
  type: 'toggle.applied',
  data: {
    values: { FALLBACK_PROVIDER: 'okx', SCREENER_MAX_CONCURRENCY: '2' },
    purpose: 'contain',
    via: 'environment and restart',
    durationMs: 4_000,
    ok: true,
  },
};

const told = (states: Record<string, boolean>): Draft =>
  ({ type: 'check.finished', data: { check: 'coinapi-health', states } }) as unknown as Draft;

const delivered = (message: string): Draft => ({
  type: 'message.delivered',
  data: { message, channel: 'telegram', attempt: 1 },
});
const dead = (message: string, reason: string): Draft => ({
  type: 'message.dead',
  data: { message, channel: 'telegram', reason },
});

/** Asks after each event, as a run does, and keeps what was requested. */
function story(facts: MessageFacts, ...events: readonly Draft[]): readonly Draft[] {
  return goOn([], facts, ...events);
}

function goOn(before: readonly Draft[], facts: MessageFacts, ...events: readonly Draft[]): readonly Draft[] {
  return events.reduce<readonly Draft[]>((known, event) => {
    const now = [...known, event];
    return [...now, ...requestMessages(now, facts)];
  }, before);
}

const requested = (events: readonly Draft[]): MessageRequested[] =>
  events.flatMap((event) => (event.type === 'message.requested' ? [event.data] : []));
const brief = (events: readonly Draft[]): string[] =>
  requested(events).map(({ channel, template, transition: of }) => `${channel} ${template} ${of}`);
const textOf = (events: readonly Draft[]): string => requested(events).at(-1)?.text ?? '';

describe('DEGRADED tells what R59 asks for', () => {
  it('in Indonesian', () => {
    const events = [told({ fallback: true }), contained, transition(1, 'declared')];
    expect(textOf(story(factsFor([telegram]), ...events)).split('\n')).toEqual([
      '[INSIDEN] Mode terdegradasi: 13 Sep 2026 10:42 WIB',
      'Insiden inc-7, pesan 1, SEV-2',
      '- Gejala: p95 REST 820 ms, error rate 2.8% dari 1234 permintaan (5 menit)',
      '- Penyebab awal: CoinAPI says down: rate 100%, ambang rate > 50%',
      '- Aksi: FALLBACK_PROVIDER=okx, SCREENER_MAX_CONCURRENCY=2; fallback aktif',
      '- Perkiraan: pulih dalam 8 jam (target SEV-2)',
      'X-Request-Id contoh: 7c2b-f1',
    ]);
  });

  it('in English', () => {
    expect(textOf(story(factsFor([webhook]), transition(1, 'declared', true))).split('\n')).toEqual([
      '[DRILL] [INCIDENT] Degraded mode: 13 Sep 2026 10:42 WIB',
      'Incident inc-7, message 1, SEV-2',
      '- Symptoms: REST p95 820 ms, error rate 2.8% of 1234 requests (5 minutes)',
      '- Initial cause: CoinAPI says down: rate 100%, limit rate > 50%',
      '- Actions: none by hand yet; fallback unknown',
      '- Estimate: recovery within 8 hours (target of SEV-2)',
      'X-Request-Id of an affected request: 7c2b-f1',
    ]);
  });

  it('calls unknown what is unknown', () => {
    const unknown: Symptoms = { windowMs: 5 * minute, p95: null, errorRatio: null, n: 0 };
    const change = { ...changes.declared, symptoms: unknown };
    const event = {
      type: 'incident.transition',
      data: { ...dataOf(transition(1, 'declared')), change },
    } as Draft;
    const text = textOf(story(factsFor([webhook]), event));
    expect(text).toContain('REST p95 unknown, error rate unknown of 0 requests');
    expect(text).toContain('X-Request-Id of an affected request: none seen');
  });
});

const dataOf = (draft: Draft) => draft.data as Extract<Draft, { type: 'incident.transition' }>['data'];

describe('MITIGATED-STABLE tells in whose hands it is', () => {
  it('in Indonesian', () => {
    const events = [told({ fallback: true }), contained, transition(1, 'stable')];
    expect(textOf(story(factsFor([telegram]), ...events)).split('\n')).toEqual([
      '[MITIGATED-STABLE] Memakai fallback, di dalam ambang: 13 Sep 2026 10:42 WIB',
      'Insiden inc-7, pesan 1, termitigasi sejak 13 Sep 2026 10:42 WIB',
      '- Keadaan: p95 REST 310 ms, error rate 0.4% dari 1500 permintaan (5 menit)',
      '- Aksi: FALLBACK_PROVIDER=okx, SCREENER_MAX_CONCURRENCY=2; fallback aktif',
      '- Penanggung jawab: Incident Owner (owner)',
      '- Tinjauan: paling lambat 14 Sep 2026 12:42 WIB',
      '- Tidak ada pesan lagi sampai memburuk atau PULIH',
    ]);
  });

  it('in English', () => {
    expect(textOf(story(factsFor([webhook]), transition(1, 'stable', true))).split('\n')).toEqual([
      '[DRILL] [MITIGATED-STABLE] On fallback, inside the thresholds: 13 Sep 2026 10:42 WIB',
      'Incident inc-7, message 1, mitigated since 13 Sep 2026 10:42 WIB',
      '- State: REST p95 310 ms, error rate 0.4% of 1500 requests (5 minutes)',
      '- Actions: none by hand yet; fallback unknown',
      '- Owner: Incident Owner (owner)',
      '- Review: by 14 Sep 2026 12:42 WIB',
      '- No further message until it is worse again or RECOVERED',
    ]);
  });

  it('and nothing is told of what is worse before', () => {
    const events = story(factsFor([telegram]), transition(1, 'declared'), transition(2, 'again'));
    expect(brief(events)).toEqual(['telegram DEGRADED 1']);
  });

  it('once, and pages again when it is worse', () => {
    const first = story(factsFor([telegram]), transition(1, 'declared'), transition(2, 'stable'));
    const events = goOn(first, factsFor([telegram]), transition(3, 'worsened'), transition(4, 'restored'));
    expect(brief(events)).toEqual([
      'telegram DEGRADED 1',
      'telegram MITIGATED-STABLE 2',
      'telegram DEGRADED 3',
    ]);
    expect(textOf(events)).toContain('Insiden inc-7, pesan 3, SEV-2, memburuk lagi setelah MITIGATED-STABLE');
  });
});

describe('while it is flapping, digests', () => {
  const before = [transition(1, 'declared'), transition(2, 'recovered')];
  const begins = [...before, transition(3, 'digested'), transition(4, 'flapping')];
  const goesOn = [...begins, transition(5, 'mitigated'), transition(6, 'restored'), transition(7, 'digest')];

  it('take the place of DEGRADED, and the first says why, in English', () => {
    const events = story(factsFor([webhook]), ...begins);
    expect(brief(events)).toEqual(['webhook DEGRADED 1', 'webhook COMBINED 2', 'webhook DIGEST 4']);
    expect(textOf(events).split('\n')).toEqual([
      '[FLAPPING] Degraded again: 13 Sep 2026 10:57 WIB',
      'Incident inc-7, message 3, SEV-1',
      '- 3 changes since 13 Sep 2026 10:42 WIB',
      '- 10:52:00 degraded again: CoinAPI says down',
      '- Now: DEGRADED, 0 of 20 good minutes',
      '- Symptoms: REST p95 820 ms, error rate 2.8% of 1234 requests (5 minutes)',
      '- Until it has held: a digest each 15 minutes, where anything happens',
    ]);
  });

  it('tell what happened since the last one, in Indonesian', () => {
    const events = story(factsFor([telegram]), ...goesOn);
    expect(brief(events).at(-1)).toBe('telegram DIGEST 7');
    expect(textOf(events).split('\n')).toEqual([
      '[BERULANG] Ringkasan: 13 Sep 2026 11:12 WIB',
      'Insiden inc-7, pesan 4, SEV-1',
      '- 11:02:00 MITIGATED',
      '- 11:07:00 konfigurasi kembali normal, hitungan dimulai',
      '- Sekarang: RECOVERING, 3 dari 20 menit baik',
      '- Gejala: p95 REST 310 ms, error rate 0.4% dari 1500 permintaan (5 menit)',
      '- Sampai bertahan penuh: satu ringkasan tiap 15 menit, bila ada yang terjadi',
    ]);
  });

  it('are sent once each, whoever asks again', () => {
    const facts = factsFor([telegram, webhook]);
    expect(requestMessages(story(facts, ...goesOn), facts)).toEqual([]);
  });

  it('end with RECOVERED, which tells the hold that it took', () => {
    const ids = ['inc-7.webhook.1', 'inc-7.webhook.2', 'inc-7.webhook.3', 'inc-7.webhook.4'];
    const first = story(factsFor([webhook]), ...goesOn);
    const events = goOn(first, factsFor([webhook]), ...ids.map(delivered), transition(8, 'recovered'));
    expect(brief(events).at(-1)).toBe('webhook RECOVERED 8');
    expect(textOf(events)).toContain('(20 minutes, the recovery criterion)');
  });

  it('leave no longer hold to the next time', () => {
    const events = [...goesOn, transition(8, 'recovered'), transition(9, 'reopened')];
    const acks = [1, 2, 3, 4, 5, 6].map((number) => delivered(`inc-7.webhook.${number}`));
    const first = story(factsFor([webhook]), ...events);
    expect(textOf(goOn(first, factsFor([webhook]), ...acks, transition(10, 'recovered')))).toContain(
      '(10 minutes, the recovery criterion)',
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
  const happened = [transition(1, 'declared'), transition(2, 'restored')];

  it('in Indonesian', () => {
    const first = story(factsFor([telegram]), ...happened);
    const later = [delivered('inc-7.telegram.1'), told({ fallback: false, 'provider-direct': true })];
    const events = goOn(first, factsFor([telegram]), ...later, transition(3, 'recovered'));
    expect(textOf(events).split('\n')).toEqual([
      '[PULIH] Mode normal: 13 Sep 2026 10:52 WIB',
      'Insiden inc-7, pesan 2, berlangsung 10 min 00 s',
      '- p95 REST 310 ms, error rate 0.4% dari 1500 permintaan (5 menit)',
      '- p95 REST 312 ms (n=3000), error rate 0.4% (n=3000) (10 menit, kriteria pemulihan)',
      '- Provider: pulih (up), ditanya langsung',
      '- Konfigurasi: kembali normal, dibaca ulang: FEATURE_COINAPI_ENABLED=true, SCREENER_TTL_SECONDS=60; fallback mati',
      '- Tes kontrak lulus: 2',
      '- Tindak lanjut: post-mortem dalam 24 jam, paling lambat 14 Sep 2026 10:52 WIB',
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
    expect(textOf(events).split('\n')).toEqual([
      '[RESOLVED] Normal mode: 13 Sep 2026 10:52:00 WIB',
      'Incident inc-7, message 2, lasted 10 min 00 s',
      '- REST p95 310 ms, error rate 0.4% of 1500 requests (5 minutes ÷ 30 = 10 s)',
      '- REST p95 312 ms (n=3000), error rate 0.4% (n=3000) (10 minutes ÷ 30 = 20 s, the recovery criterion)',
      '- Provider: not asked directly',
      '- Configuration: no toggle was changed; fallback unknown',
      '- Contract checks passed: 2',
      '- Next: postmortem within 24 hours, by 14 Sep 2026 10:52:00 WIB',
      "Speed 30: the runbook's windows are compressed, its thresholds are not",
    ]);
  });
});

describe('each transition is told once on each channel', () => {
  const both = factsFor([telegram, webhook]);

  it('however often it is asked', () => {
    const first = story(both, transition(1, 'declared'));
    expect(brief(first)).toEqual(['telegram DEGRADED 1', 'webhook DEGRADED 1']);
    expect(requestMessages(first, both)).toEqual([]);
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
    expect(textOf(events)).toContain('pesan 3, SEV-1, dibuka kembali');
  });

  it('and what became true before the run cares is history', () => {
    expect(requestMessages([transition(1, 'declared')], { ...both, announceAfter: at + 1 })).toEqual([]);
  });

  it.each(['restored'] as const)('and %s is not told', (kind) => {
    expect(brief(story(both, transition(1, kind)))).toEqual([]);
  });
});

describe('what an earlier run did not come to request', () => {
  const later = { ...factsFor([telegram, webhook]), announceAfter: at + 60 * minute };
  const takenOver = { ...later, takenOver: 'inc-7' };
  const stopped = [transition(1, 'declared'), transition(2, 'mitigated')];

  it('is told by the one that goes on with the incident', () => {
    expect(brief(requestMessages(stopped, takenOver))).toEqual(['telegram DEGRADED 1', 'webhook DEGRADED 1']);
  });

  it('is history for any other', () => {
    expect(requestMessages(stopped, later)).toEqual([]);
  });

  it('is not told again where anybody was told, on whatever channel', () => {
    const known = [...stopped, ...requestMessages(stopped, { ...takenOver, channels: [telegram] })];
    expect(brief(known)).toEqual(['telegram DEGRADED 1']);
    expect(requestMessages(known, takenOver)).toEqual([]);
  });
});

describe('a DEGRADED that nobody received when the incident is over', () => {
  const facts = factsFor([telegram]);

  it('is withdrawn, and one message tells both', () => {
    const events = story(facts, transition(1, 'declared'), transition(2, 'recovered'));
    expect(brief(events)).toEqual(['telegram DEGRADED 1', 'telegram COMBINED 2']);
    expect(events).toContainEqual(dead('inc-7.telegram.1', 'told by the combined message inc-7.telegram.2'));
    const lines = textOf(events).split('\n');
    expect(lines[0]).toBe('[PULIH] Terdegradasi 13 Sep 2026 10:42 WIB, normal kembali 13 Sep 2026 10:47 WIB');
    expect(lines).toContain('- Gejala: p95 REST 820 ms, error rate 2.8% dari 1234 permintaan (5 menit)');
    expect(lines).toContain('- p95 REST 310 ms, error rate 0.4% dari 1500 permintaan (5 menit)');
    expect(requestMessages(events, facts)).toEqual([]);
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
    const events = [transition(1, 'declared'), transition(2, 'recovered')];
    expect(brief(requestMessages(events, facts))).toEqual(['telegram COMBINED 2']);
  });
});

describe('what a channel refuses', () => {
  const standby = factsFor([telegram, { ...webhook, standby: true }]);

  it('goes to the standby channel, which is silent otherwise', () => {
    const first = story(standby, transition(1, 'declared'));
    expect(brief(first)).toEqual(['telegram DEGRADED 1']);
    const events = goOn(first, standby, dead('inc-7.telegram.1', 'HTTP 403'));
    expect(brief(events)).toEqual(['telegram DEGRADED 1', 'webhook DEGRADED 1']);
  });

  it('does not include what was withdrawn for a combined message', () => {
    const events = story(standby, transition(1, 'declared'), transition(2, 'recovered'));
    expect(brief(events)).toEqual(['telegram DEGRADED 1', 'telegram COMBINED 2']);
    expect(requestMessages(events, standby)).toEqual([]);
  });
});

const declaredBy = (more: Partial<Firing>, requestId: string): Draft => {
  const change = { ...changes.declared, by: { ...by, ...more }, symptoms: { ...symptoms, requestId } };
  return { type: 'incident.transition', data: { ...dataOf(transition(1, 'declared')), change } };
};

describe('a message', () => {
  it('keeps what came from outside on its line', () => {
    const text = textOf(
      story(factsFor([webhook]), declaredBy({ got: 'x\n[RESOLVED] all fine' }, 'a\u202Eb\r\nc')),
    );
    expect(text.split('\n')).toHaveLength(7);
    expect(text).not.toMatch(/\u202E|\r/);
  });

  it('is never longer than Telegram takes, and ends in a whole character', () => {
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
