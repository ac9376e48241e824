import type { EventType } from '../event/catalogue.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import type { IncidentChange, Page } from '../event/incident.ts';
import { foldMessages, messageTypes, type MessageLife } from '../projection/messages.ts';
import type { TransitionEntry } from '../projection/model.ts';

type ChangeOf<K extends IncidentChange['kind']> = Extract<IncidentChange, { kind: K }>;
export type Transition = TransitionEntry;
export type TransitionOf<K extends IncidentChange['kind']> = Transition & { readonly change: ChangeOf<K> };

/** A transition that is announced at once. */
export type Announced =
  | Opening
  | Paged
  | Digest
  | TransitionOf<'mitigated-stable'>
  | TransitionOf<'recovered'>
  | TransitionOf<'closed'>;

/** What tells of a flapping incident: that it began to, and then what happened in each period. */
export type Digest = TransitionOf<'flapping'> | TransitionOf<'digest'>;

/** What begins an incident, or begins it again. */
export type Opening = TransitionOf<'declared' | 'reopened'>;

/** Worse again after people had been promised silence. */
export type Paged = TransitionOf<'worsened'> & { readonly change: { readonly page: Page } };

export function isAnnounced(transition: Transition): transition is Announced {
  if (isKind(transition, 'declared', 'reopened')) return transition.change.digested !== true;
  if (isKind(transition, 'worsened')) return transition.change.page !== undefined;
  if (isKind(transition, 'flapping')) return transition.change.digestMs !== undefined;
  return isKind(transition, 'mitigated-stable', 'digest', 'recovered', 'closed');
}

export const isKind = <K extends IncidentChange['kind']>(
  transition: Transition,
  ...kinds: readonly K[]
): transition is TransitionOf<K> => (kinds as readonly string[]).includes(transition.change.kind);

/** What the events tell, sorted out once. Order within each list is that of the events. */
export interface Story {
  /** In order of sequence. */
  readonly events: readonly SiagaEvent[];
  readonly transitions: readonly Transition[];
  readonly messages: readonly MessageLife[];
}

/** Types of events that every run of the target is asked for. */
export const sharedTypes = ['incident.transition', ...messageTypes] as const satisfies readonly EventType[];

/** Types of events of this run alone. */
export const ownTypes = [
  'run.started',
  'toggle.planned',
  'toggle.applied',
  'toggle.read',
  'check.finished',
  'incident.blind',
] as const satisfies readonly EventType[];

export const storyOf = (events: readonly SiagaEvent[]): Story => ({
  events,
  transitions: events.flatMap(({ type, data, at, seq }) =>
    type === 'incident.transition' ? [{ ...data, at, seq }] : [],
  ),
  messages: [...foldMessages(events).values()],
});

/** What this incident went through before one of its changes. */
export function before({ transitions }: Story, { incident, ordinal }: Transition): readonly Transition[] {
  return transitions.filter((one) => one.incident === incident && one.ordinal < ordinal);
}

/** The last declaration or reopening up to a change of the same incident. */
export function openingOf(story: Story, transition: Transition): Opening | undefined {
  return [...before(story, transition), transition]
    .filter((one) => isKind(one, 'declared', 'reopened'))
    .at(-1);
}
