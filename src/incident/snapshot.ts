import type { EventOf } from '../event/envelope.ts';
import type { Json } from '../kernel/json.ts';
import { bucketStart } from '../signal/bucket.ts';
import { notAfter } from './not-after.ts';
import type { EngineState, Incident, Phase } from './state.ts';

/** A new run judges with its own definitions; an open incident of the same target goes on. */
export function freshState(
  { data, at }: EventOf<'run.started'>,
  before: EngineState | undefined,
): EngineState {
  const same = before !== undefined && before.target === data.target.name && before.drill === data.drill;
  return {
    spec: data.judge,
    target: data.target.name,
    drill: data.drill,
    next: bucketStart(at, data.judge.bucketMs),
    cells: new Map(),
    history: new Map(),
    tainted: new Set(),
    late: new Map(),
    lastSample: new Map(),
    blind: new Set(),
    down: new Map(),
    facts: { provider: new Map(), core: new Map() },
    changes: same ? before.changes : [],
    ...(same && before.incident && { incident: before.incident }),
    ...(same && before.recovered && { recovered: before.recovered }),
  };
}

interface Snapshot {
  readonly incident: Incident | null;
  readonly recovered: EngineState['recovered'] | null;
  readonly changes: readonly number[];
}

export function snapshotOf(state: EngineState): Json {
  const snapshot: Snapshot = {
    incident: state.incident ?? null,
    recovered: state.recovered ?? null,
    changes: state.changes,
  };
  return snapshot as unknown as Json;
}

// Snapshots of earlier versions do not say since when a fallback lasts; it is no longer than the incident.
function phaseOf({ phase, since }: Incident): Phase {
  const mitigated = phase.name === 'mitigated' || phase.name === 'restoring';
  return mitigated ? { ...phase, fallback: phase.fallback ?? { since } } : phase;
}

export function restoreSnapshot(state: EngineState, json: Json, now: number): void {
  if (json === null) return;
  const { incident, recovered, changes } = notAfter(now, json) as unknown as Snapshot;
  if (incident !== null && incident !== undefined) state.incident = { ...incident, phase: phaseOf(incident) };
  if (recovered !== null && recovered !== undefined) state.recovered = recovered;
  state.changes = [...changes];
}
