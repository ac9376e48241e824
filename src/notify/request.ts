import type { MessageRequested } from '../event/message.ts';
import type { Draft } from '../event/envelope.ts';
import { degradedFacts, openingOf, recoveredFacts, stableFacts } from './collect.ts';
import { combinedInto, refused, request, sentTo, words } from './compose.ts';
import { digestFacts } from './digest.ts';
import type { ChannelFacts, MessageFacts } from './facts.ts';
import { monitoringAlerts } from './monitoring.ts';
import { receives } from './routing.ts';
import { isAnnounced, isKind, storyOf, type Announced, type Story } from './story.ts';

/**
 * The messages that are due and not yet requested: one per transition and channel, ever. A DEGRADED that nobody has
 * received when the incident is over is withdrawn, and one combined message tells both. While an incident is flapping,
 * digests tell of it. What a channel refused goes to the standby channels.
 */
export function requestMessages(events: readonly Draft[], facts: MessageFacts): readonly Draft[] {
  const story = storyOf(events);
  const due = story.transitions.filter(
    (one): one is Announced => isAnnounced(one) && isNews(story, one, facts),
  );
  const incidents = Map.groupBy(due, ({ incident }) => incident);
  return facts.channels.flatMap((channel) => [
    ...[...incidents.values()].flatMap((transitions) => dueOn(story, channel, transitions, facts)),
    ...monitoringAlerts(story, channel, facts),
  ]);
}

// An earlier run may have died between writing a transition and requesting its message.
function isNews(
  { requests }: Story,
  { incident, ordinal, effectiveAt }: Announced,
  { announceAfter, takenOver }: MessageFacts,
): boolean {
  if (effectiveAt >= announceAfter) return true;
  return (
    incident === takenOver && !requests.some((one) => one.incident === incident && one.transition >= ordinal)
  );
}

function dueOn(
  story: Story,
  channel: ChannelFacts,
  transitions: readonly Announced[],
  facts: MessageFacts,
): readonly Draft[] {
  const ours = transitions.filter(({ drill }) => receives(channel, drill ? 'drills' : 'incidents'));
  const wanted = channel.standby === true ? ours.filter((one) => refused(story, one)) : ours;
  const sent = sentTo(story, channel, transitions[0]?.incident);
  const told = Math.max(0, ...sent.map(({ transition }) => transition));
  const news = wanted.filter(({ ordinal }) => ordinal > told);
  const last = news.at(-1);
  if (last === undefined) return [];
  const waiting = sent.filter(({ message }) => !story.delivered.has(message) && !story.dead.has(message));
  return draftsFor({ story, channel, facts, number: sent.length + 1, since: told }, news, last, waiting);
}

interface Context {
  readonly story: Story;
  readonly channel: ChannelFacts;
  readonly facts: MessageFacts;
  readonly number: number;
  /** The last change that this channel was told of. */
  readonly since: number;
}

function draftsFor(
  context: Context,
  news: readonly Announced[],
  last: Announced,
  waiting: readonly MessageRequested[],
): readonly Draft[] {
  const { story, facts, number } = context;
  const say = words[context.channel.language];
  if (isKind(last, 'flapping', 'digest')) {
    const lines = say.digest(digestFacts(story, last, facts, context));
    return [request(context, last, 'DIGEST', lines)];
  }
  if (isKind(last, 'mitigated-stable')) {
    const lines = say.stable(stableFacts(story, last, facts, number));
    return [request(context, last, 'MITIGATED-STABLE', lines)];
  }
  if (!isKind(last, 'recovered')) {
    const lines = say.degraded(degradedFacts(story, last, facts, number));
    return [request(context, last, 'DEGRADED', lines)];
  }
  const recovered = recoveredFacts(story, last, facts, number);
  const opening = openingOf(story, last);
  const untold = news.length > 1 || waiting.some(({ template }) => ['DEGRADED', 'DIGEST'].includes(template));
  if (!untold || opening === undefined)
    return [request(context, last, 'RECOVERED', say.recovered(recovered))];
  const degraded = degradedFacts(story, opening, facts, number);
  const combined = request(context, last, 'COMBINED', say.combined(degraded, recovered));
  return [...waiting.map((old) => withdrawn(old, combined.data)), combined];
}

const withdrawn = ({ message, channel }: MessageRequested, by: MessageRequested): Draft => ({
  type: 'message.dead',
  data: { message, channel, reason: combinedInto + by.message },
});
