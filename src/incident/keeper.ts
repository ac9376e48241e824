import type { Draft } from '../event/envelope.ts';
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
  const { phase } = incident;
  const bad = anyBad(state);
  if (bad === undefined || (phase.name !== 'recovering' && phase.name !== 'verifying')) return [];
  const { hold, because, lost } = resetHold(phase.hold, `${bad} is over its threshold in another run`);
  if (lost === 0) return [];
  const reset = { kind: 'hold-reset', because, lostBuckets: lost } as const;
  return emit(state, { ...incident, phase: { name: 'recovering', hold } }, [reset], at);
}
