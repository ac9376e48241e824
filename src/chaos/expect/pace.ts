import { type AnyCheck, endpointOf, isSocketCheck } from '../../check/definition.ts';
import type { SiagaEvent } from '../../event/envelope.ts';
import { formatMs, toMs } from '../../kernel/duration.ts';
import { readingOf } from '../../signal/reading.ts';
import type { SampleBatch } from '../../event/samples.ts';
import type { Finding } from '../definition.ts';

/** How long a check's answers took over a stage. */
export interface Pace {
  take(event: SiagaEvent): void;
  /** The finding where their 95th percentile is over the check's own limit. */
  tooSlow(): Finding | undefined;
}

/** Taken from the samples, for of the answers themselves not every pass is written. */
export function paceOf(check: AnyCheck): Pace {
  const signal = isSocketCheck(check) ? 'ws.roundtrip' : 'rest.latency';
  const within = isSocketCheck(check) ? check.reply.within : check.response.within;
  const endpoint = endpointOf(check);
  const batches: SampleBatch[] = [];
  const evidence: number[] = [];
  return {
    take(event) {
      if (event.type !== 'samples' || event.data.source !== 'probe') return;
      if (event.data.signal !== signal || event.data.labels['endpoint'] !== endpoint) return;
      batches.push(event.data);
      evidence.push(event.seq);
    },
    tooSlow() {
      const { n, value } = readingOf(batches, 'p95');
      if (within === undefined || value === null || value <= toMs(within)) return undefined;
      const got = `p95 ${formatMs(value)} (n=${n}), limit ${formatMs(toMs(within))}`;
      return { state: 'broken', got, path: 'durationMs', evidence };
    },
  };
}
