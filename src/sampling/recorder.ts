import type { CheckFinished } from '../event/catalogue.ts';
import type { SampleData } from '../event/samples.ts';
import type { Evaluation } from '../check/conclude.ts';
import type { Feed } from '../check/feed.ts';
import { Batcher, type Sample } from './batcher.ts';
import type { SamplingContext } from './context.ts';

/** Where observations and samples become events. */
export interface Recorder {
  /** Writes the observation at once and gathers its samples. */
  finished(evaluation: Evaluation): CheckFinished;
  sample(sample: Sample): void;
  /** Writes the batches whose window has ended. */
  flush(): void;
  /** Writes all that is left. */
  drain(): void;
}

export function createRecorder({ journal, clock, bucketMs }: SamplingContext): Recorder {
  const batcher = new Batcher(bucketMs);
  const write = (batches: ReturnType<Batcher['drain']>) => {
    for (const data of batches) journal.append({ type: 'samples', data });
  };
  return {
    finished({ finished, feeds }) {
      const at = clock.now();
      journal.append({ type: 'check.finished', data: finished, at });
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
