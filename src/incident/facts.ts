import type { EventOf } from '../event/envelope.ts';
import type { CheckFinished } from '../event/catalogue.ts';
import { bucketStart } from '../signal/bucket.ts';
import type { EngineState } from './state.ts';

/** Takes what a check told about the system: fallback, the provider asked directly, the contract, a failing request. */
export function takeCheck(state: EngineState, { data, seq, at }: EventOf<'check.finished'>): void {
  const { fallbackState, providerState, coreChecks } = state.spec.recovery;
  const fallback = data.states[fallbackState];
  if (typeof fallback === 'boolean') state.facts.fallback = { active: fallback, seq };
  const provider = providerGood(data, providerState);
  if (provider !== undefined) countProvider(state, at, provider);
  if (coreChecks.includes(data.check) && data.outcome !== 'inconclusive') {
    state.facts.core.set(data.check, data.outcome === 'passed');
  }
  const asked = data.dependency === undefined && data.requestId !== undefined;
  if (data.outcome === 'failed' && asked) state.facts.request = { id: data.requestId, at };
}

/** A failed direct probe says the provider is not back, even where its body could not be read. */
function providerGood(data: CheckFinished, key: string): boolean | undefined {
  const told = data.states[key];
  if (typeof told === 'boolean') return told && data.outcome === 'passed';
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

export function takeToggles(state: EngineState, { data, seq }: EventOf<'toggle.read'>): void {
  if (!data.ok) return;
  state.facts.toggles = { abnormal: data.abnormal.map(({ name }) => name), values: data.values, seq };
}

/** Why the system is not in its normal configuration; `undefined` where it is known to be. */
export function abnormality(state: EngineState): string | undefined {
  const { fallback, toggles } = state.facts;
  if (fallback?.active === true) return 'the fallback is active';
  const expectsToggles = Object.keys(state.spec.normalToggles).length > 0;
  if (expectsToggles && toggles === undefined) return 'toggles were not read back';
  if (toggles !== undefined && toggles.abnormal.length > 0)
    return `not normal: ${toggles.abnormal.join(', ')}`;
  return undefined;
}
