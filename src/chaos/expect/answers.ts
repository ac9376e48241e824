import { windowMs } from '../../signal/window.ts';
import type { AnyCheck } from '../../check/definition.ts';
import type { EventOf, SiagaEvent } from '../../event/envelope.ts';
import type { Finding, JudgedFinding, Observation, ObservationContext, Observer } from '../definition.ts';
import { PacedCoverage } from './coverage.ts';
import { beganAt } from './observed-at.ts';
import { dueMs, paceOf } from './pace.ts';

type StateValue = boolean | string | number;

/** The states a check tells, so that a misspelt one does not compile. */
export type StatesOf<C extends AnyCheck> = C extends { readonly states: infer S }
  ? { readonly [K in keyof S]?: S[K] extends (...args: never[]) => infer V ? V : never }
  : Readonly<Record<string, never>>;

/** The check passes and tells these states: `answers(solComplete, { degraded: true, source: 'okx' })`. */
export function answers<C extends AnyCheck>(check: C, states: StatesOf<C>): Observation {
  const wanted = Object.entries(states) as [string, StateValue][];
  const allowed = ['passed', ...wanted.map(([key, value]) => `${key} ${show(value)}`)].join(', ');
  return {
    text: `${check.name} answers with ${wanted.map(([key, value]) => `${key} ${show(value)}`).join(', ')}`,
    allowed,
    begin: (context) => observe(check, wanted, context),
  };
}

/**
 * The check passes, its own limit of time included. One slow answer breaks nothing, and passes nothing: time is judged
 * by the 95th percentile of the stage against that limit.
 */
export function passes(check: AnyCheck): Observation {
  return {
    text: `${check.name} passes`,
    allowed: 'passed',
    begin: (context) => observe(check, [], context),
  };
}

/** A state of the system is this, whichever check tells it: `state('fallback').is(false)`. */
export function state(name: string): { is(value: StateValue): Observation } {
  return {
    is: (value) => ({
      text: `${name} is ${show(value)}`,
      allowed: show(value),
      begin: (context) => observeState(name, value, context),
    }),
  };
}

function observeState(
  name: string,
  value: StateValue,
  { since, before, judge }: ObservationContext,
): Observer {
  const finished = before.filter((event) => event.type === 'check.finished' && name in event.data.states);
  const coverage = new PacedCoverage(
    since,
    Math.max(windowMs(judge.bucketMs), usualGapMs(finished) ?? judge.bucketMs),
  );
  return {
    step(event) {
      const finding = stateOf(name, value, event);
      if (finding) coverage.add(event.at, event.at);
      return finding;
    },
    coverage,
  };
}

/** How often a state is reported depends on the checks that report it, and is learnt from the time before. */
function usualGapMs(finished: readonly SiagaEvent[]): number | undefined {
  const gaps = finished.slice(1).map(({ at }, index) => at - (finished[index]?.at ?? at));
  const longest = gaps.toSorted((a, b) => a - b)[Math.floor(0.9 * gaps.length)];
  // Several tell it at once: how often they do is not known.
  return longest === 0 ? undefined : longest;
}

function observe(
  check: AnyCheck,
  wanted: readonly [string, StateValue][],
  { since, judge }: ObservationContext,
): Observer {
  const coverage = new PacedCoverage(since, dueMs(check, judge));
  const pace = paceOf(check, judge);
  let last: JudgedFinding = { state: 'pending', got: 'nothing was observed' };
  return {
    step(event) {
      pace.take(event);
      const finding = answerOf(check.name, wanted, event);
      if (finding) coverage.add(beganAt(event), event.at);
      if (finding && finding.state !== 'idle') last = finding;
      return finding;
    },
    finish: () => (last.state === 'broken' ? last : (pace.tooSlow() ?? last)),
    coverage,
  };
}

function answerOf(
  check: string,
  wanted: readonly [string, StateValue][],
  event: SiagaEvent,
): Finding | undefined {
  if (event.type !== 'check.finished' || event.data.check !== check) return undefined;
  if (event.data.outcome === 'inconclusive') return undefined;
  // Failed by nothing but its time: what all of them took together is judged, and this one is no pass.
  const right = event.data.outcome === 'passed' ? met(event, wanted) : ({ state: 'idle' } as const);
  return failureOf(event) ?? mismatch(event, wanted) ?? right;
}

function failureOf({ seq, data }: EventOf<'check.finished'>): Finding | undefined {
  if (data.outcome === 'passed') return undefined;
  const first = data.violations.find(({ path }) => path !== 'durationMs');
  if (first === undefined && data.violations.length > 0) return undefined;
  const got = first ? `${first.path}: ${first.got}` : (data.reason ?? 'failed');
  return { state: 'broken', got, evidence: [seq], ...(first && { path: first.path }) };
}

function mismatch(
  { seq, data }: EventOf<'check.finished'>,
  wanted: readonly [string, StateValue][],
): Finding | undefined {
  const wrong = wanted.find(([key, value]) => data.states[key] !== value);
  if (!wrong) return undefined;
  const [key] = wrong;
  return { state: 'broken', got: `${key} ${show(data.states[key])}`, path: `states.${key}`, evidence: [seq] };
}

function met({ seq }: EventOf<'check.finished'>, wanted: readonly [string, StateValue][]): Finding {
  const got = ['passed', ...wanted.map(([key, value]) => `${key} ${show(value)}`)].join(', ');
  return { state: 'met', got, evidence: [seq] };
}

function stateOf(name: string, value: StateValue, event: SiagaEvent): Finding | undefined {
  if (event.type !== 'check.finished') return undefined;
  const got = event.data.states[name];
  if (got === undefined) return undefined;
  const facts = { got: show(got), path: `states.${name}`, evidence: [event.seq] };
  return { state: got === value ? 'met' : 'broken', ...facts };
}

const show = (value: StateValue | undefined): string =>
  typeof value === 'string' ? JSON.stringify(value) : String(value ?? 'nothing');
