import { performance } from 'node:perf_hooks';

const intervalMs = 20;

interface Tick {
  readonly at: number;
  readonly lagMs: number;
}

/** Ends the watch and tells the longest lag of the event loop since it began, in milliseconds. */
export type LagWatch = () => number;

let ticks: Tick[] = [];
let expected = 0;
let watchers = 0;
let timer: NodeJS.Timeout | undefined;

/** Watches how late this process's event loop runs. One timer serves all watches, and none runs without a watch. */
export function watchLag(): LagWatch {
  const since = performance.now();
  if (watchers++ === 0) start(since);
  let ended = false;
  return () => {
    if (ended) return 0;
    ended = true;
    const lag = longestSince(since, performance.now());
    if (--watchers === 0) stop();
    return lag;
  };
}

function start(now: number): void {
  ticks = [];
  expected = now + intervalMs;
  timer = setInterval(tick, intervalMs);
  timer.unref();
}

function stop(): void {
  clearInterval(timer);
  timer = undefined;
}

function tick(): void {
  const now = performance.now();
  const lagMs = Math.max(0, now - expected);
  // Kept as a falling series: a later, longer lag hides every earlier, shorter one.
  while ((ticks.at(-1)?.lagMs ?? Infinity) <= lagMs) ticks.pop();
  ticks.push({ at: now, lagMs });
  expected = now + intervalMs;
}

// A loop blocked until now has not had its tick yet; what blocked it before the watch began is not the watch's.
function longestSince(since: number, now: number): number {
  const pending = now - Math.max(expected, since);
  const seen = ticks.map(({ at, lagMs }) => Math.min(lagMs, at - since));
  return Math.round(Math.max(0, pending, ...seen) * 10) / 10;
}
