import type { Draft, EventOf } from '../event/envelope.ts';
import type { IncidentChange } from '../event/incident.ts';
import { bucketStart } from '../signal/bucket.ts';
import { emit, type EngineState, resetHold } from './state.ts';
import { standsBack } from './keeper.ts';
import { stand, standingOf } from './snapshot.ts';
import { nothingOpen } from './standing.ts';

/** A part of a run begins. What a drill brings about is the drill's, and closes with it; the real ones wait aside. */
export function enterPhase(state: EngineState, { data, at }: EventOf<'run.phase'>): readonly Draft[] {
  const drill = data.drill ?? state.wholeDrill;
  if (drill === state.drill) {
    beginPart(state);
    return [];
  }
  const drafts = drill ? startOver(state, at) : closeNow(state, 'drill-ended', at);
  const aside = state.aside;
  state.aside = drill ? standingOf(state) : nothingOpen;
  stand(state, drill ? nothingOpen : aside);
  state.drill = drill;
  forget(state, at);
  return drafts;
}

// Nobody judges the real incident in a drill: what it had counted is over.
function startOver(state: EngineState, at: number): readonly Draft[] {
  const { incident } = state;
  if (incident === undefined || standsBack(state, incident)) return [];
  const { phase } = incident;
  if (phase.name === 'mitigated') state.incident = { ...incident, phase: { ...phase, providerGood: 0 } };
  if (!('hold' in phase)) return [];
  const { hold, because, lost } = resetHold(phase.hold, 'an experiment of this run began');
  const reset: IncidentChange = { kind: 'hold-reset', because, lostBuckets: lost };
  return emit(state, { ...incident, phase: { name: 'recovering', hold } }, lost > 0 ? [reset] : [], at);
}

// The next part of a drill is another story: what it brings about does not reopen the incident of the part before.
function beginPart(state: EngineState): void {
  if (!state.drill || state.incident !== undefined) return;
  delete state.recovered;
  state.changes = [];
}

// No window reaches from a drill into what is real, or back.
function forget(state: EngineState, at: number): void {
  state.history.clear();
  state.fired.clear();
  state.answers.clear();
  state.down.clear();
  state.downIn.clear();
  state.facts.core.clear();
  // Also those that are over and not yet closed: they lay in what was before.
  for (let start = state.next; start <= bucketStart(at, state.spec.bucketMs); start += state.spec.bucketMs)
    state.tainted.add(start);
  if (state.incident?.phase.name !== 'verifying') return;
  state.incident = { ...state.incident, phase: { ...state.incident.phase, since: at, results: {} } };
}

/** Another run begins or ends to break the target on purpose. */
export function setForeignDrill(state: EngineState, on: boolean, at: number): void {
  state.foreignDrill = on;
  forget(state, at);
}

/** A load has ended: so has an incident that rests on it alone, whoever keeps it, and nobody inherits it. */
export function endLoad(state: EngineState, at: number): readonly Draft[] {
  for (const { name, source } of state.spec.signals) {
    if (source !== 'load') continue;
    state.history.delete(name);
    state.cells.delete(name);
  }
  const { incident, run } = state;
  if (incident === undefined || state.drill || state.foreignDrill) return [];
  const rests = incident.signals.every((name) => incident.generated?.[name] === run);
  return rests ? closeNow(state, 'load-ended', at) : [];
}

function closeNow(state: EngineState, because: 'load-ended' | 'drill-ended', at: number): readonly Draft[] {
  if (state.incident === undefined) return [];
  const drafts = emit(state, state.incident, [{ kind: 'closed', because }], at);
  delete state.incident;
  return drafts;
}
