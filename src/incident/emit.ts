import type { Draft } from '../event/envelope.ts';
import type { IncidentChange } from '../event/incident.ts';
import type { EngineState, Incident } from './state.ts';

/** Makes the incident what it is after these changes, and says each of them as a transition of its own. */
export function emit(
  state: EngineState,
  incident: Incident,
  changes: readonly IncidentChange[],
  at: number,
): readonly Draft[] {
  const { id, group, drill } = incident;
  const drafts = changes.map((change, index): Draft => {
    const ordinal = incident.ordinal + index + 1;
    const after = closes(change) ? {} : { state: { ...incident, ordinal } };
    return {
      type: 'incident.transition',
      data: { incident: id, group, ordinal, effectiveAt: at, drill, change, ...after },
    };
  });
  state.incident = { ...incident, ordinal: incident.ordinal + changes.length };
  return drafts;
}

const closes = ({ kind }: IncidentChange): boolean => kind === 'recovered' || kind === 'closed';
