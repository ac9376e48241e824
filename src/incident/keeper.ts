import type { Draft } from '../event/envelope.ts';
import type { IncidentChange } from '../event/incident.ts';
import { emit } from './emit.ts';
import { resetHold } from './recovery.ts';
import type { EngineState, Incident } from './state.ts';
import { anyBad } from './triggers.ts';

/**
 * Whether another run moves this incident through its phases: ours may join, raise it and start its hold over. While
 * another run breaks the target on purpose, nobody moves it.
 */
export function standsBack({ run, drill, foreignDrill }: EngineState, { keeper }: Incident): boolean {
  return foreignDrill || (!drill && keeper !== undefined && keeper !== run);
}

/** What a run that stands back has to say about a recovery: that it sees a signal over its threshold. */
export function objection(state: EngineState, incident: Incident, at: number): readonly Draft[] {
  const bad = anyBad(state);
  const over = bad && startedOver(incident, `${bad} is over its threshold in another run`);
  return over ? emit(state, over.incident, [over.change], at) : [];
}

/** The incident with its hold started over, where it had got anywhere. */
export function startedOver(
  incident: Incident,
  because: string,
): { readonly incident: Incident; readonly change: IncidentChange } | undefined {
  const { phase } = incident;
  if (!('hold' in phase) || phase.hold.good === 0) return undefined;
  const { hold, lost } = resetHold(phase.hold, because);
  return {
    incident: { ...incident, phase: { name: 'recovering', hold } },
    change: { kind: 'hold-reset', because, lostBuckets: lost },
  };
}
