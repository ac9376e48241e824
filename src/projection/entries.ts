import type { Entry, TriageAnswers } from '../event/entry.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import type { Marker } from './model.ts';
import { ofType } from './pick.ts';

/** What a person said, and when, UTC ms. */
export interface EntryFacts extends Marker {
  readonly by: string;
  readonly entry: Entry;
}

/** Something that a person said last. */
type Said<K extends Entry['kind']> = Omit<EntryFacts, 'entry'> & Extract<Entry, { readonly kind: K }>;

/** What people put on the record of an incident. What nobody said is `undefined`, or missing from a list. */
export interface IncidentRecord {
  /** Who had it in hand first. */
  readonly acknowledged: Said<'acknowledged'> | undefined;
  /** The newest of each role. */
  readonly roles: readonly Said<'assigned'>[];
  /** Answer by answer the newest. */
  readonly triage: TriageAnswers;
  /** The newest; one that is final stands against provisional ones after it. */
  readonly cause: Said<'cause'> | undefined;
  readonly fixes: readonly Said<'fix'>[];
  readonly users: Said<'users'> | undefined;
  readonly resolved: Said<'resolved'> | undefined;
  /** Everything that was said, in order. */
  readonly entries: readonly EntryFacts[];
}

/** The record of an incident. @param events of its target, in order of sequence. */
export function recordOf(events: readonly SiagaEvent[], incident: string): IncidentRecord {
  const entries = entriesOf(events, incident);
  const causes = saidAs(entries, 'cause');
  return {
    acknowledged: saidAs(entries, 'acknowledged')[0],
    roles: [...new Map(saidAs(entries, 'assigned').map((each) => [each.role.toLowerCase(), each])).values()],
    triage: answersOf(saidAs(entries, 'triage')),
    cause: causes.findLast(({ final }) => final) ?? causes.at(-1),
    fixes: saidAs(entries, 'fix'),
    users: usersOf(saidAs(entries, 'users')),
    resolved: saidAs(entries, 'resolved').at(-1),
    entries,
  };
}

/** Where it was said in another run, it cites the event that handed it on. */
function entriesOf(events: readonly SiagaEvent[], incident: string): readonly EntryFacts[] {
  const handedOn = ofType(events, 'incident.history').findLast(({ data }) => data.incident === incident);
  const before = (handedOn?.data.entries ?? []).map((each) => ({ ...each, seq: handedOn?.seq ?? 0 }));
  const own = ofType(events, 'incident.entry')
    .filter(({ data }) => data.incident === incident)
    .map(({ data: { by, entry }, at, seq }): EntryFacts => ({ by, entry, at, seq }));
  // An entry made while a run took over may be in both.
  const known = new Set(own.map(keyOf));
  return [...before.filter((each) => !known.has(keyOf(each))), ...own];
}

const keyOf = ({ at, by, entry }: EntryFacts): string => JSON.stringify([at, by, entry]);

function saidAs<K extends Entry['kind']>(entries: readonly EntryFacts[], kind: K): readonly Said<K>[] {
  return entries.flatMap(({ entry, ...who }) =>
    entry.kind === kind ? [{ ...who, ...entry } as unknown as Said<K>] : [],
  );
}

function answersOf(answers: readonly TriageAnswers[]): TriageAnswers {
  const newest = <K extends keyof TriageAnswers>(question: K) =>
    answers.findLast((each) => each[question] !== undefined)?.[question];
  const [what, who, severity, blastRadius] = [
    newest('what'),
    newest('who'),
    newest('severity'),
    newest('blastRadius'),
  ];
  return {
    ...(what !== undefined && { what }),
    ...(who !== undefined && { who }),
    ...(severity !== undefined && { severity }),
    ...(blastRadius !== undefined && { blastRadius }),
  };
}

// That a user noticed first does not become untrue by a better count.
function usersOf(said: readonly Said<'users'>[]): Said<'users'> | undefined {
  const newest = said.at(-1);
  if (newest === undefined) return undefined;
  const noticedFirst = said.findLast((each) => each.noticedFirst !== undefined)?.noticedFirst;
  const affected = said.findLast((each) => each.affected !== undefined)?.affected;
  return {
    ...newest,
    ...(affected !== undefined && { affected }),
    ...(noticedFirst !== undefined && { noticedFirst }),
  };
}
