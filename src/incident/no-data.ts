import type { EventOf, Draft } from '../event/envelope.ts';
import type { JudgeSpec, SignalSpec } from '../event/specs.ts';
import type { EngineState } from './state.ts';

/**
 * What a check tells of the signals it feeds: one that was answered, well or badly, has data even where it gave no
 * sample. A target that fails explains why its own metrics cannot be read. What is inconclusive begins the watch only.
 */
export function noteCheck(state: EngineState, { data, at }: EventOf<'check.finished'>): void {
  for (const signal of state.spec.signals) {
    if (!isAbout(signal, data)) continue;
    const known = data.outcome !== 'inconclusive' || !state.lastSample.has(signal.name);
    if (known) state.lastSample.set(signal.name, Math.max(at, state.lastSample.get(signal.name) ?? 0));
  }
}

function isAbout(
  { source, supply }: SignalSpec,
  { check, outcome }: EventOf<'check.finished'>['data'],
): boolean {
  if (supply === undefined) return false;
  return supply.checks.includes(check) || (source === 'server' && outcome === 'failed');
}

/** Another part of a run measures other things: what stayed away in the part before is nobody's fault. */
export function beginWatch(state: EngineState): void {
  state.lastSample.clear();
  state.withoutData.clear();
}

/** NO_DATA: signals of which nothing was heard for three intervals, and for three minutes at least. Reported once. */
export function noDataDrafts(state: EngineState, now: number): readonly Draft[] {
  const drafts: Draft[] = [];
  for (const [signal, last] of state.lastSample) {
    const silent = now - last > patience(state.spec, signal);
    if (silent && !state.withoutData.has(signal))
      drafts.push({ type: 'incident.blind', data: { signal, sinceMs: last } });
    if (silent) state.withoutData.add(signal);
    else state.withoutData.delete(signal);
  }
  return drafts;
}

// Judges from before it was known how often a signal has samples wait equally long for every signal.
function patience({ signals, blindAfterMs }: JudgeSpec, name: string): number {
  if (signals.every(({ supply }) => supply === undefined)) return blindAfterMs;
  const supply = signals.find((signal) => signal.name === name)?.supply;
  return supply === undefined ? Infinity : Math.max(3 * supply.everyMs, blindAfterMs);
}
