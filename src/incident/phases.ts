import type { Draft } from '../event/envelope.ts';
import type { IncidentChange } from '../event/incident.ts';
import { abnormality, providerWell } from './facts.ts';
import { bandsAt, criteriaOf, holdBucket, resetHold, stepHold } from './recovery.ts';
import type { EngineState, Hold, Incident, Phase } from './state.ts';
import { anyBad, symptomsAt } from './triggers.ts';

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
      return fromDegraded(state, start);
    case 'mitigated':
      return fromMitigated(state, incident, phase, start, now);
    case 'restoring':
      return fromRestoring(state, phase, start, now);
    case 'recovering':
      return fromRecovering(state, incident, phase.hold, start, now);
    case 'verifying':
      return fromVerifying(state, phase, start);
  }
}

function fromDegraded(state: EngineState, start: number): Step {
  const { worst } = bandsAt(state, start);
  if (worst === 'bad' || worst === 'unknown') return stay({ name: 'degraded' });
  const why = abnormality(state) ?? cause(state) ?? 'the cause is gone';
  return {
    changes: [{ kind: 'mitigated', because: `inside the thresholds; ${why}` }],
    phase: { name: 'mitigated', providerGood: 0 },
  };
}

function cause(state: EngineState): string | undefined {
  const bad = anyBad(state);
  return bad === undefined ? undefined : `${bad} is still over its threshold`;
}

function fromMitigated(
  state: EngineState,
  incident: Incident,
  phase: Phase & { name: 'mitigated' },
  start: number,
  now: number,
): Step {
  const { worst, readings } = bandsAt(state, start);
  if (worst === 'bad')
    return worsen(readings.filter(({ band }) => band === 'bad').map(({ signal }) => signal));
  if (abnormality(state) === undefined)
    return anyBad(state) === undefined ? restored(state, now) : stay(phase);
  const good = worst !== 'unknown' && providerWell(state, start) ? phase.providerGood + 1 : 0;
  const bucket = bucketDraft(holdBucket(state, incident, 'restore', start, good));
  if (good < state.spec.recovery.restoreBuckets)
    return { changes: [], phase: { name: 'mitigated', providerGood: good }, bucket };
  return {
    changes: [{ kind: 'restore-proposed', goodBuckets: good }],
    phase: { name: 'restoring', proposedBy: start },
    bucket,
  };
}

// Only a configuration that was read back from the system counts as restored; only then does the clock start.
function fromRestoring(
  state: EngineState,
  phase: Phase & { name: 'restoring' },
  start: number,
  now: number,
): Step {
  if (abnormality(state) === undefined) return restored(state, now);
  const { worst, readings } = bandsAt(state, start);
  const steady = start > phase.proposedBy + 5 * state.spec.bucketMs;
  return worst === 'bad' && steady
    ? worsen(readings.filter(({ band }) => band === 'bad').map(({ signal }) => signal))
    : stay(phase);
}

function restored(state: EngineState, now: number): Step {
  const hold: Hold = { notBefore: now, good: 0, unknownInRow: 0 };
  return {
    changes: [{ kind: 'restored', toggles: state.facts.toggles?.values ?? {} }],
    phase: { name: 'recovering', hold },
  };
}

function worsen(signals: readonly string[]): Step {
  return {
    changes: [{ kind: 'worsened', because: `over the threshold again: ${signals.join(', ')}` }],
    phase: { name: 'degraded' },
  };
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
  if (why !== undefined) return backToMitigated(why);
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

function backToMitigated(why: string): Step {
  return { changes: [{ kind: 'worsened', because: why }], phase: { name: 'mitigated', providerGood: 0 } };
}

/** While the contract checks decide, the hold must stay good; their verdict is taken as they come. */
function fromVerifying(state: EngineState, phase: Phase & { name: 'verifying' }, start: number): Step {
  const why = abnormality(state);
  if (why !== undefined) return backToMitigated(why);
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
