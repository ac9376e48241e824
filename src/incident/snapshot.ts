import type { EventOf } from '../event/envelope.ts';
import type { Json } from '../kernel/json.ts';
import { bucketStart } from '../signal/bucket.ts';
import { nothingOpen } from './standing.ts';
import type { EngineState, Incident, Phase, Standing } from './state.ts';

/** A new run judges with its own definitions, and knows of no incident until one is reported. */
export function freshState({ data, at, run }: EventOf<'run.started'>): EngineState {
  return {
    spec: data.judge,
    target: data.target.name,
    run,
    wholeDrill: data.drill,
    drill: data.drill,
    foreignDrill: false,
    aside: nothingOpen,
    next: bucketStart(at, data.judge.bucketMs),
    cells: new Map(),
    history: new Map(),
    tainted: new Set(),
    late: new Map(),
    lastSample: new Map(),
    withoutData: new Set(),
    down: new Map(),
    downIn: new Set(),
    heard: new Set(),
    facts: { provider: new Map(), core: new Map() },
    words: new Map(),
    reads: [],
    answers: new Map(),
    sampling: false,
    fired: new Map(),
    announcedElsewhere: new Map(),
    changes: [],
  };
}

export function standingOf({ incident, recovered, changes }: EngineState): Standing {
  return { ...(incident && { incident }), ...(recovered && { recovered }), changes };
}

/** Makes this standing the one of the state. */
export function stand(state: EngineState, { incident, recovered, changes }: Standing): void {
  if (incident === undefined) delete state.incident;
  else state.incident = incident;
  if (recovered === undefined) delete state.recovered;
  else state.recovered = recovered;
  state.changes = [...changes];
}

/** A standing as it lies in an event; `null` fields are absent ones. */
export function snapshotOf(standing: Standing): Json {
  const { incident = null, recovered = null, changes } = standing;
  return { incident, recovered, changes } as unknown as Json;
}

/** What lies in an event at `now`; none of its times is later than that. */
export function standingFrom(json: Json, now: number): Standing {
  if (json === null) return nothingOpen;
  const { incident, recovered, changes } = notAfter(now, json) as unknown as Partial<Standing>;
  return {
    ...(incident && { incident: { ...incident, phase: phaseOf(incident) } }),
    ...(recovered && { recovered }),
    changes: changes ?? [],
  };
}

// Snapshots of earlier versions do not say since when a fallback lasts; it is no longer than the incident.
function phaseOf({ phase, since }: Incident): Phase {
  const mitigated = phase.name === 'mitigated' || phase.name === 'restoring';
  return mitigated ? { ...phase, fallback: phase.fallback ?? { since } } : phase;
}

const promised: ReadonlySet<string> = new Set(['reviewAt']);

/**
 * What was remembered of an incident, with every time that lies in the future moved to now: the wall clock was set back
 * since, and a hold that begins "in an hour" would keep the incident open until then. A review date is a promise, and
 * stays. No count comes near a number that is a time in UTC milliseconds.
 */
export function notAfter<T>(now: number, remembered: T): T {
  const moved = (key: string, value: unknown): unknown =>
    typeof value === 'number' && value > now && !promised.has(key) ? now : value;
  return JSON.parse(JSON.stringify(remembered, moved)) as T;
}
