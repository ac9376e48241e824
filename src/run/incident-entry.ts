import type { Entry } from '../event/entry.ts';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import type { EventType } from '../event/catalogue.ts';
import type { Store } from '../event/store.ts';
import { SiagaError } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import { printed } from '../kernel/printed.ts';
import { foldIncidents, isOver } from '../projection/incidents.ts';
import type { IncidentFacts } from '../projection/model.ts';
import { recordOf, type EntryFacts, type IncidentRecord } from '../projection/entries.ts';
import type { IncidentOnRecord } from './incidents-on-record.ts';
import type { Platform } from './platform.ts';
import { runId } from './run-id.ts';

/** What a person's word came to. */
export interface Written {
  /** The incident and its record as they are now. */
  readonly incident: IncidentFacts;
  readonly record: IncidentRecord;
  /** What now stands there; what stood there already where somebody had said it before. */
  readonly said: EntryFacts;
  readonly again: boolean;
}

const read: readonly EventType[] = ['incident.transition', 'incident.entry'];

/**
 * Puts what a person says on the record of an incident. What two people say at once is written one after the other.
 * @throws {SiagaError} `incident-over`, `not-recovered` (exit 2); `store-busy` and its like (exit 3).
 */
export async function writeEntry(
  { incident: { id }, target }: Pick<IncidentOnRecord, 'incident' | 'target'>,
  { by, entry }: { readonly by: string; readonly entry: Entry },
  {
    store,
    platform,
  }: { readonly store: Store; readonly platform: Pick<Platform, 'clock' | 'boot' | 'random'> },
): Promise<Written> {
  const { clock, boot } = platform;
  const writer = { run: runId(platform, 'incident'), target, clock, boot };
  let before: readonly SiagaEvent[] = [];
  const decide = (events: readonly SiagaEvent[]): readonly Draft[] => {
    before = events;
    if (standing(events, id, entry) !== undefined) return [];
    requireMeant(known(events, id), entry);
    return [{ type: 'incident.entry', data: { incident: id, by, entry } }];
  };
  const written = await store.decide(writer, 0, decide, read);
  const events = [...before, ...written];
  const record = recordOf(events, id);
  const said = written.length > 0 ? record.entries.at(-1) : standing(events, id, entry);
  if (said === undefined) throw new Error(`nothing was said of ${id}`);
  return { incident: known(events, id), record, said, again: written.length === 0 };
}

function known(events: readonly SiagaEvent[], id: string): IncidentFacts {
  const found = foldIncidents(events).find((incident) => incident.id === id);
  if (found === undefined) throw new Error(`incident ${id} is not on record any more`);
  return found;
}

/** Only the first to have it in hand has; it is over once. */
function standing(events: readonly SiagaEvent[], id: string, { kind }: Entry): EntryFacts | undefined {
  if (kind !== 'acknowledged' && kind !== 'resolved') return undefined;
  return recordOf(events, id).entries.find(({ entry }) => entry.kind === kind);
}

function requireMeant(incident: IncidentFacts, { kind }: Entry): void {
  if (kind === 'resolved' && !isOver(incident)) throw notRecovered(incident);
  if ((kind === 'acknowledged' || kind === 'assigned') && isOver(incident)) throw alreadyOver(incident);
}

function notRecovered({ id, phase }: IncidentFacts): SiagaError {
  return new SiagaError('not-recovered', {
    what: 'this incident is not RECOVERED yet, so it cannot be resolved',
    where: id,
    got: phase.toUpperCase(),
    allowed: 'an incident that is RECOVERED or CLOSED',
    hint: `what it waits for: ${printed(`incident show ${id}`)}`,
    exitCode: exit.usage,
  });
}

function alreadyOver({ id, phase }: IncidentFacts): SiagaError {
  return new SiagaError('incident-over', {
    what: 'this incident is over: nobody has to take it in hand',
    where: id,
    got: phase.toUpperCase(),
    allowed: 'an incident that is open',
    hint: `what came of it: ${printed(`incident show ${id}`)}`,
    exitCode: exit.usage,
  });
}
