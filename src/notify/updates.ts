import { isOver } from '../projection/incidents.ts';
import type { Firing } from '../event/incident.ts';
import type { Severity } from '../event/specs.ts';
import { actionsAt } from '../projection/actions.ts';
import { phaseOf } from '../projection/episodes.ts';
import { incidentOf } from '../projection/incidents.ts';
import type { MessageLife } from '../projection/messages.ts';
import { lowest, type Development } from './collect.ts';
import { sentTo, lastAnnounced } from './compose.ts';
import type { ChannelFacts, MessageFacts } from './facts.ts';
import { isAnnounced, isKind, type Story, type Transition } from './story.ts';

/** Between two messages of one incident on one channel, unless it is more severe; as the runbook counts minutes. */
const paceMs = 5 * 60_000;

/** What a channel has not yet heard of an open incident. `waits` where it is too soon to tell it. */
export interface Update extends Development {
  readonly waits: boolean;
}

/**
 * What is new since the last message: another signal, worse again, mitigated, toggles set. At most one message in five
 * minutes (÷ speed, as digests are\) sends it, unless the severity has risen; what waited is sent together.
 */
export function updateOf(
  story: Story,
  channel: ChannelFacts,
  transitions: readonly Transition[],
  facts: MessageFacts,
  now: number,
): Update | undefined {
  const newest = transitions.at(-1);
  const sent = sentTo(story, channel, newest?.incident);
  const last = sent.at(-1);
  if (
    newest === undefined ||
    last === undefined ||
    isOver({ phase: phaseOf(transitions) }) ||
    isSilent(transitions)
  )
    return undefined;
  const announced = lastAnnounced(sent);
  const rose = severityAt(transitions, newest.ordinal) < severityAt(transitions, announced);
  const known = rose ? new Set<string>() : announcedSignals(sent, transitions);
  const news = transitions.filter((one) => one.ordinal > announced && isNews(one) && !isKnown(one, known));
  const fresh = news.at(-1);
  const acted = channel.standby === true ? undefined : actedSince(story, last.inForce);
  if (fresh === undefined && acted === undefined) return undefined;
  const waits = !rose && now < last.at + paceMs / facts.judge.speed;
  const seq = Math.max(fresh?.seq ?? 0, acted?.seq ?? 0);
  const at = (acted?.seq ?? 0) > (fresh?.seq ?? 0) && acted ? acted.at : (fresh ?? newest).effectiveAt;
  return { ...whatOf(news, rose), transition: newest, seq, at, waits };
}

const isNews = (transition: Transition): boolean =>
  isKind(transition, 'signal-joined', 'worsened', 'mitigated') && !isAnnounced(transition);

// Told since it was opened last: by name, or as what joined in the moment it began.
function announcedSignals(
  sent: readonly MessageLife[],
  transitions: readonly Transition[],
): ReadonlySet<string> {
  const opening = transitions.findLast((one) => isKind(one, 'declared', 'reopened'))?.ordinal ?? 0;
  return new Set(sent.flatMap(({ transition, told = [] }) => (transition >= opening ? told : [])));
}

const isKnown = (one: Transition, announced: ReadonlySet<string>): boolean =>
  isKind(one, 'signal-joined') && announced.has(one.change.by.signal);

// Digests tell of a flapping incident, and who owns a MITIGATED-STABLE one was promised silence.
function isSilent(transitions: readonly Transition[]): boolean {
  const opening = transitions.findLast((one) => isKind(one, 'declared', 'reopened'));
  const digested = opening !== undefined && !isAnnounced(opening);
  const promised = transitions.findLast(isAnnounced);
  return digested || (promised !== undefined && isKind(promised, 'mitigated-stable'));
}

/** The newest read of the toggles, where it shows one in force that the last message did not name. */
function actedSince(
  { events }: Story,
  named: Readonly<Record<string, string>> | undefined,
): { readonly seq: number; readonly at: number } | undefined {
  const read = events.findLast(({ type }) => type === 'toggle.read');
  if (named === undefined || read === undefined) return undefined;
  const { actions, togglesKnown } = actionsAt(events, read.seq);
  const isNew = actions.some(({ kind, name, value }) => kind === 'toggle' && named[name] !== value);
  return togglesKnown && isNew ? { seq: read.seq, at: read.at } : undefined;
}

/** The highest since it was opened last, up to one of its changes. */
function severityAt(transitions: readonly Transition[], ordinal: number): Severity {
  const incident = incidentOf(transitions.filter((one) => one.ordinal <= ordinal));
  return incident?.episodes.at(-1)?.severity.highest ?? lowest;
}

function whatOf(
  news: readonly Transition[],
  rose: boolean,
): Pick<Development, 'news' | 'firings' | 'still' | 'fails' | 'unknown'> {
  const fresh = news.at(-1);
  if (fresh === undefined) return { news: 'acted', firings: [] };
  const firings = firingsOf(news);
  if (rose || isKind(fresh, 'worsened')) return { news: 'worse', firings };
  if (!isKind(fresh, 'mitigated')) return { news: 'joined', firings };
  const { still, fails, unknown } = fresh.change;
  return {
    news: 'mitigated',
    firings: [],
    ...(still && { still }),
    ...(fails && { fails }),
    ...(unknown && { unknown }),
  };
}

function firingsOf(news: readonly Transition[]): readonly Firing[] {
  const firings = news.flatMap((one): Firing[] => {
    if (isKind(one, 'signal-joined')) return [one.change.by];
    return isKind(one, 'worsened') && one.change.over ? [one.change.over] : [];
  });
  return [...new Map(firings.map((firing) => [firing.signal, firing])).values()].toReversed();
}
