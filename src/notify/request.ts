import type { Draft, SiagaEvent } from '../event/envelope.ts';
import type { MessageLife } from '../projection/messages.ts';
import {
  closedFacts,
  recoveredFacts,
  situationFacts,
  stableFacts,
  type Development,
  type Recipient,
} from './collect.ts';
import { phrases, refused, request, sentTo, lastAnnounced } from './compose.ts';
import { digestFacts } from './digest.ts';
import type { Actions, ChannelFacts, MessageFacts } from './facts.ts';
import { monitoringAlerts } from './monitoring.ts';
import { receives } from './routing.ts';
import {
  isAnnounced,
  isKind,
  storyOf,
  type Announced,
  type Opening,
  type Paged,
  type Story,
  type Transition,
  type TransitionOf,
} from './story.ts';
import { closedText, digestText, recoveredText, situationText, stableText } from './texts/messages.ts';
import { updateOf } from './updates.ts';

/** Messages that are due, and whether others are held back for a while. */
export interface Requested {
  readonly drafts: readonly Draft[];
  readonly waiting: boolean;
  /** UTC ms at which the first of them is due, where that is known. */
  readonly until?: number;
}

/** The checks of one pass answer one after another: what joins so soon after the first is sent with it. Real time. */
export const togetherMs = 3_000;

/**
 * The messages that are due and not yet requested: one per transition and channel, ever, and updates at a pace that
 * people can read. A DEGRADED that nobody has received when the incident is over is withdrawn, and one combined message
 * tells both. While an incident is flapping, digests tell of it. What a channel refused goes to the standby channels.
 * @param events in order of sequence.
 */
export function requestMessages(events: readonly SiagaEvent[], facts: MessageFacts, now: number): Requested {
  const story = storyOf(events);
  const due = story.transitions.filter((one) => isNews(story, one, facts));
  const incidents = [...Map.groupBy(due, ({ incident }) => incident).values()];
  const requested = facts.channels.flatMap((channel) => [
    ...incidents.map((transitions) => dueOn({ story, channel, facts, now }, transitions)),
    { drafts: monitoringAlerts(story, channel, facts), waiting: false },
  ]);
  const until = requested.flatMap((each) => each.until ?? []);
  return {
    drafts: requested.flatMap(({ drafts }) => drafts),
    waiting: requested.some(({ waiting }) => waiting),
    ...(until.length > 0 && { until: Math.min(...until) }),
  };
}

// An earlier run may have died between writing a transition and requesting its message.
function isNews(
  { messages }: Story,
  { incident, ordinal, effectiveAt }: Transition,
  { announceAfter, takenOver }: MessageFacts,
): boolean {
  if (effectiveAt >= announceAfter) return true;
  return (
    incident === takenOver && !messages.some((one) => one.incident === incident && one.transition >= ordinal)
  );
}

interface Channelled {
  readonly story: Story;
  readonly channel: ChannelFacts;
  readonly facts: MessageFacts;
  readonly now: number;
}

const nothing: Requested = { drafts: [], waiting: false };

function dueOn(on: Channelled, transitions: readonly Transition[]): Requested {
  const { story, channel, facts } = on;
  const ours = transitions.filter(({ drill }) => receives(channel, drill ? 'drills' : 'incidents'));
  const wanted = channel.standby === true ? ours.filter((one) => refused(story, one, facts)) : ours;
  const sent = sentTo(story, channel, ours[0]?.incident);
  const since = lastAnnounced(sent);
  const news = wanted.filter((one): one is Announced => isAnnounced(one) && one.ordinal > since);
  const context = { ...on, number: sent.length + 1, since };
  const last = news.at(-1);
  if (last === undefined) return updated(context, ours);
  const until = gathersUntil(story, last, facts);
  if (until !== undefined && on.now < until) return { drafts: [], waiting: true, until };
  const waiting = sent.filter(({ delivered, dead }) => !delivered && !dead);
  return { drafts: announced(context, news, last, waiting), waiting: false };
}

/** Until when an opening by a check waits for the other checks, unless it is as severe as can be already. */
function gathersUntil(story: Story, last: Announced, { gathered }: MessageFacts): number | undefined {
  if (gathered === true || !isByCheck(last)) return undefined;
  const { firings, severity } = openedTogether(story, last);
  const isWorst = severity === 'SEV-0' || firings.some(({ subject }) => subject?.kind === 'hard-down');
  return isWorst ? undefined : last.effectiveAt + togetherMs;
}

const isByCheck = (one: Transition): one is Opening =>
  isKind(one, 'declared', 'reopened') && one.change.by.subject?.kind === 'check';

interface Context extends Channelled {
  readonly number: number;
  /** The last change that was announced on this channel. */
  readonly since: number;
}

function updated(context: Context, ours: readonly Transition[]): Requested {
  const { story, channel, facts, now } = context;
  const [first] = ours;
  if (first === undefined) return nothing;
  const all = story.transitions.filter(({ incident }) => incident === first.incident);
  const update = updateOf(story, channel, all, facts, now);
  if (update === undefined) return nothing;
  if (update.waits) return { drafts: [], waiting: true };
  return { drafts: [situation(context, update, 'UPDATE')], waiting: false };
}

function announced(
  context: Context,
  news: readonly Announced[],
  last: Announced,
  waiting: readonly MessageLife[],
): readonly Draft[] {
  const { story, facts, channel } = context;
  const say = phrases[channel.language];
  const recipient = { ...context, language: channel.language };
  if (isKind(last, 'flapping', 'digest'))
    return [request(context, last, 'DIGEST', digestText(digestFacts(story, last, facts, recipient), say))];
  if (isKind(last, 'mitigated-stable')) {
    const stable = stableFacts(story, last, facts, recipient);
    return [naming(request(context, last, 'MITIGATED-STABLE', stableText(stable, say)), stable.actions)];
  }
  if (isKind(last, 'closed'))
    return [request(context, last, 'CLOSED', closedText(closedFacts(story, last, facts, recipient), say))];
  if (!isKind(last, 'recovered')) return [situation(context, openingNews(story, last), 'DEGRADED')];
  const unannounced =
    news.length > 1 || waiting.some(({ template }) => ['DEGRADED', 'DIGEST'].includes(template));
  const recovered = recoveredFacts(story, last, facts, { ...recipient, unannounced });
  if (recovered.unannounced === undefined)
    return [request(context, last, 'RECOVERED', recoveredText(recovered, say))];
  const combined = request(context, last, 'COMBINED', recoveredText(recovered, say));
  return [...waiting.map((old) => withdrawn(old, combined.data.message)), combined];
}

function situation(
  context: Context,
  development: Development,
  template: 'DEGRADED' | 'UPDATE',
): ReturnType<typeof request> {
  const { story, facts, channel, number } = context;
  const recipient: Recipient = { language: channel.language, number };
  const known = situationFacts(story, development, facts, recipient);
  const text = situationText(known, phrases[channel.language]);
  const { transition, through } = development;
  const covered = { ...transition, ...(through !== undefined && { through }) };
  const { type, data } = naming(request(context, covered, template, text), known.actions);
  return { type, data: { ...data, told: known.told } };
}

/** Says beside its text which toggles it names, so that they are not announced again. */
function naming(
  { type, data }: ReturnType<typeof request>,
  { toggles }: Actions,
): ReturnType<typeof request> {
  return { type, data: { ...data, ...(toggles && { inForce: toggles }) } };
}

/** What began it, with what joined in the same moment, the worst first. */
function openingNews(story: Story, last: Opening | Paged): Development {
  const { change } = last;
  const { symptoms } = change.kind === 'worsened' ? change.page : change;
  const { newest, firings } = openedTogether(story, last);
  return {
    news: change.kind === 'worsened' ? 'worse' : change.kind,
    transition: last,
    through: newest.ordinal,
    seq: newest.seq,
    at: newest.effectiveAt,
    firings,
    symptoms,
  };
}

function openedTogether({ transitions }: Story, last: Opening | Paged) {
  const { change, incident, effectiveAt: at } = last;
  const first = change.kind === 'worsened' ? change.page : change;
  const latest = isByCheck(last) ? at + togetherMs : at;
  const joined = transitions.filter(
    (one): one is TransitionOf<'signal-joined'> =>
      one.incident === incident &&
      one.ordinal > last.ordinal &&
      one.effectiveAt <= latest &&
      isKind(one, 'signal-joined'),
  );
  const changes = [first, ...joined.map((one) => one.change)];
  // Each tells the severity as it was then: the one that raised it last is the worst.
  const worst = changes.reduce((a, b) => (b.severity < a.severity ? b : a));
  const rest = changes.filter((one) => one !== worst);
  return {
    newest: joined.at(-1) ?? last,
    severity: worst.severity,
    firings: [worst, ...rest].map(({ by }) => by),
  };
}

const withdrawn = ({ message, channel }: MessageLife, into: string): Draft => ({
  type: 'message.dead',
  data: { message, channel, reason: `told by the combined message ${into}`, because: 'combined' },
});
