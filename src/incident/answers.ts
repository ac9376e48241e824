import type { RunPart } from '../event/catalogue.ts';
import type { EventOf } from '../event/envelope.ts';
import type { Firing } from '../event/incident.ts';
import { bucketStart } from '../signal/bucket.ts';
import type { Band } from '../signal/judge.ts';
import type { Announcement } from './announce.ts';
import { checkFiring } from './derived.ts';
import { isDown } from './hard-down.ts';
import type { Answered, EngineState } from './state.ts';

type Answer = EventOf<'check.finished'>;

const none: Omit<Answered, 'buckets'> = {
  passed: undefined,
  fires: false,
  fired: false,
  total: 0,
  failed: 0,
};

/** Takes the conclusive answer of a check, with those before it that were not written. */
export function takeAnswer(state: EngineState, event: Answer): void {
  const { check, outcome, unwritten = 0 } = event.data;
  if (outcome === 'inconclusive') return;
  const before: Answered = state.answers.get(check) ?? { ...none, buckets: new Map() };
  const passed = outcome === 'passed';
  const start = bucketStart(event.at, state.spec.bucketMs);
  if (!passed || !before.buckets.has(start)) before.buckets.set(start, passed ? 'passed' : 'failed');
  state.answers.set(check, {
    ...before,
    passed,
    seq: event.seq,
    fires: !passed && before.passed === false,
    ...(!passed && { failure: failureAfter(before, event) }),
    total: before.total + 1 + unwritten,
    failed: before.failed + (passed ? 0 : 1),
  });
}

// Of failures in a row it is reported since when they last, and which answers they were.
function failureAfter({ passed, failure }: Answered, event: Answer): Firing {
  const now = checkFiring(event);
  if (passed !== false || failure === undefined) return now;
  return { ...now, since: failure.since, evidence: [...failure.evidence, event.seq].slice(-20) };
}

/** How each check last answered in the run before: until it answers in this one, that is its newest answer. */
export function takeLastChecks(
  state: EngineState,
  last: Readonly<Record<string, 'passed' | 'failed'>> | undefined,
): void {
  for (const [check, outcome] of Object.entries(last ?? {})) {
    const passed = outcome === 'passed';
    if (!state.answers.has(check))
      state.answers.set(check, { ...none, passed, fired: !passed, buckets: new Map() });
  }
}

const samples: ReadonlySet<RunPart | undefined> = new Set(['staying', 'load']);

/** From here on answers are counted, or no longer. */
export function beginSampling(state: EngineState, part: RunPart | undefined): void {
  state.sampling = samples.has(part);
  for (const [check, answered] of state.answers)
    state.answers.set(check, { ...answered, total: 0, failed: 0 });
}

/** A check whose last two answers failed, as of an answer of it. */
export function answerFiring(state: EngineState, { data }: Answer): readonly Announcement[] {
  const answered = state.answers.get(data.check);
  if (data.outcome !== 'failed' || answered?.fires !== true) return [];
  return announced(state, data.check, answered);
}

/** Checks that failed too often since sampling began, as of the bucket that starts at `start`. */
export function shareFirings(state: EngineState, start: number): readonly Announcement[] {
  const { loadErrors = 0.02, checks = [] } = state.spec;
  return checks.flatMap(({ name }) => {
    const answered = state.answers.get(name);
    if (answered === undefined) return [];
    const { failed, total, buckets, failure, fires } = answered;
    const often = state.sampling && failed >= 2 && failed / total > loadErrors;
    const firing = often && buckets.get(start) === 'failed' && !state.tainted.has(start);
    const answers = { failed, of: total };
    const told =
      firing && failure ? announced(state, name, { ...answered, failure: { ...failure, answers } }) : [];
    state.answers.set(name, { ...answered, fired: firing || fires });
    return told;
  });
}

function announced(state: EngineState, check: string, answered: Answered): readonly Announcement[] {
  const spec = state.spec.checks?.find(({ name }) => name === check);
  const { failure: firing, fired } = answered;
  if (spec === undefined || firing === undefined) return [];
  // Also where it adds nothing now: it does not fire again later.
  state.answers.set(check, { ...answered, fired: true });
  if (state.drill || isDown(state)) return [];
  return [{ firing, severity: spec.severity, again: !fired }];
}

/** The check of the judge that a signal stands for. */
export function checkOf({ spec }: EngineState, signal: string) {
  return spec.checks?.find(({ name }) => signal === `check:${name}`);
}

/** What a check of the incident says of a bucket. */
export function checkBand(
  state: EngineState,
  { name, everyMs }: { readonly name: string; readonly everyMs: number },
  start: number,
): Band {
  const answered = state.answers.get(name);
  const inBucket = answered?.buckets.get(start);
  if (state.tainted.has(start) || answered?.passed === undefined) return 'unknown';
  if (inBucket === 'failed' || !answered.passed) return 'bad';
  return inBucket === 'passed' || everyMs > state.spec.bucketMs ? 'good' : 'unknown';
}

/** Whether any of the checks that decide recovery failed last. */
export function coreFailed(state: EngineState): boolean {
  return state.spec.recovery.coreChecks.some((name) => failedLast(state, name));
}

/** Whether the last conclusive answer of a check failed. */
export function failedLast({ answers }: EngineState, check: string | undefined): boolean {
  return check !== undefined && answers.get(check)?.passed === false;
}
