import type { IncidentResumed } from '../event/incident.ts';
import type { EventType } from '../event/catalogue.ts';
import type { Draft, EventOf, SiagaEvent } from '../event/envelope.ts';
import type { RunJournal, Store } from '../event/store.ts';
import type { JudgeSpec } from '../event/specs.ts';
import { snapshotOf } from '../incident/snapshot.ts';
import { afterBucket, afterTransition, nothingOpen } from '../incident/standing.ts';
import type { Incident, Standing } from '../incident/state.ts';
import { elapsedMs } from '../kernel/boot.ts';
import type { HasEnded } from '../kernel/ports.ts';
import { gapBetween, gapMsBetween } from './gap.ts';
import { handedOn } from './handed-on.ts';

/** The events of all runs of a target that tell where its incidents stand. */
export const sharedTypes = ['incident.transition', 'incident.bucket'] as const;

export interface SharedIncidents {
  readonly store: Pick<Store, 'read'>;
  readonly journal: RunJournal;
  readonly target: string;
  readonly judge: JudgeSpec;
  readonly hasEnded: HasEnded;
}

/**
 * Reads where the incidents of this target stand, whoever opened them, and takes the open one over where nobody else
 * moves it. Returns the incident whose story this run goes on with: the one it took over, or the last that was open.
 */
export async function resume(shared: SharedIncidents): Promise<string | undefined> {
  const { journal } = shared;
  let known: Standing = nothingOpen;
  const fold = (events: readonly SiagaEvent[]): readonly Draft[] => {
    known = standingAfter(events);
    const before = { ...resumption(shared, known), ...checksBefore(shared) };
    return isNews(known, before) ? [{ type: 'incident.resumed', data: before }] : [];
  };
  await journal.decide(0, fold, sharedTypes);
  const { incident, recovered } = known;
  if (incident === undefined) return recovered?.id;
  for (const draft of historyBefore(shared, incident.id)) journal.append(draft);
  return isLeft(shared, incident) ? incident.id : undefined;
}

/** Its report is then made of the whole incident, from the events of this run alone. */
export function historyBefore(
  { store, journal, target }: SharedIncidents,
  incident: string,
): readonly Draft[] {
  const history = handedOn(store, target, incident);
  if (history === undefined) return [];
  const runs = history.runs.filter((run) => run !== journal.run);
  return [{ type: 'incident.history', data: { ...history, runs } }];
}

function standingAfter(events: readonly SiagaEvent[]): Standing {
  return events.reduce<Standing>((standing, { type, data }) => {
    if (type === 'incident.transition') return afterTransition(standing, data);
    return type === 'incident.bucket' ? afterBucket(standing, data) : standing;
  }, nothingOpen);
}

function checksBefore({ store, target }: SharedIncidents): Pick<IncidentResumed, 'lastChecks'> {
  const checks = lastChecks(store, target);
  return Object.keys(checks).length === 0 ? {} : { lastChecks: checks };
}

// Whoever opened or recovered an incident counts towards flapping, also where none is left of it.
const isNews = ({ changes }: Standing, { lastChecks: checks = {} }: IncidentResumed): boolean =>
  changes.length > 0 || Object.values(checks).includes('failed');

/** What a run writes when it learns of the incidents of others: where they stand, and whether it moves the open one. */
export function resumption(shared: SharedIncidents, standing: Standing): IncidentResumed {
  const { journal, store, judge, target } = shared;
  const { incident } = standing;
  const began = journal.events().at(-1);
  const last =
    incident?.keeper === undefined ? lastOfAll(store, journal.run, target) : lastOf(store, incident, alive);
  const keeps = incident === undefined || isLeft(shared, incident);
  const gap =
    !keeps || last === undefined || began === undefined
      ? { gapMs: 0, unknownBuckets: 0 }
      : { ...gapBetween(last, began, judge), gapMs: gapMsBetween(lastLook(store, incident) ?? last, began) };
  return {
    ...gap,
    snapshot: snapshotOf(standing),
    earlier: historyOf(store, target, incident?.id),
    ...(incident !== undefined && { keeps }),
  };
}

const alive = ['run.started', 'tick', 'run.finished'] as const;

// A run writes `tick` only once a bucket, and looks until it ends.
const looks = [...alive, 'samples', 'check.finished', 'toggle.read'] as const;

const lastOf = (
  store: Pick<Store, 'read'>,
  { keeper = '' }: Incident,
  types: readonly EventType[],
): SiagaEvent | undefined => store.read({ run: keeper, types, newest: 1 }).at(-1);

const lastLook = (store: Pick<Store, 'read'>, incident: Incident | undefined): SiagaEvent | undefined =>
  incident?.keeper === undefined ? undefined : lastOf(store, incident, looks);

// Incidents from before they had a keeper: the last event of any run but this one.
function lastOfAll(store: Pick<Store, 'read'>, own: string, target: string): SiagaEvent | undefined {
  const query = { target, types: alive };
  const isOther = ({ run }: SiagaEvent) => run !== own;
  return store.read({ ...query, newest: 200 }).findLast(isOther) ?? store.read(query).findLast(isOther);
}

/**
 * Whether nobody moves an incident any more: the run that keeps it has finished, its process has ended, or it has
 * written nothing for three buckets.
 */
export function isLeft(
  { store, journal, judge, hasEnded }: SharedIncidents,
  { keeper }: Pick<Incident, 'keeper'>,
): boolean {
  if (keeper === undefined || keeper === journal.run) return true;
  const last = store.read({ run: keeper, types: alive }).at(-1);
  if (last === undefined || runEnded({ store, hasEnded }, keeper)) return true;
  const silentMs = elapsedMs(last, journal.events().at(-1) ?? last);
  return Math.abs(silentMs) > 3 * judge.bucketMs + judge.latenessMs;
}

/** Whether a run has finished, or its process is known to have ended. */
export function runEnded(
  { store, hasEnded }: Pick<SharedIncidents, 'store' | 'hasEnded'>,
  run: string,
): boolean {
  const events = store.read({ run, types: ['run.started', 'run.finished'] });
  if (events.some(({ type }) => type === 'run.finished')) return true;
  const process = events.find(isStart)?.data.process;
  return process !== undefined && hasEnded(process);
}

const isStart = (event: SiagaEvent): event is EventOf<'run.started'> => event.type === 'run.started';

function historyOf(
  store: Pick<Store, 'read'>,
  target: string,
  id: string | undefined,
): NonNullable<IncidentResumed['earlier']> {
  if (id === undefined) return [];
  return store.read({ target, types: ['incident.transition'] }).flatMap((event) => {
    const isOwn = event.type === 'incident.transition' && event.data.incident === id;
    return isOwn && event.data.change.kind !== 'hold-reset' ? [event.data] : [];
  });
}

// Rounds of days; reading a year of answers would keep every round waiting.
const lookBack = 2_000;

/**
 * How each check of a target last ended, drills left out: two failures in a row may lie in two rounds. What was
 * inconclusive or not asked says nothing.
 */
function lastChecks(
  store: Pick<Store, 'read'>,
  target: string,
): Readonly<Record<string, 'passed' | 'failed'>> {
  const events = store.read({ target, types: ['run.started', 'check.finished'], newest: lookBack });
  // Of a run whose beginning lies further back it is not known whether it was a drill.
  const real = new Set(events.filter(isReal).map(({ run }) => run));
  return Object.fromEntries(
    events.flatMap(({ type, run, data }) => {
      if (type !== 'check.finished' || !real.has(run)) return [];
      return data.outcome === 'inconclusive' ? [] : [[data.check, data.outcome] as const];
    }),
  );
}

const isReal = ({ type, data }: SiagaEvent): boolean => type === 'run.started' && !data.drill;
