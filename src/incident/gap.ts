import type { Draft } from '../event/envelope.ts';
import type { IncidentChange } from '../event/incident.ts';
import { emit } from './emit.ts';
import { resetHold } from './recovery.ts';
import type { EngineState, Hold, Phase } from './state.ts';

/** What an open incident is after so many buckets in which nobody looked: each of them was unknown, never good. */
export function afterGap(state: EngineState, buckets: number, at: number): readonly Draft[] {
  const { incident } = state;
  if (incident === undefined || buckets <= 0) return [];
  const { phase, changes } = phaseAfter(state, incident.phase, buckets);
  return emit(state, { ...incident, phase }, changes, at);
}

interface After {
  readonly phase: Phase;
  readonly changes: readonly IncidentChange[];
}

function phaseAfter(state: EngineState, phase: Phase, buckets: number): After {
  switch (phase.name) {
    case 'mitigated':
      return { phase: { ...phase, providerGood: 0 }, changes: [] };
    case 'recovering':
    case 'verifying': {
      const unknownInRow = phase.hold.unknownInRow + buckets;
      if (unknownInRow > state.spec.recovery.maxUnknownInRow) return startOver(phase.hold, buckets);
      const hold = { ...phase.hold, unknownInRow };
      return {
        phase: phase.name === 'verifying' ? { ...phase, hold, results: {} } : { ...phase, hold },
        changes: [],
      };
    }
    default:
      return { phase, changes: [] };
  }
}

function startOver(before: Hold, buckets: number): After {
  const { hold, because, lost } = resetHold(before, `nobody looked for ${buckets} buckets`);
  const reset: IncidentChange = { kind: 'hold-reset', because, lostBuckets: lost };
  return { phase: { name: 'recovering', hold }, changes: lost > 0 ? [reset] : [] };
}
