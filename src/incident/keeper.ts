import type { Draft, EventOf } from '../event/envelope.ts';
import { emit, type EngineState, type Incident, resetHold, type Hold, type Phase } from './state.ts';
import { anyBad } from './triggers.ts';
import type { IncidentChange } from '../event/incident.ts';

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

/** What an open incident is after so many buckets in which nobody looked: each of them was unknown, never good. */
export function afterGap(state: EngineState, buckets: number, at: number): readonly Draft[] {
  const { incident } = state;
  if (incident === undefined || standsBack(state, incident)) return [];
  const { phase, changes } = phaseAfter(state, incident.phase, buckets, at);
  return emit(state, { ...incident, phase }, changes, at);
}

/** Goes on with the incident that another run left open. Where that run still keeps it, nothing changes. */
export function takeOver(
  state: EngineState,
  { data, at, run }: EventOf<'incident.resumed'>,
): readonly Draft[] {
  const { incident } = state;
  if (incident === undefined || data.keeps === false) return [];
  const { keeper: from } = incident;
  const taken: readonly IncidentChange[] =
    data.keeps === true && from !== undefined && from !== run
      ? [{ kind: 'taken-over', from, gapMs: data.gapMs }]
      : [];
  const { phase, changes } = phaseAfter(state, incident.phase, data.unknownBuckets ?? 0, at);
  const kept = { ...incident, keeper: run };
  if (changes.length === 0) return emit(state, { ...kept, phase }, taken, at);
  const drafts = emit(state, kept, taken, at);
  return [...drafts, ...emit(state, { ...kept, phase, ordinal: kept.ordinal + taken.length }, changes, at)];
}

interface After {
  readonly phase: Phase;
  readonly changes: readonly IncidentChange[];
}

function phaseAfter(state: EngineState, phase: Phase, buckets: number, at: number): After {
  if (buckets <= 0) return { phase, changes: [] };
  switch (phase.name) {
    case 'mitigated':
      return { phase: { ...phase, providerGood: 0 }, changes: [] };
    case 'recovering':
    case 'verifying': {
      const unknownInRow = phase.hold.unknownInRow + buckets;
      if (unknownInRow > state.spec.recovery.maxUnknownInRow) return startOver(phase.hold, buckets);
      const hold = { ...phase.hold, unknownInRow };
      return {
        phase: phase.name === 'verifying' ? { ...phase, hold, since: at, results: {} } : { ...phase, hold },
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
