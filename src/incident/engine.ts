import type { Draft, SiagaEvent } from '../event/envelope.ts';
import type { Firing, IncidentNoticed, IncidentTransition, Phase } from '../event/incident.ts';
import type { Json } from '../kernel/json.ts';
import type { Judged } from '../signal/judge.ts';
import { prune, specOf, takeSamples } from './cells.ts';
import { takeCheck } from './facts.ts';
import { announce, announceWords, noteAnnouncedElsewhere } from './announce.ts';
import { answerFiring, beginSampling, shareFirings, takeAnswer, takeLastChecks } from './answers.ts';
import { beginWatch, noDataDrafts, noteCheck } from './no-data.ts';
import { takeWords, wordFirings } from './configuration.ts';
import { emit, type EngineState, type Incident, type Standing } from './state.ts';
import { digest } from './flapping.ts';
import { takeOver, objection, standsBack } from './keeper.ts';
import { hardDown, suspectedDown } from './hard-down.ts';
import { decideVerify, stepPhase, type Step } from './phases.ts';
import { endLoad, enterPhase, setForeignDrill } from './scope.ts';
import { freshState, snapshotOf, stand, standingFrom, standingOf } from './snapshot.ts';
import { afterBucket, afterTransition } from './standing.ts';
import { afterStep, followBack, skipFar, taintStep } from './step.ts';
import { firingAt, firingBetween, judgeBucket } from './triggers.ts';

/** Derives incidents from a stream of events. It never sees faults, and reads no clock: time is the events'. */
export interface Engine {
  /** Takes the next event in order of sequence and returns what follows from it, in order. Its own kinds of event change nothing. */
  step(event: SiagaEvent): readonly Draft[];
  /** The open incident, if any, as it stands. */
  readonly incident: Incident | undefined;
  /** The newest closed bucket: its start, and each signal as judged against its trigger. `undefined` before the first. */
  readonly newest: NewestBucket | undefined;
  /** A signal over the closed buckets of its trigger's window. `undefined` where none of them is known. */
  over(signal: string): OverWindow | undefined;
  /** Since when, UTC ms, something stands that says hard down, too few times or not long enough to declare it. */
  readonly suspectedDown: number | undefined;
  /** What another run needs to go on from here. */
  snapshot(): Json;
}

/** How far a trigger has come. */
export interface OverWindow {
  /** What it is judged with: the statistic over the samples of those buckets. */
  readonly firing: Firing;
  readonly bad: number;
  /** Buckets of which it is known whether they are bad. */
  readonly known: number;
  /** As many as the trigger needs. */
  readonly of: number;
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
    over: (signal) => state && overWindow(state, signal),
    get suspectedDown() {
      return state && suspectedDown(state);
    },
    snapshot: () => (state === undefined ? null : snapshotOf(realOf(state))),
    step(event) {
      if (event.type === 'run.started') {
        state = freshState(event);
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

function overWindow(state: EngineState, signal: string): OverWindow | undefined {
  const spec = specOf(state, signal);
  const states = (state.history.get(signal) ?? []).map((judged) => judged.state);
  const known = states.filter((each) => each !== 'unknown').length;
  if (spec === undefined || known === 0) return undefined;
  const newest = state.next - state.spec.bucketMs;
  const firing = firingBetween(state, spec, newest - (states.length - 1) * state.spec.bucketMs, newest);
  const bad = states.filter((each) => each === 'bad').length;
  return { firing, bad, known, of: spec.trigger.buckets };
}

function stepState(state: EngineState, event: SiagaEvent): readonly Draft[] {
  followBack(state, event);
  if (event.type === 'clock.jump') taintStep(state, event);
  // What others decided comes before what this run decides by the same buckets.
  if (event.type === 'incident.noticed' && event.data.drill === undefined) {
    notice(state, event.data);
    return [];
  }
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
      takeAnswer(state, event);
      takeWords(state, event);
      noteCheck(state, event);
      break;
    case 'toggle.read':
      takeWords(state, event);
      break;
    case 'run.phase':
      beginWatch(state);
      beginSampling(state, event.data.part);
      return enterPhase(state, event);
    case 'load.started':
      beginSampling(state, 'load');
      break;
    case 'clock.jump':
      return afterStep(state, event);
    case 'incident.noticed':
      setForeignDrill(state, event.data.drill?.on === true, event.at);
      break;
    case 'load.finished':
      return endLoad(state, event.at);
    case 'incident.resumed':
      setReal(state, standingFrom(event.data.snapshot, event.at));
      takeLastChecks(state, event.data.lastChecks);
      return state.drill ? [] : takeOver(state, event);
    case 'incident.snapshot':
      setReal(state, standingFrom(event.data.snapshot, event.at));
      break;
  }
  return [...declareHardDown(state, event), ...announceAnswer(state, event), ...verifyBy(state, event)];
}

function announceAnswer(state: EngineState, event: SiagaEvent): readonly Draft[] {
  return event.type === 'check.finished' ? announce(state, answerFiring(state, event), event.at) : [];
}

const realOf = (state: EngineState): Standing => (state.drill ? state.aside : standingOf(state));

function setReal(state: EngineState, standing: Standing): void {
  if (state.drill) state.aside = standing;
  else stand(state, standing);
}

function notice(state: EngineState, { transition, bucket }: IncidentNoticed): void {
  if (transition !== undefined) {
    setReal(state, afterTransition(realOf(state), transition));
    noteAnnouncedElsewhere(state, transition);
  }
  if (bucket !== undefined) setReal(state, afterBucket(realOf(state), bucket));
}

function declareHardDown(state: EngineState, event: SiagaEvent): readonly Draft[] {
  const firing = hardDown(state, event);
  if (firing === undefined) return [];
  return announce(state, [{ firing, severity: state.spec.hardDown.severity, again: true }], event.at);
}

/** A core check that answers during VERIFY is taken at once: nobody waits for the next bucket to hear RECOVERED. */
function verifyBy(state: EngineState, event: SiagaEvent): readonly Draft[] {
  const phase = state.incident?.phase;
  if (event.type !== 'check.finished' || state.incident === undefined || phase?.name !== 'verifying')
    return [];
  if (!state.spec.recovery.coreChecks.includes(event.data.check) || event.data.outcome === 'inconclusive')
    return [];
  if (event.at < phase.since || state.foreignDrill || standsBack(state, state.incident)) return [];
  const results = {
    ...phase.results,
    [event.data.check]: { passed: event.data.outcome === 'passed', seq: event.seq },
  };
  state.incident = { ...state.incident, phase: { ...phase, results } };
  const step = decideVerify(state, state.incident, { ...phase, results }, event.at);
  return step === undefined ? [] : apply(state, state.incident, step, event.at);
}

function closeBuckets(state: EngineState, now: number): readonly Draft[] {
  const { bucketMs, latenessMs } = state.spec;
  const drafts: Draft[] = [];
  skipFar(state, now);
  while (state.next + bucketMs + latenessMs <= now) {
    const start = state.next;
    drafts.push(...closeBucket(state, start, start + bucketMs + latenessMs));
    prune(state);
  }
  return drafts;
}

function closeBucket(state: EngineState, start: number, closedAt: number): readonly Draft[] {
  if (state.foreignDrill) state.tainted.add(start);
  judgeBucket(state, start);
  state.next = start + state.spec.bucketMs;
  const before = state.incident;
  const drafts = [
    ...lateDrafts(state),
    ...noDataDrafts(state, closedAt),
    ...announce(state, [...firingAt(state, start), ...shareFirings(state, start)], closedAt),
    ...announceWords(state, wordFirings(state, start), closedAt),
  ];
  const { incident } = state;
  if (incident === undefined || before === undefined) return drafts;
  if (standsBack(state, incident)) return [...drafts, ...objection(state, incident, closedAt)];
  // What has just got worse is not moved on by the same bucket.
  const stepped = drafts.some(isWorse)
    ? []
    : apply(state, incident, stepPhase(state, incident, start, closedAt), closedAt);
  return [...drafts, ...stepped, ...(state.foreignDrill ? [] : digest(state, closedAt))];
}

const isWorse = (draft: Draft): boolean =>
  draft.type === 'incident.transition' && draft.data.change.kind === 'worsened';

function lateDrafts(state: EngineState): readonly Draft[] {
  const drafts = [...state.late].map(([signal, late]): Draft => ({
    type: 'sampling.dropped',
    data: { signal, ...late },
  }));
  state.late.clear();
  return drafts;
}

function apply(state: EngineState, incident: Incident, step: Step, at: number): readonly Draft[] {
  const before = standingOf({ ...state, incident });
  const drafts = emit(state, { ...incident, phase: step.phase }, step.changes, at);
  for (const draft of drafts) if (isRecovery(draft)) close(state, before, draft.data);
  return step.bucket === undefined ? drafts : [withPhase(step.bucket, step.phase), ...drafts];
}

/** Where the incident stands goes with each bucket of its hold, so that another run can go on from there. */
function withPhase(bucket: Draft, phase: Phase): Draft {
  return bucket.type === 'incident.bucket' ? { ...bucket, data: { ...bucket.data, phase } } : bucket;
}

type Recovery = Extract<Draft, { type: 'incident.transition' }>;

const isRecovery = (draft: Draft): draft is Recovery =>
  draft.type === 'incident.transition' && draft.data.change.kind === 'recovered';

function close(state: EngineState, before: Standing, recovery: IncidentTransition): void {
  // Beside the real ones a drill's are counted the same way, within the drill.
  stand(state, afterTransition(before, { ...recovery, drill: false }));
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
  return events.toSorted((a, b) => judgedAt(a) - judgedAt(b)).flatMap((event) => engine.step(event));
}

// What was read of other runs was taken before the event in whose judgement it was read.
function judgedAt(event: SiagaEvent): number {
  const during = 'during' in event.data ? event.data.during : undefined;
  return during === undefined ? event.seq : during - 0.5;
}
