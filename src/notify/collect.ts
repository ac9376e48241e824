import type { SiagaEvent } from '../event/envelope.ts';
import type { Firing, Symptoms } from '../event/incident.ts';
import type { Severity, SignalSpec } from '../event/specs.ts';
import { formatRatio } from '../kernel/percent.ts';
import { sameValue } from '../kernel/setting.ts';
import { foldActions } from '../projection/actions.ts';
import { ofType } from '../projection/pick.ts';
import { formatValue } from '../runbook/condition.ts';
import type {
  Cause,
  ClosedFacts,
  Failure,
  Heading,
  Hit,
  Language,
  MessageFacts,
  News,
  RecoveredFacts,
  SituationFacts,
  StableFacts,
} from './facts.ts';
import { momentAt, type Moment } from './moment.ts';
import { isFelt, windowOf } from './window.ts';
import {
  before,
  isKind,
  openingOf,
  type Opening,
  type Story,
  type Transition,
  type TransitionOf,
} from './story.ts';

/** Who a message is for, and which one it is on that channel. */
export interface Recipient {
  readonly language: Language;
  readonly number: number;
}

/** What is new about an incident that goes on, as of the event `seq`. */
export interface Development {
  readonly news: News;
  readonly transition: Transition;
  /** The last change announced with it. Default: the transition itself. */
  readonly through?: number;
  /** Sequence of the newest thing it tells. */
  readonly seq: number;
  /** UTC ms of it. */
  readonly at: number;
  /** What fired, the newest first; empty where nothing did. */
  readonly firings: readonly Firing[];
  /** The signal that is over its limit although it is mitigated. */
  readonly still?: string;
  /** The check of the incident that still fails although it is mitigated. */
  readonly fails?: string;
  /** Signals of the incident of which nothing is known although it is mitigated. */
  readonly unknown?: readonly string[];
  readonly symptoms?: Symptoms;
}

/** What is said of an incident that begins, goes on or is worse again, from what was known at that moment. */
export function situationFacts(
  story: Story,
  { news, transition, seq, at, firings, still, fails, unknown, symptoms }: Development,
  facts: MessageFacts,
  { language, number }: Recipient,
): SituationFacts {
  const since = Math.min(at - symptomsMs(facts), ...firings.map((firing) => firing.since));
  const moment = momentAt(story.events, { incident: transition.incident, seq, since }, facts);
  const severity = moment.episode?.severity.now ?? lowest;
  const signals = moment.episode?.signals ?? [];
  const known = { events: story.events, at, facts, language };
  const requestIds = firings.flatMap((firing) => firing.requestId ?? []);
  const hit = hitOf(moment, firings, symptoms, known);
  const requestId = [...requestIds, moment.requestId, symptoms?.requestId].find(Boolean);
  return {
    ...heading(transition, facts, number),
    at,
    news,
    severity,
    hit,
    told: namedSignals(firings, hit, moment),
    causes: firings.map((firing) => causeOf(firing, known)),
    ...(still !== undefined && { still: saysOf(still, facts, language) }),
    ...(fails !== undefined && { fails }),
    ...(unknown && { unknown: unknown.map((signal) => saysOf(signal, facts, language)) }),
    ...(symptoms && { symptoms: windowOf(symptoms, facts, at) }),
    actions: moment.actions,
    next: news === 'mitigated' ? {} : nextToggles(moment, signals, facts),
    back: news === 'mitigated' ? {} : togglesBack(moment, signals, facts),
    command: facts.commands.check,
    ...(requestId !== undefined && news !== 'mitigated' && { requestId }),
    ...(symptoms && { resolveWithinMs: facts.resolveWithinMs[severity] }),
  };
}

function namedSignals(
  firings: readonly Firing[],
  { kind }: Hit,
  { failingCheck }: Moment,
): readonly string[] {
  const named =
    (kind === 'failing' || kind === 'slow') && failingCheck !== undefined ? [`check:${failingCheck}`] : [];
  return [...new Set([...firings.map(({ signal }) => signal), ...named])];
}

export const lowest: Severity = 'SEV-4';

/** What is said of a fallback that lasts: in whose hands it is, and until when. */
export function stableFacts(
  story: Story,
  stable: TransitionOf<'mitigated-stable'>,
  facts: MessageFacts,
  { number }: Recipient,
): StableFacts {
  const { symptoms, owner, since, reviewAt } = stable.change;
  const { actions, episode } = momentOf(story, stable, facts);
  return {
    ...heading(stable, facts, number),
    severity: episode?.severity.now ?? lowest,
    since,
    symptoms: windowOf(symptoms, facts, stable.effectiveAt),
    actions,
    owner: owner.name,
    reviewAt,
  };
}

/** What is said of an incident that ends. `unannounced` where nobody has heard that it began. */
export function recoveredFacts(
  story: Story,
  recovered: TransitionOf<'recovered'>,
  facts: MessageFacts,
  { language, number, unannounced }: Recipient & { readonly unannounced: boolean },
): RecoveredFacts {
  const { symptoms, criteria } = recovered.change;
  const opening = openingOf(story, recovered);
  const { episode } = momentOf(story, recovered, facts);
  return {
    ...heading(recovered, facts, number),
    severity: episode?.severity.highest ?? lowest,
    since: opening?.effectiveAt ?? recovered.effectiveAt,
    symptoms: windowOf(symptoms, facts, recovered.effectiveAt),
    heldMs: Math.round(holdOf(story, recovered, facts) * facts.judge.bucketMs * facts.judge.speed),
    provider: providerAt(story, recovered, facts),
    restored: restoredBy(story, opening, recovered, facts),
    gone: (recovered.change.gone ?? []).map((signal) => saysOf(signal, facts, language)),
    checksPassed: criteria.filter(({ kind, met }) => met && kind === 'check').length,
    postmortemBy: recovered.effectiveAt + facts.postmortemWithinMs,
    command: facts.commands.report,
    ...(unannounced &&
      opening && {
        unannounced: [beganWith(story, opening, facts, language)],
      }),
  };
}

/** What is said of an incident that closes without a recovery. */
export function closedFacts(
  story: Story,
  closed: TransitionOf<'closed'>,
  facts: MessageFacts,
  { language, number }: Recipient,
): ClosedFacts {
  const opening = openingOf(story, closed);
  const { episode } = momentOf(story, closed, facts);
  return {
    ...heading(closed, facts, number),
    severity: episode?.severity.highest ?? lowest,
    because: closed.change.because,
    causes: opening ? [beganWith(story, opening, facts, language)] : [],
    command: facts.commands.report,
  };
}

export const momentOf = (
  story: Story,
  { incident, seq, effectiveAt }: Transition,
  facts: MessageFacts,
): Moment => momentAt(story.events, { incident, seq, since: effectiveAt }, facts);

/** What every message says of itself. */
export function heading(
  { drill, incident, effectiveAt }: Pick<Transition, 'drill' | 'incident' | 'effectiveAt'>,
  { judge, system, recorded }: MessageFacts,
  number: number,
): Heading {
  const { zone, speed } = judge;
  return { drill, system, incident, number, at: effectiveAt, zone, speed, recorded };
}

/** What a signal means when it fires. */
export function saysOf(signal: string, { judge }: MessageFacts, language: Language): string {
  const spec = judge.signals.find(({ name }) => name === signal);
  return spec === undefined ? signal : plainWords(spec, language);
}

const plainWords = ({ says, title }: SignalSpec, language: Language): string => says?.[language] ?? title;

const beganWith = (
  { events }: Story,
  { change, effectiveAt }: Opening,
  facts: MessageFacts,
  language: Language,
): Cause => causeOf(change.by, { events, at: effectiveAt, facts, language });

interface Known {
  readonly events: readonly SiagaEvent[];
  readonly at: number;
  readonly facts: MessageFacts;
  readonly language: Language;
}

function causeOf(firing: Firing, { at: now, facts, language, events }: Known): Cause {
  const { signal, subject, got, allowed, value, since, path } = firing;
  if (subject?.kind === 'hard-down')
    return {
      kind: 'hard-down',
      reason: subject.reason ?? 'signal',
      name: subject.name,
      forMs: Math.max(0, now - since),
    };
  if (subject?.kind === 'check') {
    const failure = { ...failureOf(firing, events), ...(path !== undefined && { path }) };
    return { kind: 'check', name: subject.name, got, allowed, failure };
  }
  if (subject !== undefined) return { kind: subject.kind, name: subject.name, got, allowed };
  const spec = facts.judge.signals.find(({ name }) => name === signal);
  if (spec === undefined) return { kind: 'state', name: signal, got, allowed };
  return {
    kind: 'signal',
    says: plainWords(spec, language),
    got: typeof value === 'number' ? formatValue(value, spec.unit) : value === null ? null : got,
    comparison: spec.trigger.comparison,
    limit: formatValue(spec.trigger.value, spec.unit),
  };
}

/** The newest answer that made a check fire. */
function failureOf({ evidence }: Firing, events: readonly SiagaEvent[]): Failure {
  const answer = ofType(events, 'check.finished').findLast(({ seq }) => evidence.includes(seq));
  if (answer === undefined) return {};
  const { status, timedOut, noConnection, slowOnly } = answer.data;
  return {
    ...(status !== undefined && { status }),
    ...(timedOut && { timedOut }),
    ...(noConnection && { noConnection }),
    ...(slowOnly && { slowOnly }),
  };
}

function hitOf(
  { failing, slow }: Moment,
  firings: readonly Firing[],
  symptoms: Symptoms | undefined,
  { facts, language }: Known,
): Hit {
  if (firings.some(({ subject }) => subject?.kind === 'hard-down')) return { kind: 'down' };
  if (failing.length > 0) return { kind: 'failing', what: failing };
  if (slow.length > 0) return { kind: 'slow', what: slow };
  const felt = firings.find(({ signal }) =>
    facts.judge.signals.some((spec) => spec.name === signal && isFelt(spec, facts.judge)),
  );
  if (felt !== undefined) return { kind: 'felt', says: saysOf(felt.signal, facts, language) };
  const ratio = symptoms?.errorRatio ?? null;
  if (symptoms === undefined || ratio === null) return { kind: 'unknown' };
  return ratio > 0 ? { kind: 'errors', ratio: formatRatio(ratio) } : { kind: 'none' };
}

const toggleSignal = (name: string): string => `toggle:${name}`;

function togglesBack(
  { toggles }: Moment,
  signals: readonly string[],
  { judge }: MessageFacts,
): Readonly<Record<string, string>> {
  const fired = Object.entries(judge.normalToggles).filter(([name]) => signals.includes(toggleSignal(name)));
  return Object.fromEntries(fired.filter(([name, normal]) => !sameValue(toggles[name] ?? '', normal)));
}

// Against a toggle that is out no other toggle helps.

function nextToggles(
  { toggles }: Moment,
  signals: readonly string[],
  { toggles: declared, judge }: MessageFacts,
): Readonly<Record<string, string>> {
  const out = Object.keys(judge.normalToggles).map(toggleSignal);
  if (signals.length > 0 && signals.every((signal) => out.includes(signal))) return {};
  const useful = declared.filter(({ name, incident, helps }) => {
    const normal = judge.normalToggles[name] ?? '';
    // Another value than the normal one is somebody's decision.
    const untouched = sameValue(toggles[name] ?? normal, normal) && !sameValue(normal, incident);
    return untouched && (helps === undefined || signals.some((signal) => helps.includes(signal)));
  });
  return Object.fromEntries(useful.map(({ name, incident }) => [name, incident]));
}

function symptomsMs({ judge }: MessageFacts): number {
  return Math.max(...judge.signals.map(({ trigger }) => trigger.buckets)) * judge.bucketMs;
}

/** What was in force while it was open, or was reported to be, and is no more: it could not recover otherwise. */
function restoredBy(
  { events, messages }: Story,
  opening: Transition | undefined,
  { seq, incident }: Transition,
  { judge }: MessageFacts,
): RecoveredFacts['restored'] {
  const from = opening?.seq ?? seq;
  const over = foldActions(events.filter((event) => event.seq <= seq)).filter(
    ({ purpose, seq: of }) => purpose !== 'prepare' && of.to !== undefined && of.to > from,
  );
  const sent = messages.filter((one) => one.incident === incident && one.seq > from && one.seq < seq);
  const names = [
    ...sent.flatMap(({ inForce }) => Object.keys(inForce ?? {})),
    ...over.flatMap(({ kind, name }) => (kind === 'toggle' ? [name] : [])),
  ];
  const normal = Object.entries(judge.normalToggles).filter(([name]) => names.includes(name));
  return {
    toggles: Object.fromEntries(normal),
    fallback: over.some(({ kind }) => kind === 'fallback') ? false : undefined,
  };
}

function providerAt({ events }: Story, { seq }: Transition, { judge }: MessageFacts): boolean | undefined {
  const states = events.flatMap((event) => {
    if (event.type !== 'check.finished' || event.seq > seq) return [];
    const state = event.data.states[judge.recovery.providerState];
    return typeof state === 'boolean' ? [state] : [];
  });
  return states.at(-1);
}

// A flapping incident had to hold for longer.
function holdOf(story: Story, recovered: TransitionOf<'recovered'>, { judge }: MessageFacts): number {
  const opened = openingOf(story, recovered)?.ordinal ?? 0;
  const longer = before(story, recovered).flatMap((one) =>
    isKind(one, 'flapping') && one.ordinal > opened ? [one.change.holdBuckets] : [],
  );
  return longer.at(-1) ?? judge.recovery.holdBuckets;
}
