import type { CheckFinished } from '../../src/event/catalogue.ts';
import type { SampleBatch, SampleData } from '../../src/event/samples.ts';
import type { Condition, JudgeSpec, SignalSpec } from '../../src/event/specs.ts';

export type Band = 'good' | 'hysteresis' | 'bad' | 'unknown';

/** What a run knows of a signal in a bucket, or over several: `null` where nothing was measured. */
export interface Figure {
  readonly n: number;
  readonly bad: number;
  readonly value: number | null;
}

/** A bucket that has closed, in the order of closing. A skipped one is unknown and stands nowhere in time. */
export interface Closed {
  readonly from: number;
  readonly unknown: boolean;
}

export interface Answer {
  readonly at: number;
  readonly passed: boolean;
  readonly facts?: CheckFinished;
}

interface Word {
  readonly at: number;
  readonly normal: boolean;
}

/** All that one run has seen so far, and what it amounts to by the page's definitions. Nothing is decided here. */
export class Facts {
  readonly judge: JudgeSpec;
  readonly closed: Closed[] = [];
  /** Conclusive answers by check, of this run; the last of the run before stands in `before`. */
  readonly answers = new Map<string, Answer[]>();
  readonly before: Map<string, boolean>;
  readonly states = new Map<string, Word[]>();
  readonly toggles = new Map<string, Word[]>();
  readonly reads: { readonly at: number; readonly ok: boolean; readonly normal: boolean }[] = [];
  readonly #batches = new Map<string, SampleBatch[]>();
  readonly #touched = new Set<number>();

  constructor(judge: JudgeSpec, before: ReadonlyMap<string, boolean>) {
    this.judge = judge;
    this.before = new Map(before);
  }

  /** Windows, and what checks answered; what was told of the configuration stands. */
  beginAnew(): void {
    this.closed.length = 0;
    this.answers.clear();
    this.before.clear();
  }

  bucketOf(at: number): number {
    return Math.floor(at / this.judge.bucketMs) * this.judge.bucketMs;
  }

  touch(from: number, to: number): void {
    for (let each = this.bucketOf(from); each <= to; each += this.judge.bucketMs) this.#touched.add(each);
  }

  isTouched(bucket: number): boolean {
    return this.#touched.has(bucket);
  }

  addSamples(batch: SampleBatch): void {
    const key = `${batch.signal} ${this.bucketOf(batch.from)}`;
    this.#batches.set(key, [...(this.#batches.get(key) ?? []), batch]);
  }

  /** Of the source that the judge names, over the buckets that begin in `[from, to)`. */
  figure(signal: SignalSpec, statistic: string, from: number, to: number): Figure {
    const buckets: number[] = [];
    for (let bucket = from; bucket < to; bucket += this.judge.bucketMs) buckets.push(bucket);
    return this.#figureOf(signal, statistic, buckets);
  }

  /** Over the window of its trigger. */
  windowFigure(signal: SignalSpec): Figure {
    const window = this.closed.slice(-signal.trigger.buckets).filter(({ unknown }) => !unknown);
    return this.#figureOf(
      signal,
      signal.trigger.statistic,
      window.map(({ from }) => from),
    );
  }

  #figureOf(signal: SignalSpec, statistic: string, buckets: readonly number[]): Figure {
    const data = buckets
      .filter((bucket) => !this.#touched.has(bucket))
      .flatMap((bucket) => this.#batches.get(`${signal.name} ${bucket}`) ?? [])
      .filter(({ source }) => source === signal.source)
      .map((batch) => batch.data);
    return figureOf(data, statistic);
  }

  /** Against its trigger. */
  verdict(signal: SignalSpec, { from, unknown }: Closed): 'ok' | 'bad' | 'unknown' {
    if (unknown) return 'unknown';
    const figure = this.figure(signal, signal.trigger.statistic, from, from + 1);
    if (figure.n < signal.minSamples || figure.value === null) return 'unknown';
    return isBad(signal, figure) ? 'bad' : 'ok';
  }

  /** Against recovery. */
  band(criterion: { readonly signal: string; readonly good: Condition }, closed: Closed): Band {
    const signal = this.judge.signals.find((each) => each.name === criterion.signal);
    if (!signal) return 'unknown';
    const verdict = this.verdict(signal, closed);
    if (verdict !== 'ok') return verdict;
    const { value } = this.figure(signal, criterion.good.statistic, closed.from, closed.from + 1);
    return holds(criterion.good, value!) ? 'good' : 'hysteresis';
  }

  fires(signal: SignalSpec, upTo: number = this.closed.length): boolean {
    const { buckets } = signal.trigger;
    if (upTo < buckets) return false;
    const window = this.closed.slice(upTo - buckets, upTo).map((each) => this.verdict(signal, each));
    const unknown = window.filter((each) => each === 'unknown').length;
    return window.at(0) === 'bad' && window.at(-1) === 'bad' && unknown <= 1 && !window.includes('ok');
  }

  /** It fires as of the newest closed bucket, and is known not to have fired as of the one before. */
  firesAgain(signal: SignalSpec): boolean {
    const before = this.closed.length - 1;
    return before >= signal.trigger.buckets && !this.fires(signal, before);
  }

  newest(check: string, before = Infinity): Answer | undefined {
    const own = (this.answers.get(check) ?? []).findLast(({ at }) => at < before);
    const earlier = this.before.get(check);
    return own ?? (earlier === undefined ? undefined : { at: -Infinity, passed: earlier });
  }

  lastTwoFailed(check: string): boolean {
    const own = (this.answers.get(check) ?? []).map(({ passed }) => passed);
    const earlier = this.before.get(check);
    const all = earlier === undefined ? own : [earlier, ...own];
    return own.length > 0 && all.length > 1 && !all.at(-1) && !all.at(-2);
  }

  /** Of a check of the incident in a bucket. */
  check(name: string, { from, unknown }: Closed): Band {
    if (unknown) return 'unknown';
    const to = from + this.judge.bucketMs;
    const inside = (this.answers.get(name) ?? []).filter(({ at }) => at >= from && at < to);
    const newest = this.newest(name, to);
    if (inside.some(({ passed }) => !passed) || newest?.passed === false) return 'bad';
    const everyMs = this.judge.checks?.find((each) => each.name === name)?.everyMs ?? 0;
    if (newest && (newest.at >= from || everyMs > this.judge.bucketMs)) return 'good';
    return 'unknown';
  }

  state(name: string, { from, unknown }: Closed): 'ok' | 'bad' | 'unknown' {
    return unknown ? 'unknown' : this.#told(this.states.get(name) ?? [], from);
  }

  toggle(name: string, { from, unknown }: Closed): 'ok' | 'bad' | 'unknown' {
    return unknown ? 'unknown' : this.#told(this.toggles.get(name) ?? [], from);
  }

  #told(words: readonly Word[], from: number): 'ok' | 'bad' | 'unknown' {
    const { bucketMs } = this.judge;
    const one = told(words, from, from + bucketMs);
    if (one !== 'ok') return one;
    // Not normal in each of three buckets in a row, and in at least a third of what was told in them.
    for (const start of [from - 2 * bucketMs, from - bucketMs, from]) {
      if (this.#touched.has(start)) return 'ok';
      if (!words.some(({ at, normal }) => at >= start && at < start + bucketMs && !normal)) return 'ok';
    }
    const all = words.filter(({ at }) => at >= from - 2 * bucketMs && at < from + bucketMs);
    return all.filter(({ normal }) => !normal).length / all.length >= 1 / 3 ? 'bad' : 'ok';
  }

  configuration({ from, unknown }: Closed): Band {
    if (unknown) return 'unknown';
    const to = from + this.judge.bucketMs;
    const within = ({ at }: { readonly at: number }) => at >= from && at < to;
    const fallback = this.states.get(this.judge.recovery.fallbackState) ?? [];
    const words = [...fallback, ...this.reads.filter(({ ok }) => ok)];
    if (words.some((word) => within(word) && !word.normal) || this.notNormal(to)) return 'bad';
    const hasToggles = Object.keys(this.judge.normalToggles).length > 0;
    if (hasToggles && this.reads.findLast(({ at }) => at < to)?.ok !== true) return 'unknown';
    if ((hasToggles || fallback.length > 0) && !words.some(within)) return 'unknown';
    return 'good';
  }

  /** By the newest words before a time. */
  notNormal(before: number): boolean {
    const fallback = this.states.get(this.judge.recovery.fallbackState) ?? [];
    const reads = this.reads.filter(({ ok }) => ok);
    return [fallback, reads].some((words) => words.findLast(({ at }) => at < before)?.normal === false);
  }

  /** By the newest words before a time; what cannot be read is not normal. */
  normalBefore(before: number): boolean {
    const hasToggles = Object.keys(this.judge.normalToggles).length > 0;
    return (
      !this.notNormal(before) && (!hasToggles || this.reads.findLast(({ at }) => at < before)?.ok === true)
    );
  }
}

function told(words: readonly Word[], from: number, to: number): 'ok' | 'bad' | 'unknown' {
  const inside = words.filter(({ at }) => at >= from && at < to);
  if (inside.length === 0) return 'unknown';
  return inside.some(({ normal }) => normal) ? 'ok' : 'bad';
}

export function isBad(signal: SignalSpec, { value, bad }: Figure): boolean {
  if (value === null || !holds(signal.trigger, value)) return false;
  return signal.trigger.statistic !== 'rate' || signal.minSamples < 20 || bad >= 2;
}

export function holds({ comparison, value: limit }: Condition, value: number): boolean {
  switch (comparison) {
    case '>':
      return value > limit;
    case '>=':
      return value >= limit;
    case '<':
      return value < limit;
    case '<=':
      return value <= limit;
    case '==':
      return value === limit;
  }
}

function figureOf(data: readonly SampleData[], statistic: string): Figure {
  const values: number[] = [];
  let total = 0;
  let bad = 0;
  for (const each of data) {
    if (each.kind === 'values') values.push(...each.values);
    if (each.kind === 'ratio') [total, bad] = [total + each.total, bad + each.bad];
    if (each.kind === 'histogram') values.push(...boundsOf(each));
  }
  if (statistic === 'rate') return { n: total, bad, value: total === 0 ? null : bad / total };
  values.sort((a, b) => a - b);
  const at = (index: number) => values.at(index) ?? null;
  const n = values.length;
  if (n === 0) return { n, bad, value: null };
  if (statistic === 'max') return { n, bad, value: at(-1) };
  if (statistic === 'min') return { n, bad, value: at(0) };
  return { n, bad, value: at(Math.ceil((Number(statistic.slice(1)) / 100) * n) - 1) };
}

/** Each sample of a histogram at the upper bound of its bucket; beyond the last one it is known to be at least that. */
function boundsOf({ le, counts }: Extract<SampleData, { kind: 'histogram' }>): readonly number[] {
  const last = le.findLast((bound) => bound !== null) ?? 0;
  return counts.flatMap((count, index) => Array<number>(count).fill(le[index] ?? last));
}
