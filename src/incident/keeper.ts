import type { Draft } from '../event/envelope.ts';
import { emit } from './emit.ts';
import { resetHold } from './hold.ts';
import type { EngineState, Incident } from './state.ts';
import { anyBad } from './triggers.ts';

/**
 * Whether this run stands back: another run moves the incident through its phases. What fires in this one all the same
 * joins it, raises its severity or makes it worse; besides it may start its hold over.
 */
export function standsBack({ run, drill }: EngineState, { keeper }: Incident): boolean {
  return !drill && keeper !== undefined && keeper !== run;
}

/** What a run that stands back says of a recovery: where it sees a bad signal, a hold that got anywhere starts over. */
export function objection(state: EngineState, incident: Incident, at: number): readonly Draft[] {
  const bad = anyBad(state);
  const { phase } = incident;
  if (bad === undefined || !('hold' in phase) || phase.hold.good === 0) return [];
  const { hold, because, lost } = resetHold(phase.hold, `${bad} is over its threshold in another run`);
  const after: Incident = { ...incident, phase: { name: 'recovering', hold } };
  return emit(state, after, [{ kind: 'hold-reset', because, lostBuckets: lost }], at);
}
