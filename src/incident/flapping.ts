import type { Draft } from '../event/envelope.ts';
import type { DigestStatus, IncidentChange } from '../event/incident.ts';
import { emit, type EngineState, type Phase } from './state.ts';
import { stableOf } from './stable.ts';
import { symptomsAt } from './triggers.ts';

/** What an opening at `at` is, when it is one change too many: the longer hold, and how it is reported. */
interface Restless {
  readonly change: Extract<IncidentChange, { kind: 'flapping' }>;
  /** Of the opening itself: announced by a digest, not by a message of its own. */
  readonly digested: { readonly digested?: true };
}

/**
 * Counts one more declaration, reopening or recovery. Three within an hour are FLAPPING: the hold doubles from what it
 * was, until a full one has ended it.
 */
export function flapping(state: EngineState, at: number): Restless | undefined {
  const { transitions, withinMs, maxHoldBuckets, digestMs } = state.spec.flapping;
  state.changes = [...state.changes.filter((change) => at - change <= withinMs), at];
  if (state.changes.length < transitions) return undefined;
  const held = state.recovered?.holdBuckets ?? state.spec.recovery.holdBuckets;
  const holdBuckets = Math.min(held * 2, maxHoldBuckets);
  if (digestMs === undefined) return { change: { kind: 'flapping', holdBuckets }, digested: {} };
  const since = state.changes[0] ?? at;
  const changes = state.changes.length;
  return {
    change: { kind: 'flapping', holdBuckets, since, changes, digestMs },
    digested: { digested: true },
  };
}

/**
 * One digest a period while it is flapping, where anything has happened since the last. Nobody is told of a
 * MITIGATED-STABLE incident.
 */
export function digest(state: EngineState, at: number): readonly Draft[] {
  const { incident } = state;
  const { digestMs } = state.spec.flapping;
  const last = incident?.digest;
  if (incident === undefined || last === undefined || digestMs === undefined) return [];
  if (at - last.at < digestMs || incident.ordinal === last.ordinal) return [];
  if (stableOf(incident.phase) !== undefined) return [];
  const { stand, good } = standing(incident.phase);
  const symptoms = symptomsAt(state, state.next - state.spec.bucketMs);
  const { holdBuckets } = incident;
  const change: IncidentChange = { kind: 'digest', since: last.at, stand, good, holdBuckets, symptoms };
  return emit(state, { ...incident, digest: { at, ordinal: incident.ordinal + 1 } }, [change], at);
}

function standing(phase: Phase): { readonly stand: DigestStatus; readonly good: number } {
  switch (phase.name) {
    case 'degraded':
      return { stand: 'DEGRADED', good: 0 };
    case 'mitigated':
    case 'restoring':
      return { stand: 'MITIGATED', good: 0 };
    case 'recovering':
      return { stand: 'RECOVERING', good: phase.hold.good };
    case 'verifying':
      return { stand: 'VERIFY', good: phase.hold.good };
  }
}
