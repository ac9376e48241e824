import type { Draft } from '../event/envelope.ts';
import type { IncidentChange } from '../event/incident.ts';
import type { Band } from '../signal/judge.ts';
import { abnormality, providerWell } from './facts.ts';
import { handOver, worsened } from './stable.ts';
import { bandsAt, criteriaOf, holdBucket, resetHold, stepHold } from './recovery.ts';
import type { BandReading, EngineState, Fallback, Hold, Incident, Phase } from './state.ts';
import { anyBad, firingBetween, symptomsAt } from './triggers.ts';

/** What an open incident does when a bucket closes: the changes, in order, and where it stands then. */
export interface Step {
  readonly changes: readonly IncidentChange[];
  readonly phase: Phase;
  readonly bucket?: Draft;
}

/** Moves an incident over the bucket that starts at `start`; `now` is when that bucket closed. */
export function stepPhase(state: EngineState, incident: Incident, start: number, now: number): Step {
  const { phase } = incident;
  switch (phase.name) {
    case 'degraded':
      return fromDegraded(state, start, now);
    case 'mitigated':
      return fromMitigated(state, incident, phase, start, now);
    case 'restoring':
      return fromRestoring(state, incident, phase, start, now);
    case 'recovering':
      return fromRecovering(state, incident, phase.hold, start, now);
    case 'verifying':
      return fromVerifying(state, phase, start, now);
  }
}

function fromDegraded(state: EngineState, start: number, now: number): Step {
  const { worst } = bandsAt(state, start);
  if (worst === 'bad' || worst === 'unknown') return stay({ name: 'degraded' });
  const still = anyBad(state);
  const why = abnormality(state) ?? (still && `${still} is still over its threshold`) ?? 'the cause is gone';
  return {
    changes: [{ kind: 'mitigated', because: `inside the thresholds; ${why}`, ...(still && { still }) }],
    phase: { name: 'mitigated', providerGood: 0, fallback: { since: now } },
  };
}

function fromMitigated(
  state: EngineState,
  incident: Incident,
  phase: Phase & { name: 'mitigated' },
  start: number,
  now: number,
): Step {
  const { worst, readings } = bandsAt(state, start);
  if (worst === 'bad') return worsen(state, incident, readings, start);
  if (abnormality(state) === undefined)
    return anyBad(state) === undefined ? restored(state, now) : stay(phase);
  const good = worst !== 'unknown' && providerWell(state, start) ? phase.providerGood + 1 : 0;
  const bucket = bucketDraft(holdBucket(state, incident, 'restore', start, good));
  const { changes, fallback } = lasting(state, phase.fallback, worst, start, now);
  if (good < state.spec.recovery.restoreBuckets)
    return { changes, phase: { name: 'mitigated', providerGood: good, fallback }, bucket };
  return {
    changes: [...changes, { kind: 'restore-proposed', goodBuckets: good }],
    phase: { name: 'restoring', proposedBy: start, fallback },
    bucket,
  };
}

/** A fallback that goes on for one more bucket: MITIGATED-STABLE when that makes it a long one. */
function lasting(
  state: EngineState,
  fallback: Fallback,
  worst: Band,
  start: number,
  now: number,
): { readonly changes: readonly IncidentChange[]; readonly fallback: Fallback } {
  const change = worst === 'unknown' ? undefined : handOver(state, fallback, start, now);
  if (change === undefined) return { changes: [], fallback };
  const { owner, since, reviewAt } = change;
  return { changes: [change], fallback: { ...fallback, stable: { owner, since, reviewAt } } };
}

// Only a configuration that was read back from the system counts as restored; only then does the clock start.
function fromRestoring(
  state: EngineState,
  incident: Incident,
  phase: Phase & { name: 'restoring' },
  start: number,
  now: number,
): Step {
  if (abnormality(state) === undefined) return restored(state, now);
  const { worst, readings } = bandsAt(state, start);
  const steady = start > phase.proposedBy + 5 * state.spec.bucketMs;
  if (worst === 'bad') return steady ? worsen(state, incident, readings, start) : stay(phase);
  const { changes, fallback } = lasting(state, phase.fallback, worst, start, now);
  return { changes, phase: { ...phase, fallback } };
}

function restored(state: EngineState, now: number): Step {
  const hold: Hold = { notBefore: now, good: 0, unknownInRow: 0 };
  return {
    changes: [{ kind: 'restored', toggles: state.facts.toggles?.values ?? {} }],
    phase: { name: 'recovering', hold },
  };
}

function worsen(
  state: EngineState,
  incident: Incident,
  readings: readonly BandReading[],
  start: number,
): Step {
  const bad = readings.filter((reading) => reading.band === 'bad').map(({ signal }) => signal);
  const spec = state.spec.signals.find(({ name }) => name === bad[0]);
  const by = spec && firingBetween(state, spec, start, start);
  const because = `over the threshold again: ${bad.join(', ')}`;
  return { changes: [worsened(state, incident, because, by)], phase: { name: 'degraded' } };
}

function fromRecovering(
  state: EngineState,
  incident: Incident,
  hold: Hold,
  start: number,
  now: number,
): Step {
  if (start < hold.notBefore) return stay({ name: 'recovering', hold });
  const why = abnormality(state);
  if (why !== undefined) return backToMitigated(why, now);
  const step = stepHold(state, incident, hold, start);
  const bucket = bucketDraft(holdBucket(state, incident, 'recovery', start, step.hold.good));
  if (step.kind === 'counting')
    return { changes: [], phase: { name: 'recovering', hold: step.hold }, bucket };
  if (step.kind === 'complete') {
    return {
      changes: [{ kind: 'verifying' }],
      phase: { name: 'verifying', hold: step.hold, since: now, results: {} },
      bucket,
    };
  }
  const changes: IncidentChange[] =
    step.lost > 0 ? [{ kind: 'hold-reset', because: step.because, lostBuckets: step.lost }] : [];
  return { changes, phase: { name: 'recovering', hold: step.hold }, bucket };
}

function backToMitigated(why: string, now: number): Step {
  const phase: Phase = { name: 'mitigated', providerGood: 0, fallback: { since: now } };
  return { changes: [{ kind: 'worsened', because: why }], phase };
}

/** While the contract checks decide, the hold must stay good; their verdict is taken as they come. */
function fromVerifying(
  state: EngineState,
  phase: Phase & { name: 'verifying' },
  start: number,
  now: number,
): Step {
  const why = abnormality(state);
  if (why !== undefined) return backToMitigated(why, now);
  const { worst } = bandsAt(state, start);
  if (worst === 'bad' || worst === 'limbo') {
    const { hold, because, lost } = resetHold(phase.hold, `${worst} while the contract checks ran`);
    return {
      changes: [{ kind: 'hold-reset', because, lostBuckets: lost }],
      phase: { name: 'recovering', hold },
    };
  }
  return decideVerify(state, phase, start) ?? stay(phase);
}

/** Decides once every core check has answered since VERIFY began. */
export function decideVerify(
  state: EngineState,
  phase: Phase & { name: 'verifying' },
  start: number,
): Step | undefined {
  const { coreChecks } = state.spec.recovery;
  if (!coreChecks.every((name) => name in phase.results)) return undefined;
  const failed = coreChecks.filter((name) => phase.results[name]?.passed !== true);
  if (failed.length > 0) {
    return { changes: [{ kind: 'verify-failed', failed }], phase: { ...phase, results: {} } };
  }
  const criteria = criteriaOf(state, phase.hold, start, phase.results);
  return { changes: [{ kind: 'recovered', criteria, symptoms: symptomsAt(state, start) }], phase };
}

function bucketDraft(data: Extract<Draft, { type: 'incident.bucket' }>['data']): Draft {
  return { type: 'incident.bucket', data };
}

function stay(phase: Phase): Step {
  return { changes: [], phase };
}
