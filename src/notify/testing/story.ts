import runbook from '../../../runbook.ts';
import type { MessageRequested } from '../../event/message.ts';
import type { CheckFinished } from '../../event/catalogue.ts';
import type { Draft, SiagaEvent } from '../../event/envelope.ts';
import type { Criterion, Firing, IncidentChange, Symptoms } from '../../event/incident.ts';
import { compileJudge } from '../../runbook/judge.ts';
import { messageFacts, type ChannelFacts, type MessageFacts } from '../facts.ts';
import { requestMessages } from '../request.ts';

export const at = Date.UTC(2026, 8, 13, 3, 42);
export const minute = 60_000;

export const telegram: ChannelFacts = { name: 'telegram', language: 'id' };
export const webhook: ChannelFacts = {
  name: 'webhook',
  language: 'en',
  receives: ['incidents', 'drills', 'monitoring'],
};

export function factsFor(channels: readonly ChannelFacts[], speed = 1): MessageFacts {
  const judge = compileJudge(runbook, { speed, loadRunning: true, coreChecks: [] });
  const commands = { check: 'npx siaga check', report: 'npx siaga report r' };
  const given = { system: 'shop', channels, commands, announceAfter: 0 };
  // Stories tell all that belongs together before anybody asks.
  return { ...messageFacts(runbook, judge, given), gathered: true };
}

export const by: Firing = {
  signal: 'provider.health',
  got: 'rate 100% (n=12)',
  allowed: 'at most 50%',
  value: 1,
  n: 12,
  since: at,
  evidence: [],
};
export const symptoms: Symptoms = {
  windowMs: 5 * minute,
  p95: 820,
  errorRatio: 0.028,
  n: 1_234,
  requestId: '7c2b-f1',
};
export const calm: Symptoms = { windowMs: 5 * minute, p95: 310, errorRatio: 0.004, n: 1_500 };
export const criterion = (kind: NonNullable<Criterion['kind']>, name: string): Criterion => ({
  kind,
  name,
  got: 'passed',
  met: true,
  allowed: '',
  evidence: [],
});
export const criteria = [
  criterion('signal', 'REST p95'),
  criterion('check', 'any name at all'),
  criterion('check', 'screener'),
];

export const changes = {
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

export function transition(ordinal: number, kind: keyof typeof changes, drill = false): Draft {
  const effectiveAt = at + (ordinal - 1) * 5 * minute;
  const data = { incident: 'inc-7', group: 'service', ordinal, effectiveAt, drill, change: changes[kind] };
  return { type: 'incident.transition', data };
}

/** The toggles as they read: those that are not normal, with what they are. */
export function read(abnormal: Readonly<Record<string, string>> = {}): Draft {
  const { normalToggles } = factsFor([]).judge;
  const odd = Object.entries(abnormal).map(([name, got]) => ({
    name,
    got,
    normal: normalToggles[name] ?? '',
  }));
  return {
    type: 'toggle.read',
    data: { ok: true, values: { ...normalToggles, ...abnormal }, abnormal: odd },
  };
}
export const contained = read({ FALLBACK_PROVIDER: 'cache', SCREENER_MAX_CONCURRENCY: '2' });

export const answered = (data: Partial<CheckFinished>): Draft =>
  ({
    type: 'check.finished',
    data: { check: 'coinapi-health', outcome: 'passed', tags: [], states: {}, violations: [], ...data },
  }) as unknown as Draft;
export const begun = { type: 'run.started', data: { judge: factsFor([]).judge } } as unknown as Draft;
export const told = (states: Record<string, boolean>): Draft => answered({ states });

export const delivered = (message: string): Draft => ({
  type: 'message.delivered',
  data: { message, channel: 'telegram', attempt: 1 },
});
export const dead = (
  message: string,
  reason: string,
  because: 'combined' | 'refused' = 'refused',
): Draft => ({
  type: 'message.dead',
  data: { message, channel: 'telegram', reason, because },
});

export type Known = readonly SiagaEvent[];

/** Asks after each event, as a run does, and keeps what was requested. */
export const story = (facts: MessageFacts, ...events: readonly Draft[]): Known => goOn([], facts, ...events);

export function goOn(known: Known, facts: MessageFacts, ...events: readonly Draft[]): Known {
  return events.reduce((all, event) => {
    const now = timeOf(event, all);
    const happened = stamped(all, event, now);
    const { drafts } = requestMessages(happened, facts, now);
    return drafts.reduce((more, draft) => stamped(more, draft, now), happened);
  }, known);
}

export const dueNow = (known: Known, facts: MessageFacts, now = timeOf(undefined, known)): readonly Draft[] =>
  requestMessages(known, facts, now).drafts;

export function timeOf(event: Draft | undefined, known: Known): number {
  const own = event?.type === 'incident.transition' ? event.data.effectiveAt : event?.at;
  return own ?? known.at(-1)?.at ?? at;
}

/** Events as they were written, with nothing requested. */
export const written = (...drafts: readonly Draft[]): Known =>
  drafts.reduce<Known>((all, draft) => stamped(all, draft, timeOf(draft, all)), []);

export const stamped = (known: Known, draft: Draft, now: number): Known => [
  ...known,
  { v: 1, seq: known.length + 1, run: 'r', mono: now, boot: 'b', ...draft, at: now } as SiagaEvent,
];

export const requested = (events: readonly Draft[]): MessageRequested[] =>
  events.flatMap((event) => (event.type === 'message.requested' ? [event.data] : []));
export const brief = (events: readonly Draft[]): string[] =>
  requested(events).map(({ channel, template, transition: of }) => `${channel} ${template} ${of}`);
export const textOf = (events: readonly Draft[]): string => requested(events).at(-1)?.text ?? '';
export const linesOf = (events: readonly Draft[]): string[] => textOf(events).split('\n');

export const dataOf = (draft: Draft) => draft.data as Extract<Draft, { type: 'incident.transition' }>['data'];
