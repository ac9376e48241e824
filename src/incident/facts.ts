import type { EventOf } from '../event/envelope.ts';
import type { CheckFinished } from '../event/catalogue.ts';
import { bucketStart } from '../signal/bucket.ts';
import type { CoreResult, EngineState } from './state.ts';

/** Takes what a check reported about the system: the provider asked directly, the contract, a failing request. */
export function takeCheck(state: EngineState, { data, at }: EventOf<'check.finished'>): void {
  const { providerState, coreChecks } = state.spec.recovery;
  const provider = providerGood(data, providerState);
  if (provider !== undefined) countProvider(state, at, provider);
  if (coreChecks.includes(data.check) && data.outcome !== 'inconclusive') {
    state.facts.core.set(data.check, coreResult(data));
  }
  const asked = data.dependency === undefined && data.requestId !== undefined;
  if (data.outcome === 'failed' && asked) state.facts.request = { id: data.requestId, at };
}

function coreResult(data: CheckFinished): CoreResult {
  if (data.outcome === 'passed' || data.slowOnly === true) return 'right';
  return hasNoAnswer(data) || (data.status ?? 0) >= 500 ? 'no-answer' : 'wrong';
}

// Events of earlier versions only reported what kept an answer away.
function hasNoAnswer({ noAnswer, timedOut, noConnection }: CheckFinished): boolean {
  return noAnswer === true || timedOut === true || noConnection !== undefined;
}

/** A failed direct probe says the provider is not back, even where its body could not be read. */
function providerGood(data: CheckFinished, key: string): boolean | undefined {
  const value = data.states[key];
  if (typeof value === 'boolean') return value && data.outcome === 'passed';
  return data.check === key && data.outcome !== 'inconclusive' ? data.outcome === 'passed' : undefined;
}

function countProvider(state: EngineState, at: number, good: boolean): void {
  const start = bucketStart(at, state.spec.bucketMs);
  const count = state.facts.provider.get(start) ?? { good: 0, bad: 0 };
  count[good ? 'good' : 'bad'] += 1;
  state.facts.provider.set(start, count);
}

/** Whether the provider answered every direct probe of a bucket, and was asked at all. */
export function providerWell(state: EngineState, start: number): boolean {
  const count = state.facts.provider.get(start);
  return count !== undefined && count.good > 0 && count.bad === 0;
}
