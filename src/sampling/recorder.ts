import type { CheckFinished } from '../event/catalogue.ts';
import type { SampleData } from '../event/samples.ts';
import type { Evaluation } from '../check/conclude.ts';
import type { Feed } from '../check/feed.ts';
import { requestSignals } from '../runbook/roles.ts';
import { windowMs, windowOf } from '../signal/window.ts';
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
 * and of the others only so many that no bucket goes without. Those are counted, and written with the next one.
 */
export function createRecorder(
  { journal, clock, bucketMs, ...judge }: SamplingContext,
  writes: 'every' | 'changes',
): Recorder {
  const signals = requestSignals(judge);
  const batcher = new Batcher(bucketMs);
  const repeats = new Repeats(bucketMs);
  const tell = ({ data, at }: Written) => void journal.append({ type: 'check.finished', data, at });
  const write = (batches: ReturnType<Batcher['drain']>) => {
    for (const data of batches) journal.append({ type: 'samples', data });
  };
  return {
    finished({ finished, feeds }) {
      const at = clock.now();
      const written = writes === 'every' ? { data: finished, at } : repeats.take(finished, at);
      if (written !== undefined) tell(written);
      const labels = { endpoint: finished.endpoint ?? finished.check };
      for (const feed of feeds) {
        const signal = feed.role === undefined ? feed.signal : signals[feed.role];
        batcher.add({ signal, labels, source: 'probe', at, data: dataOf(feed) });
      }
      return finished;
    },
    sample: (sample) => batcher.add(sample),
    flush: () => write(batcher.flush(clock.now())),
    drain() {
      for (const written of repeats.drain()) tell(written);
      write(batcher.drain());
    },
  };
}

// Numbers move with every answer (a price): they are written each second, not each time.
const numbersEveryMs = 1_000;

interface Written {
  readonly data: CheckFinished;
  readonly at: number;
}

interface Kept {
  readonly at: number;
  readonly said: string;
  /** Plain passes since then. */
  count: number;
  last?: Written;
}

/** Observations of each check that say the same as one in the same window. */
class Repeats {
  readonly #bucketMs: number;
  readonly #kept = new Map<string, Kept>();

  constructor(bucketMs: number) {
    this.#bucketMs = bucketMs;
  }

  /** The observation as it is written; `undefined` where it is one more of the same. */
  take(data: CheckFinished, at: number): Written | undefined {
    const kept = this.#kept.get(data.check);
    const said = saidBy(data);
    if (kept !== undefined && said === kept.said && !this.#isDue(data, kept.at, at)) {
      kept.count += 1;
      kept.last = { data, at };
      return undefined;
    }
    this.#kept.set(data.check, { at, said, count: 0 });
    return { data: counting(data, kept?.count ?? 0), at };
  }

  /** What was counted and not written yet. */
  drain(): readonly Written[] {
    return [...this.#kept.values()].flatMap((kept) => {
      const { last, count } = kept;
      kept.count = 0;
      return last === undefined || count === 0 ? [] : [{ ...last, data: counting(last.data, count - 1) }];
    });
  }

  #isDue({ outcome, states }: CheckFinished, before: number, at: number): boolean {
    const moves = Object.values(states).some((value) => typeof value === 'number');
    const lengthMs = moves ? numbersEveryMs : windowMs(this.#bucketMs);
    const windowAt = (time: number) => windowOf(time, this.#bucketMs, lengthMs).from;
    return outcome !== 'passed' || windowAt(at) > windowAt(before);
  }
}

function saidBy({ outcome, states }: CheckFinished): string {
  const written = Object.entries(states).filter(([, value]) => typeof value !== 'number');
  return outcome === 'passed' ? JSON.stringify(written) : '';
}

const counting = (data: CheckFinished, count: number): CheckFinished =>
  count === 0 ? data : { ...data, unwritten: count };

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
