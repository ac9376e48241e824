import type { Draft } from '../event/envelope.ts';
import type { IncidentChange } from '../event/incident.ts';
import { checkOf, coreFailed, failedLast } from './answers.ts';
import { abnormal, abnormality, configurationBand } from './configuration.ts';
import { askRecovered, type Asked } from './criteria.ts';
import { providerWell } from './facts.ts';
import { goneFrom } from './gone.ts';
import { sayingDown } from './hard-down.ts';
import {
  resetHold,
  type HoldStep,
  type BandReading,
  type EngineState,
  type Fallback,
  type Hold,
  type Incident,
  type Phase,
} from './state.ts';
import {
  bandsAt,
  holdBucket,
  incidentParts,
  isDownSignalUnwell,
  stepHold,
  unknownParts,
} from './recovery.ts';
import { handOver, isSteady, phaseTo, worsened } from './stable.ts';
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
      return fromDegraded(state, incident, start, now);
    case 'mitigated':
      return fromMitigated(state, incident, phase, start, now);
    case 'restoring':
      return fromRestoring(state, incident, phase, start, now);
    case 'recovering':
      return fromRecovering(state, incident, phase, start, now);
    case 'verifying':
      return fromVerifying(state, incident, phase, start, now);
  }
}

function fromDegraded(state: EngineState, incident: Incident, start: number, now: number): Step {
  const { readings } = bandsAt(state, start);
  const quiet = !readings.some(({ band }) => band === 'bad' || band === 'unknown') && !coreFailed(state);
  const down = sayingDown(state).length > 0 || isDownSignalUnwell(state, incident, start);
  if (!quiet || down) return stay({ name: 'degraded' });
  const still = anyBad(state);
  const fails = incident.signals
    .map((signal) => checkOf(state, signal)?.name)
    .find((name) => failedLast(state, name));
  const why = abnormality(state) ?? (still && `${still} is still over its threshold`);
  // Whether the cause is gone is only known where all that fired is.
  const unknown = why || fails ? [] : unknownParts(state, incident, start);
  const because = fails
    ? ['users unaffected', ...(why ? [why] : []), `check ${fails} still fails`].join('; ')
    : unknown.length > 0
      ? `users unaffected; not known: ${unknown.join(', ')}`
      : `inside the thresholds; ${why ?? 'the cause is gone'}`;
  const unmeasured = unknown.length > 0 && { unknown };
  return {
    changes: [
      { kind: 'mitigated', because, ...(still && { still }), ...(fails && { fails }), ...unmeasured },
    ],
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
  if (isRestored(state, incident, start)) return restored(state, now);
  if (configurationBand(state, start) === 'good') return stay({ ...phase, providerGood: 0 });
  const good = isKnown(readings) && providerWell(state, start) ? phase.providerGood + 1 : 0;
  const bucket = bucketDraft(holdBucket(state, incident, 'restore', start, good));
  const { changes, fallback } = lasting(state, phase.fallback, readings, start, now);
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
  readings: readonly BandReading[],
  start: number,
  now: number,
): { readonly changes: readonly IncidentChange[]; readonly fallback: Fallback } {
  const change = isKnown(readings) ? handOver(state, fallback, start, now) : undefined;
  if (change === undefined) return { changes: [], fallback };
  const { owner, since, reviewAt } = change;
  return { changes: [change], fallback: { ...fallback, stable: { owner, since, reviewAt } } };
}

const isKnown = (readings: readonly BandReading[]): boolean =>
  readings.every(({ band }) => band !== 'unknown');

function fromRestoring(
  state: EngineState,
  incident: Incident,
  phase: Phase & { name: 'restoring' },
  start: number,
  now: number,
): Step {
  const { worst, readings } = bandsAt(state, start);
  if (worst === 'bad')
    return isSteady(state, phase, start) ? worsen(state, incident, readings, start) : stay(phase);
  if (isRestored(state, incident, start)) return restored(state, now);
  const { changes, fallback } = lasting(state, phase.fallback, readings, start, now);
  return { changes, phase: { ...phase, fallback } };
}

// Only a configuration that was read back from the system counts as restored; only then does the clock start.
function isRestored(state: EngineState, incident: Incident, start: number): boolean {
  if (configurationBand(state, start) !== 'good' || sayingDown(state).length > 0) return false;
  return (
    anyBad(state) === undefined && incidentParts(state, incident, start).every((part) => part.band !== 'bad')
  );
}

function restored(state: EngineState, now: number): Step {
  const hold: Hold = { notBefore: now, good: 0, unknownInRow: 0 };
  return {
    changes: [{ kind: 'restored', toggles: state.toggles ?? {} }],
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
  return { changes: [worsened(state, incident, because, 'degraded', by)], phase: { name: 'degraded' } };
}

function fromRecovering(
  state: EngineState,
  incident: Incident,
  phase: Phase & { name: 'recovering' },
  start: number,
  now: number,
): Step {
  if (start < phase.hold.notBefore) return stay(phase);
  const left = leavesHold(state, incident, start, now);
  if (left !== undefined) return left;
  const step = stepHold(state, incident, phase.hold, start);
  const bucket = bucketDraft(holdBucket(state, incident, 'recovery', start, step.hold.good));
  switch (step.kind) {
    case 'counting':
      return { changes: [], phase: { name: 'recovering', hold: step.hold }, bucket };
    case 'reset':
      return { ...startOver(step), bucket };
    case 'complete':
      return {
        changes: [{ kind: 'verifying' }],
        phase: { name: 'verifying', hold: step.hold, since: now, results: {} },
        bucket,
      };
  }
}

/** A configuration that is not normal when the bucket ends ends the hold; one that was so in between only starts it over. */
function leavesHold(state: EngineState, incident: Incident, start: number, now: number): Step | undefined {
  const end = start + state.spec.bucketMs;
  if (configurationBand(state, start) !== 'bad' || abnormal(state, end).length === 0) return undefined;
  const felt = bandsAt(state, start).worst === 'bad';
  return lost(state, incident, felt ? 'degraded' : 'mitigated', now);
}

function lost(state: EngineState, incident: Incident, to: 'degraded' | 'mitigated', now: number): Step {
  const because = abnormality(state) ?? 'the configuration was not normal';
  return { changes: [worsened(state, incident, because, to)], phase: phaseTo(to, incident.phase, now) };
}

function startOver({ hold, because, lost: lostBuckets }: Extract<HoldStep, { kind: 'reset' }>): Step {
  const changes: IncidentChange[] = lostBuckets > 0 ? [{ kind: 'hold-reset', because, lostBuckets }] : [];
  return { changes, phase: { name: 'recovering', hold } };
}

/** While the contract checks decide, buckets count as before; the checks' verdict is taken as it comes. */
function fromVerifying(
  state: EngineState,
  incident: Incident,
  phase: Phase & { name: 'verifying' },
  start: number,
  now: number,
): Step {
  const left = leavesHold(state, incident, start, now);
  if (left !== undefined) return left;
  const step = stepHold(state, incident, phase.hold, start);
  const bucket = bucketDraft(holdBucket(state, incident, 'recovery', start, step.hold.good));
  if (step.kind === 'reset') return { ...startOver(step), bucket };
  const held = { ...phase, hold: step.hold };
  return { ...(decideVerify(state, incident, held, now) ?? stay(held)), bucket };
}

/** Decides once every core check has answered since VERIFY began: by everything that RECOVERED asks for, as it is now. */
export function decideVerify(
  state: EngineState,
  incident: Incident,
  phase: Phase & { name: 'verifying' },
  now: number,
): Step | undefined {
  const { coreChecks } = state.spec.recovery;
  if (state.foreignDrill || !coreChecks.every((name) => name in phase.results)) return undefined;
  const failed = coreChecks.filter((name) => phase.results[name]?.passed !== true);
  if (failed.length > 0) return askAgain(state, phase, failed, now);
  const all = askRecovered(state, incident, phase.hold, phase.results);
  if (all.some(({ verdict }) => verdict !== 'met')) return unmet(state, incident, phase, all, now);
  const symptoms = symptomsAt(state, state.next - state.spec.bucketMs);
  const gone = goneFrom(state.spec, incident.signals);
  const criteria = all.map(({ criterion }) => criterion);
  return {
    changes: [{ kind: 'recovered', criteria, symptoms, ...(gone.length > 0 && { gone }) }],
    phase,
  };
}

// Whoever asks between times, VERIFY takes its answers a bucket later.
function askAgain(
  { spec }: EngineState,
  phase: Phase & { name: 'verifying' },
  failed: readonly string[],
  now: number,
): Step {
  const since = now + spec.bucketMs;
  return { changes: [{ kind: 'verify-failed', failed }], phase: { ...phase, since, results: {} } };
}

function unmet(
  state: EngineState,
  incident: Incident,
  phase: Phase & { name: 'verifying' },
  all: readonly Asked[],
  now: number,
): Step | undefined {
  const bad = all.filter(({ verdict }) => verdict === 'bad').map(({ criterion }) => criterion);
  if (bad.length === 0) return undefined;
  if (bad.some(({ kind }) => kind === 'configuration')) return lost(state, incident, 'mitigated', now);
  const because = bad.map(({ name, got }) => `${name}: ${got}`).join(', ');
  return startOver(resetHold(phase.hold, because));
}

function bucketDraft(data: Extract<Draft, { type: 'incident.bucket' }>['data']): Draft {
  return { type: 'incident.bucket', data };
}

function stay(phase: Phase): Step {
  return { changes: [], phase };
}
