import { describe, expect, it, test } from 'vitest';
import type { SiagaEvent } from '../event/envelope.ts';
import { changesOf, judge, minute, origin, started } from '../incident/testing/play.ts';
import { Collector } from '../load/collector.ts';
import { ForeignTime } from '../load/foreign-time.ts';
import { memoryJournal } from '../store/memory.ts';
import { judgeLive } from './live-judge.ts';

const second = 1_000;

interface Shape {
  /** How far the wall clock is set, and when, in milliseconds since the run began. */
  readonly byMs: number;
  readonly atMs: number;
  readonly lastsMs: number;
  /** Of ten requests a second, so many fail. */
  readonly errors: (ms: number) => number;
}

/** A judge beside a k6 whose points carry the wall clock of another process, for as long as told. */
async function live({ byMs, atMs, lastsMs, errors }: Shape): Promise<readonly SiagaEvent[]> {
  let mono = 5_000_000;
  const ran = (): number => mono - 5_000_000;
  const wallAt = (ms: number): number => origin + ms + (ms >= atMs ? byMs : 0);
  const clock = {
    now: () => origin + ran(),
    monotonic: () => mono,
    wall: () => wallAt(ran()),
    sleep: async (ms: number): Promise<void> => {
      for (const end = mono + ms; mono < end;) {
        mono += Math.min(second - (ran() % second), end - mono);
        if (ran() % second === 0) send();
      }
      await new Promise((resolve) => setImmediate(resolve));
      if (ran() >= lastsMs) ended.resolve();
    },
  };
  const ended = Promise.withResolvers<void>();
  const foreign = new ForeignTime(clock);
  const collector = new Collector({
    bucketMs: judge.bucketMs,
    timeoutMs: 2_000,
    selectors: [],
    ownTime: (wallMs) => foreign.own(wallMs),
  });
  // k6 hands over what is up to 0.3 s old.
  const send = (): void => {
    for (let n = 0; n < 10; n++) collector.point(pointAt(wallAt(ran() - 300 + n * 10), n < errors(ran())));
    for (const data of collector.take(clock.now())) journal.append({ type: 'samples', data });
  };
  const journal = memoryJournal({ run: 'r', target: 't', clock, boot: 'machine.process' });
  journal.append(started(false));
  const judged = judgeLive({ journal, clock, judge });
  await ended.promise;
  await judged.stop();
  return journal.events();
}

function pointAt(at: number, bad: boolean): string {
  const tags = {
    status: bad ? '500' : '200',
    name: 'prices',
    method: 'GET',
    expected_response: String(!bad),
  };
  const data = { time: new Date(at).toISOString(), value: 50, tags };
  return JSON.stringify({ metric: 'http_req_duration', type: 'Point', data });
}

const steps = [-3_600_000, -3_000, 3_000, 3_600_000] as const;
const hour = 60 * minute;

describe.each(steps)('row 12: the wall clock is set by %i ms', (byMs) => {
  it('and half of all requests failing is declared within six minutes, not missed for an hour', async () => {
    const atMs = 2 * minute + 20 * second;
    const log = await live({ byMs, atMs, lastsMs: 12 * minute, errors: () => 5 });
    const [first] = changesOf(log);
    expect(first).toMatchObject({ kind: 'declared' });
    expect(first?.minute).toBeLessThan(2.5 + 6);
    expect(log.filter(({ type }) => type === 'incident.blind')).toEqual([]);
    expect(log.filter(({ type }) => type === 'sampling.dropped')).toEqual([]);
  });

  it('and it is told once, before the bucket it touched is judged', async () => {
    const atMs = 6 * minute + 20 * second;
    const log = await live({ byMs, atMs, lastsMs: 9 * minute, errors: () => 0 });
    const jumps = log.flatMap((event) => (event.type === 'clock.jump' ? [event] : []));
    expect(jumps.map(({ data }) => data.byMs)).toEqual([byMs]);
    const [jump] = jumps;
    expect(jump?.at).toBeGreaterThanOrEqual(origin + atMs);
    expect(jump?.at).toBeLessThan(origin + atMs + 2 * second);
  });

  it('and the run’s own time, and that of k6’s samples, go on as if nothing had happened', async () => {
    const log = await live({ byMs, atMs: 90 * second, lastsMs: 4 * minute, errors: () => 0 });
    const times = log.map(({ at }) => at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const late = log.flatMap((event) => (event.type === 'samples' ? [event.at - event.data.to] : []));
    expect(Math.max(...late)).toBeLessThan(5 * second);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
  });
});

test.each([[-hour], [hour]])(
  'row 12: a step of %i ms in the newest bucket of a window takes its verdict away',
  async (byMs) => {
    // Bad from the first minute on: without the step it fires as the fifth minute closes.
    const shape = { lastsMs: 5 * minute + 30 * second, errors: () => 5 };
    const quiet = await live({ ...shape, byMs: 0, atMs: 4 * minute + 50 * second });
    expect(changesOf(quiet)[0]).toMatchObject({ kind: 'declared' });
    expect(changesOf(await live({ ...shape, byMs, atMs: 4 * minute + 50 * second }))).toEqual([]);
  },
);

test.each([
  ['two seconds are an adjustment', 2_000, []],
  ['more is a step', 2_001, [2_001]],
  ['a suspended machine is one too', 8 * hour, [8 * hour]],
])('%s', async (_, byMs, expected) => {
  const log = await live({ byMs, atMs: 70 * second, lastsMs: 3 * minute, errors: () => 0 });
  expect(log.flatMap((event) => (event.type === 'clock.jump' ? [event.data.byMs] : []))).toEqual(expected);
});
