import type { CheckFinished } from '../event/catalogue.ts';
import type { SampleData } from '../event/samples.ts';
import type { Evaluation } from '../check/conclude.ts';
import type { Feed } from '../check/feed.ts';
import { windowMs } from '../signal/window.ts';
import { Batcher, type Sample } from './batcher.ts';
import type { SamplingContext } from './context.ts';

/** Where observations and samples become events. */
export interface Recorder {
  /** Writes the observation, unless it is one more of the same, and gathers its samples. */
  finished(evaluation: Evaluation): CheckFinished;
  sample(sample: Sample): void;
  /** Writes the batches whose window has ended. */
  flush(): void;
  /** Writes all that is left. */
  drain(): void;
}

/**
 * `every` writes each observation; `changes` writes each that is no plain pass or says something new of the target,
 * and of the others only so many that no bucket goes without.
 */
export function createRecorder(
  { journal, clock, bucketMs }: SamplingContext,
  writes: 'every' | 'changes',
): Recorder {
  const batcher = new Batcher(bucketMs);
  const isNews = writes === 'every' ? () => true : newsWithin(windowMs(bucketMs));
  const write = (batches: ReturnType<Batcher['drain']>) => {
    for (const data of batches) journal.append({ type: 'samples', data });
  };
  return {
    finished({ finished, feeds }) {
      const at = clock.now();
      if (isNews(finished, at)) journal.append({ type: 'check.finished', data: finished, at });
      const labels = { endpoint: finished.endpoint ?? finished.check };
      for (const feed of feeds)
        batcher.add({ signal: feed.signal, labels, source: 'probe', at, data: dataOf(feed) });
      return finished;
    },
    sample: (sample) => batcher.add(sample),
    flush: () => write(batcher.flush(clock.now())),
    drain: () => write(batcher.drain()),
  };
}

// Numbers move with every answer (a price): they are told each second, not each time.
const numbersEveryMs = 1_000;

function newsWithin(repeatMs: number): (finished: CheckFinished, at: number) => boolean {
  const last = new Map<string, { readonly at: number; readonly said: string }>();
  return (finished, at) => {
    const states = Object.entries(finished.states);
    const said = JSON.stringify(states.filter(([, value]) => typeof value !== 'number'));
    const before = last.get(finished.check);
    const dueMs = states.some(([, value]) => typeof value === 'number') ? numbersEveryMs : repeatMs;
    const due = before !== undefined && Math.floor(at / dueMs) > Math.floor(before.at / dueMs);
    const isNews = finished.outcome !== 'passed' || said !== before?.said || due;
    if (isNews) last.set(finished.check, { at, said: finished.outcome === 'passed' ? said : '' });
    return isNews;
  };
}

function dataOf(feed: Feed): SampleData {
  switch (feed.kind) {
    case 'value':
      return { kind: 'values', values: [feed.value] };
    case 'ratio':
      return { kind: 'ratio', total: 1, bad: feed.bad ? 1 : 0, throttled: 0 };
    case 'throttled':
      return { kind: 'ratio', total: 0, bad: 0, throttled: 1 };
  }
}
