import type { Draft, SiagaEvent } from '../event/envelope.ts';
import type { Json } from '../kernel/json.ts';
import type { Judged } from '../signal/judge.ts';
import { prune, takeSamples } from './cells.ts';
import { takeCheck, takeToggles } from './facts.ts';
import { announce } from './announce.ts';
import { beginWatch, blindDrafts, noteCheck } from './blind.ts';
import { emit } from './emit.ts';
import { digest, settledHold } from './flapping.ts';
import { afterGap } from './gap.ts';
import { hardDown } from './hard-down.ts';
import { decideVerify, stepPhase, type Step } from './phases.ts';
import { freshState, restoreSnapshot, snapshotOf } from './snapshot.ts';
import type { EngineState, Incident } from './state.ts';
import { afterStep, taintStep } from './step.ts';
import { firingAt, judgeBucket } from './triggers.ts';

/** Derives incidents from a stream of events. It never sees faults, and reads no clock: time is the events'. */
export interface Engine {
  /** Takes the next event in order of sequence and returns what follows from it, in order. Its own kinds of event change nothing. */
  step(event: SiagaEvent): readonly Draft[];
  /** The open incident, if any, as it stands. */
  readonly incident: Incident | undefined;
  /** The newest closed bucket: its start, and each signal as judged against its trigger. `undefined` before the first. */
  readonly newest: NewestBucket | undefined;
  /** What another run needs to go on from here. */
  snapshot(): Json;
}

export interface NewestBucket {
  readonly start: number;
  readonly signals: ReadonlyMap<string, Judged>;
}

export function createEngine(): Engine {
  let state: EngineState | undefined;
  return {
    get incident() {
      return state?.incident;
    },
    get newest() {
      return state === undefined || state.history.size === 0 ? undefined : newestOf(state);
    },
    snapshot: () => (state === undefined ? null : snapshotOf(state)),
    step(event) {
      if (event.type === 'run.started') {
        state = freshState(event, state);
        return [];
      }
      return state === undefined ? [] : stepState(state, event);
    },
  };
}

function newestOf(state: EngineState): NewestBucket {
  const signals = new Map<string, Judged>();
  for (const [signal, history] of state.history) {
    const judged = history.at(-1);
    if (judged !== undefined) signals.set(signal, judged);
  }
  return { start: state.next - state.spec.bucketMs, signals };
}

function stepState(state: EngineState, event: SiagaEvent): readonly Draft[] {
  if (event.type === 'clock.jump') taintStep(state, event);
  const closed = closeBuckets(state, event.at);
  return [...closed, ...take(state, event)];
}

function take(state: EngineState, event: SiagaEvent): readonly Draft[] {
  switch (event.type) {
    case 'samples':
      takeSamples(state, event);
      break;
    case 'check.finished':
      takeCheck(state, event);
      noteCheck(state, event);
      break;
    case 'toggle.read':
      takeToggles(state, event);
      break;
    case 'run.phase':
      beginScope(state);
      beginWatch(state);
      break;
    case 'clock.jump':
      return afterStep(state, event);
    case 'incident.resumed':
      restoreSnapshot(state, event.data.snapshot, event.at);
      return afterGap(state, event.data.unknownBuckets ?? 0, event.at);
    case 'incident.snapshot':
      restoreSnapshot(state, event.data.snapshot, event.at);
      break;
  }
  return [...declareHardDown(state, event), ...verifyBy(state, event)];
}

// The next part of a drill is another story: what it brings about does not reopen the incident of the part before.
function beginScope(state: EngineState): void {
  if (!state.drill || state.incident !== undefined) return;
  delete state.recovered;
  state.changes = [];
}

function declareHardDown(state: EngineState, event: SiagaEvent): readonly Draft[] {
  const firing = hardDown(state, event);
  return firing === undefined
    ? []
    : announce(state, [{ firing, severity: state.spec.hardDown.severity }], event.at);
}

/** A core check that answers during VERIFY is taken at once: nobody waits for the next bucket to hear RECOVERED. */
function verifyBy(state: EngineState, event: SiagaEvent): readonly Draft[] {
  const phase = state.incident?.phase;
  if (event.type !== 'check.finished' || state.incident === undefined || phase?.name !== 'verifying')
    return [];
  if (!state.spec.recovery.coreChecks.includes(event.data.check) || event.data.outcome === 'inconclusive')
    return [];
  const results = {
    ...phase.results,
    [event.data.check]: { passed: event.data.outcome === 'passed', seq: event.seq },
  };
  state.incident = { ...state.incident, phase: { ...phase, results } };
  const step = decideVerify(state, { ...phase, results }, state.next - state.spec.bucketMs);
  return step === undefined ? [] : apply(state, state.incident, step, event.at);
}

function closeBuckets(state: EngineState, now: number): readonly Draft[] {
  const { bucketMs, latenessMs } = state.spec;
  const drafts: Draft[] = [];
  while (state.next + bucketMs + latenessMs <= now) {
    const start = state.next;
    drafts.push(...closeBucket(state, start, start + bucketMs + latenessMs));
    prune(state);
  }
  return drafts;
}

function closeBucket(state: EngineState, start: number, closedAt: number): readonly Draft[] {
  judgeBucket(state, start);
  state.next = start + state.spec.bucketMs;
  const firing = firingAt(state, start).map(({ spec, ...fact }) => ({
    firing: fact,
    severity: spec.severity,
  }));
  const drafts = [
    ...lateDrafts(state),
    ...blindDrafts(state, closedAt),
    ...announce(state, firing, closedAt),
  ];
  const { incident } = state;
  if (incident === undefined || incident.since === closedAt) return drafts;
  const stepped = apply(state, incident, stepPhase(state, incident, start, closedAt), closedAt);
  return [...drafts, ...stepped, ...digest(state, closedAt)];
}

function lateDrafts(state: EngineState): readonly Draft[] {
  const drafts = [...state.late].map(([signal, late]): Draft => ({
    type: 'sampling.dropped',
    data: { signal, ...late },
  }));
  state.late.clear();
  return drafts;
}

function apply(state: EngineState, incident: Incident, step: Step, at: number): readonly Draft[] {
  const drafts = emit(state, { ...incident, phase: step.phase }, step.changes, at);
  if (step.changes.some(({ kind }) => kind === 'recovered')) close(state, at);
  return step.bucket === undefined ? drafts : [step.bucket, ...drafts];
}

function close(state: EngineState, at: number): void {
  const { incident } = state;
  if (incident === undefined) return;
  const { id, ordinal, group } = incident;
  state.recovered = { id, ordinal, at, group, ...settledHold(incident) };
  state.changes = [...state.changes, at];
  delete state.incident;
  state.down.clear();
}

/** The engine's own events are recognised by their kind and ignored when judging again. */
export function isDerived(event: SiagaEvent): boolean {
  return (
    event.type === 'incident.transition' ||
    event.type === 'incident.bucket' ||
    event.type === 'incident.blind' ||
    event.type === 'sampling.dropped'
  );
}

/** Everything the engine derives from these events, as if nothing had been derived before. */
export function deriveAll(events: readonly SiagaEvent[]): readonly Draft[] {
  const engine = createEngine();
  return events.flatMap((event) => engine.step(event));
}
