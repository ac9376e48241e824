import type { EventType } from '../event/catalogue.ts';
import type { Draft } from '../event/envelope.ts';
import type { IncidentChange, IncidentTransition, Page } from '../event/incident.ts';

type DataOf<T extends EventType> = Extract<Draft, { type: T }>['data'];

export type ChangeOf<K extends IncidentChange['kind']> = Extract<IncidentChange, { kind: K }>;
export type TransitionOf<K extends IncidentChange['kind']> = IncidentTransition & {
  readonly change: ChangeOf<K>;
};

/** A transition that people are told of. */
export type Announced =
  | Opening
  | Paged
  | Digest
  | TransitionOf<'mitigated-stable'>
  | TransitionOf<'recovered'>;

/** What tells of a flapping incident: that it began to, and then what happened in each period. */
export type Digest = TransitionOf<'flapping'> | TransitionOf<'digest'>;

/** What begins an incident, or begins it again. */
export type Opening = TransitionOf<'declared' | 'reopened'>;

/** Worse again after people had been promised silence. */
export type Paged = TransitionOf<'worsened'> & { readonly change: { readonly page: Page } };

export function isAnnounced(transition: IncidentTransition): transition is Announced {
  if (isKind(transition, 'declared', 'reopened')) return transition.change.digested !== true;
  if (isKind(transition, 'worsened')) return transition.change.page !== undefined;
  if (isKind(transition, 'flapping')) return transition.change.digestMs !== undefined;
  return isKind(transition, 'mitigated-stable', 'digest', 'recovered');
}

export const isKind = <K extends IncidentChange['kind']>(
  transition: IncidentTransition,
  ...kinds: readonly K[]
): transition is TransitionOf<K> => (kinds as readonly string[]).includes(transition.change.kind);

/** What the events tell, sorted out once. Order within each list is that of the events. */
export interface Story {
  readonly transitions: readonly IncidentTransition[];
  readonly requests: readonly DataOf<'message.requested'>[];
  readonly delivered: ReadonlySet<string>;
  readonly dead: ReadonlyMap<string, string>;
  readonly toggles: readonly DataOf<'toggle.applied'>[];
  /** Signals nobody heard of, UTC ms. */
  readonly blind: readonly { readonly signal: string; readonly at: number }[];
  /** The first result of ours that was too late to be believed. */
  readonly late: { readonly check: string; readonly reason: string; readonly at: number } | undefined;
  /** The last thing each state said. */
  readonly states: ReadonlyMap<string, boolean | string | number>;
}

/** Types of events a story is made of. */
export const sharedTypes = [
  'incident.transition',
  'message.requested',
  'message.delivered',
  'message.dead',
] as const satisfies readonly EventType[];

export const ownTypes = [
  'toggle.applied',
  'check.finished',
  'incident.blind',
] as const satisfies readonly EventType[];

export function storyOf(events: readonly Draft[]): Story {
  const all = <T extends EventType>(type: T): DataOf<T>[] =>
    events.flatMap((event) => (event.type === type ? [event.data as DataOf<T>] : []));
  return {
    transitions: all('incident.transition'),
    requests: all('message.requested'),
    delivered: new Set(all('message.delivered').map(({ message }) => message)),
    dead: new Map(all('message.dead').map(({ message, reason }) => [message, reason])),
    toggles: all('toggle.applied'),
    blind: events.flatMap((event) =>
      event.type === 'incident.blind'
        ? [{ signal: event.data.signal, at: event.at ?? event.data.sinceMs }]
        : [],
    ),
    late: firstLate(events),
    states: new Map(all('check.finished').flatMap(({ states }) => Object.entries(states))),
  };
}

function firstLate(events: readonly Draft[]): Story['late'] {
  const found = events.find((event) => event.type === 'check.finished' && event.data.late === true);
  if (found?.type !== 'check.finished') return undefined;
  const { check, reason = '' } = found.data;
  return { check, reason, at: found.at ?? 0 };
}

/** A state as yes or no, where it was told as one. */
export function stateOf({ states }: Story, key: string): boolean | undefined {
  const value = states.get(key);
  return typeof value === 'boolean' ? value : undefined;
}
