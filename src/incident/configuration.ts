import type { SiagaEvent } from '../event/envelope.ts';
import type { Band, Judged } from '../signal/judge.ts';
import type { Announcement } from './announce.ts';
import { wordsOf } from './derived.ts';
import type { EngineState, TimedWord } from './state.ts';

/** Takes what an event tells of states and toggles, or that the toggles could not be read. */
export function takeWords(state: EngineState, event: SiagaEvent): void {
  const { at, seq } = event;
  if (event.type === 'toggle.read') {
    const { ok, values } = event.data;
    state.reads.push({ at, ok });
    if (ok) state.toggles = values;
    else state.toggles = { ...state.toggles, ...values };
  }
  for (const word of wordsOf(state.spec, event)) {
    const words = state.words.get(word.signal) ?? [];
    words.push({ ...word, at, seq });
    state.words.set(word.signal, words);
  }
}

/** What the configuration is read from: the fallback, where one was reported, and the toggles. */
function configured({ spec, words }: EngineState): readonly (readonly TimedWord[])[] {
  const fallback = `state:${spec.recovery.fallbackState}`;
  return [...words].flatMap(([signal, told]) =>
    signal === fallback || told[0]?.subject.kind === 'toggle' ? [told] : [],
  );
}

const hasToggles = ({ spec }: EngineState): boolean => Object.keys(spec.normalToggles).length > 0;

/** Whether there is anything of which it could be asked whether it is normal. */
export const hasConfiguration = (state: EngineState): boolean =>
  hasToggles(state) || configured(state).length > 0;

/** What the configuration was in the bucket that starts at `start`. */
export function configurationBand(state: EngineState, start: number): Band {
  const end = start + state.spec.bucketMs;
  const sources = configured(state);
  if (state.tainted.has(start)) return 'unknown';
  if (sources.some((words) => wasAbnormal(words, start, end))) return 'bad';
  const reads = state.reads.filter(({ at }) => at < end);
  if (reads.at(-1)?.ok === false || (hasToggles(state) && !reads.some(({ ok }) => ok))) return 'unknown';
  if (!hasConfiguration(state)) return 'good';
  return sources.some((words) => within(words, start, end).length > 0) ? 'good' : 'unknown';
}

function wasAbnormal(words: readonly TimedWord[], start: number, end: number): boolean {
  const told = within(words, start, end);
  if (told.some(({ normal }) => !normal)) return true;
  return told.length === 0 && words.findLast(({ at }) => at < start)?.normal === false;
}

const within = (words: readonly TimedWord[], start: number, end: number): readonly TimedWord[] =>
  words.filter(({ at }) => at >= start && at < end);

/** What was not normal by the words up to `before`, UTC ms; all of them where it is left out. */
export function abnormal(state: EngineState, before = Infinity): readonly TimedWord[] {
  return configured(state).flatMap((words) => {
    const last = words.findLast(({ at }) => at < before);
    return last === undefined || last.normal ? [] : [last];
  });
}

/** Whether the newest words say that the configuration is normal, and why not; unknown where it cannot be read. */
export function configurationNow(state: EngineState): {
  readonly verdict: 'met' | 'bad' | 'unknown';
  readonly why: string | undefined;
} {
  const why = abnormality(state);
  if (why === undefined) return { verdict: 'met', why };
  return { verdict: abnormal(state).length > 0 ? 'bad' : 'unknown', why };
}

/** Why the system is not in its normal configuration; `undefined` where it is known to be. */
export function abnormality(state: EngineState): string | undefined {
  const wrong = abnormal(state);
  if (wrong.some(({ subject }) => subject.kind === 'state')) return 'the fallback is active';
  if (wrong.length > 0) return `not normal: ${wrong.map(({ subject }) => subject.name).join(', ')}`;
  if (hasToggles(state) && !state.reads.some(({ ok }) => ok)) return 'toggles were not read back';
  return state.reads.at(-1)?.ok === false ? 'the toggles could not be read' : undefined;
}

/** Sequences of the newest words about the configuration. */
export function configurationEvidence(state: EngineState): readonly number[] {
  return [...new Set(configured(state).flatMap((words) => words.at(-1)?.seq ?? []))];
}

/** In words, what a normal configuration of this system is. */
export function configurationWords(state: EngineState): { readonly name: string; readonly allowed: string } {
  const fallback = configured(state).some(([first]) => first?.subject.kind === 'state');
  if (!hasToggles(state)) return { name: 'fallback off', allowed: 'fallback off' };
  const allowed = 'every toggle at its normal value';
  return fallback
    ? { name: 'fallback off, configuration normal', allowed: `fallback off and ${allowed}` }
    : { name: 'configuration normal', allowed };
}

/** Whether a signal is a state or toggle that this run knows. */
export function isWord({ spec, words }: EngineState, signal: string): boolean {
  if (words.has(signal)) return true;
  const states = (spec.states ?? []).map(({ name }) => `state:${name}`);
  return [...states, ...Object.keys(spec.normalToggles).map((name) => `toggle:${name}`)].includes(signal);
}

/** A state or toggle against its trigger of one bucket. */
export function wordState(state: EngineState, signal: string, start: number): Judged['state'] {
  const told = within(state.words.get(signal) ?? [], start, start + state.spec.bucketMs);
  if (state.tainted.has(start) || told.length === 0) return 'unknown';
  return told.every(({ normal }) => !normal) || comesAndGoes(state, signal, start) ? 'bad' : 'ok';
}

// Once and for less than a bucket, it is in two of them at most.
const inARow = 3;

/** Whether a state or toggle was not normal again and again, though never for a whole bucket. */
function comesAndGoes({ words, spec, tainted }: EngineState, signal: string, start: number): boolean {
  const starts = Array.from({ length: inARow }, (_, back) => start - back * spec.bucketMs);
  const told = starts.map((each) => within(words.get(signal) ?? [], each, each + spec.bucketMs));
  const odd = told.map((each) => each.filter(({ normal }) => !normal).length);
  if (starts.some((each) => tainted.has(each)) || odd.includes(0)) return false;
  return odd.reduce((a, b) => a + b) * 3 >= told.flat().length;
}

/** The states that are bad in a bucket; nothing in a drill. */
export function badStates(state: EngineState, start: number): readonly string[] {
  if (state.drill) return [];
  return (state.spec.states ?? [])
    .map(({ name }) => `state:${name}`)
    .filter((signal) => wordState(state, signal, start) === 'bad');
}

/** The states and toggles that fire as of a bucket, states first. A judge that names no states has neither as signals. */
export function wordFirings(state: EngineState, start: number): readonly Announcement[] {
  if (state.drill || state.spec.states === undefined) return [];
  const toggles = Object.keys(state.spec.normalToggles).map((name) => `toggle:${name}`);
  const bad = toggles.filter((signal) => wordState(state, signal, start) === 'bad');
  return [...badStates(state, start), ...bad].flatMap((signal) => {
    const told = within(state.words.get(signal) ?? [], start, start + state.spec.bucketMs);
    const last = told.at(-1);
    if (last === undefined) return [];
    const { subject, got, allowed, severity } = last;
    const evidence = told.map(({ seq }) => seq).slice(-20);
    const firing = { signal, subject, got, allowed, since: told[0]?.at ?? start, evidence };
    return [{ firing, severity, again: false }];
  });
}
