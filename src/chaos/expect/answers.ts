import type { AnyCheck } from '../../check/definition.ts';
import type { EventOf, SiagaEvent } from '../../event/envelope.ts';
import type { Finding, Observation, Observer } from '../definition.ts';
import { paceOf } from './pace.ts';

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
    begin: () => observe(check, wanted),
  };
}

/**
 * The check passes. One slow answer breaks nothing: time is judged as the runbook judges it, by the 95th percentile
 * of the stage against the check's own limit.
 */
export function passes(check: AnyCheck): Observation {
  return {
    text: `${check.name} passes`,
    allowed: 'passed',
    begin: () => observe(check, []),
  };
}

/** A state of the system is this, whichever check tells it: `state('fallback').is(false)`. */
export function state(name: string): { is(value: StateValue): Observation } {
  return {
    is: (value) => ({
      text: `${name} is ${show(value)}`,
      allowed: show(value),
      begin: () => ({ step: (event) => stateOf(name, value, event) }),
    }),
  };
}

function observe(check: AnyCheck, wanted: readonly [string, StateValue][]): Observer {
  const pace = paceOf(check);
  let last: Finding = { state: 'pending', got: 'nothing was observed' };
  return {
    step(event) {
      pace.take(event);
      const finding = answerOf(check.name, wanted, event);
      last = finding ?? last;
      return finding;
    },
    finish: () => (last.state === 'met' ? (pace.tooSlow() ?? last) : last),
  };
}

function answerOf(
  check: string,
  wanted: readonly [string, StateValue][],
  event: SiagaEvent,
): Finding | undefined {
  if (event.type !== 'check.finished' || event.data.check !== check) return undefined;
  if (event.data.outcome === 'inconclusive') return undefined;
  return failureOf(event) ?? mismatch(event, wanted) ?? met(event, wanted);
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
