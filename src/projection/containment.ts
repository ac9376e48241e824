import type { SiagaEvent } from '../event/envelope.ts';
import { holds } from '../runbook/holds.ts';
import { foldActions, inForceAt, togglesKnownAt, type Action } from './actions.ts';
import { requestCounts } from './endpoints.ts';
import { overlaps, untouched, type Impact } from './impact.ts';
import type { Episode, IncidentFacts, Marker } from './model.ts';
import { ofType } from './pick.ts';

/** That users were well again while what caused the incident still stood: when, and whose doing it was. */
export interface Containment extends Marker {
  /**
   * Who set a toggle since the incident began; the system itself only in a drill, while our fault was in, where the
   * toggles were read back and nobody had set one; else unknown.
   */
  readonly by: Action['by'] | 'unknown';
  readonly actions: readonly Action[];
}

/** What contained an incident, for each time it was open. */
export function foldContainments(
  events: readonly SiagaEvent[],
  incident: IncidentFacts,
  impacts: readonly Impact[],
): readonly (Containment | undefined)[] {
  return incident.episodes.map((episode, index) => {
    const started = impacts[index]?.started;
    return started && containmentOf(events, episode, started);
  });
}

/**
 * It was MITIGATED while the fault was still in, where a fault of ours caused it, and
 * users' requests were inside their limit from then on, until the fault was out or it was worse again.
 */
function containmentOf(
  events: readonly SiagaEvent[],
  episode: Episode,
  started: Marker,
): Containment | undefined {
  const { mitigated } = episode;
  if (mitigated === undefined) return undefined;
  const removed = faultsOutAt(events, episode);
  if (removed !== undefined && removed <= mitigated.at) return undefined;
  const until = Math.min(
    removed ?? Infinity,
    nextAfter(episode, mitigated) ?? events.at(-1)?.at ?? mitigated.at,
  );
  if (!usersWereWell(events, mitigated.at, until)) return undefined;
  const actions = inForceAt(foldActions(events), mitigated.at).filter(({ from }) => from >= started.at);
  // Without a fault of ours nothing shows what it was: a person may have repaired a server by hand.
  const othersOut = removed !== undefined && togglesKnownAt(events, mitigated.at);
  return { ...mitigated, by: whoOf(actions, othersOut), actions };
}

/** When the last of our own faults that were in at its start was out; `undefined` where there was none. */
function faultsOutAt(events: readonly SiagaEvent[], { opened }: Episode): number | undefined {
  const before = events.filter(({ seq }) => seq < opened.seq);
  const begun = before.findLast(({ type }) => type === 'experiment.started');
  const ended = before.findLast(({ type }) => type === 'experiment.finished');
  if (begun === undefined || (ended?.seq ?? -1) > begun.seq) return undefined;
  const faults = new Set(
    ofType(before, 'fault.injected').flatMap(({ seq, data }) => (seq > begun.seq ? [data.fault] : [])),
  );
  if (faults.size === 0) return undefined;
  const removed = ofType(events, 'fault.removed').filter(
    ({ seq, data }) => seq > begun.seq && faults.has(data.fault),
  );
  const out = new Map(removed.map(({ data, at }) => [data.fault, at]).toReversed() as [string, number][]);
  return out.size < faults.size ? Infinity : Math.max(...out.values());
}

const ends: ReadonlySet<string> = new Set(['worsened', 'restored', 'recovered', 'closed']);

function nextAfter({ transitions }: Episode, { seq }: Marker): number | undefined {
  return transitions.find((entry) => entry.seq > seq && ends.has(entry.change.kind))?.effectiveAt;
}

/** From the bucket that was judged on. Nothing measured is nothing known, and the judge's word then stands. */
function usersWereWell(events: readonly SiagaEvent[], at: number, until: number): boolean {
  const rules = ofType(events, 'run.started').at(-1)?.data.judge;
  const spec = rules?.signals.find(({ name }) => name === rules.recovery.wholeHold.signal);
  if (rules === undefined || spec === undefined) return true;
  const span = { from: at - rules.bucketMs - rules.latenessMs, to: until };
  const { requests, errors } = requestCounts(untouched(events).filter(({ data }) => overlaps(data, span)));
  return errors < 2 || !holds(spec.trigger, errors / requests);
}

function whoOf(actions: readonly Action[], othersOut: boolean): Containment['by'] {
  const set = actions.filter(({ kind }) => kind === 'toggle');
  if (set.some(({ by }) => by === 'person')) return 'person';
  if (set.length > 0) return 'siaga';
  return othersOut ? 'system' : 'unknown';
}
