import { type AnyCheck, endpointOf, isSocketCheck } from '../../check/definition.ts';
import type { SiagaEvent } from '../../event/envelope.ts';
import type { SampleBatch } from '../../event/samples.ts';
import type { JudgeSpec } from '../../event/specs.ts';
import { formatMs } from '../../kernel/duration.ts';
import { toMs } from '../../kernel/to-ms.ts';
import { requestSignals } from '../../runbook/roles.ts';
import { intervalOf } from '../../sampling/schedule.ts';
import { signalsOf } from '../../sampling/plan.ts';
import { readingOf } from '../../signal/reading.ts';
import { windowMs } from '../../signal/window.ts';
import type { JudgedFinding } from '../definition.ts';

/** How long a check's answers took over a stage. */
export interface Pace {
  take(event: SiagaEvent): void;
  /** The finding where their 95th percentile is over the check's own limit. */
  tooSlow(): JudgedFinding | undefined;
}

/** Time between two answers of a check as they are written: passes that say the same are written once a window. */
export function dueMs(check: AnyCheck, { bucketMs }: Pick<JudgeSpec, 'bucketMs'>): number {
  return Math.max(intervalOf(check), windowMs(bucketMs));
}

/**
 * Taken from the samples, for of the answers themselves not every pass is written. A check that feeds no samples is
 * judged by its answers, of which every slow one is written.
 */
export function paceOf(check: AnyCheck, judge: JudgeSpec): Pace {
  const within = isSocketCheck(check) ? check.reply.within : check.response.within;
  const { latency, roundTrip } = requestSignals(judge);
  const signal = isSocketCheck(check) ? roundTrip : latency;
  const pace = signalsOf(check, judge).includes(signal) ? sampledPace(check, signal) : answeredPace(check);
  return {
    take: (event) => pace.take(event),
    tooSlow: () => (within === undefined ? undefined : pace.over(toMs(within))),
  };
}

function sampledPace(check: AnyCheck, signal: string) {
  const endpoint = endpointOf(check);
  const batches: SampleBatch[] = [];
  const evidence: number[] = [];
  return {
    take(event: SiagaEvent) {
      if (event.type !== 'samples' || event.data.source !== 'probe') return;
      if (event.data.signal !== signal || event.data.labels['endpoint'] !== endpoint) return;
      batches.push(event.data);
      evidence.push(event.seq);
    },
    over(limitMs: number): JudgedFinding | undefined {
      const { n, value } = readingOf(batches, 'p95');
      return value === null || value <= limitMs ? undefined : tooSlow(value, n, limitMs, evidence);
    },
  };
}

function answeredPace(check: AnyCheck) {
  const slow: { readonly seq: number; readonly ms: number }[] = [];
  let n = 0;
  return {
    take(event: SiagaEvent) {
      if (event.type !== 'check.finished' || event.data.check !== check.name) return;
      if (event.data.outcome === 'inconclusive') return;
      n += 1 + (event.data.unwritten ?? 0);
      if (event.data.violations.some(({ path }) => path === 'durationMs'))
        slow.push({ seq: event.seq, ms: event.data.durationMs });
    },
    over(limitMs: number): JudgedFinding | undefined {
      if (slow.length <= 0.05 * n) return undefined;
      const ascending = slow.toSorted((a, b) => a.ms - b.ms);
      // Of all answers the slow ones are the last: the 95th percentile lies among them.
      const rank = Math.max(0, Math.ceil(0.95 * n) - (n - slow.length) - 1);
      const ms = ascending[rank]?.ms ?? 0;
      return tooSlow(
        ms,
        n,
        limitMs,
        slow.map(({ seq }) => seq),
      );
    },
  };
}

const tooSlow = (ms: number, n: number, limitMs: number, evidence: readonly number[]): JudgedFinding => ({
  state: 'broken',
  got: `p95 ${formatMs(ms)} (n=${n}), limit ${formatMs(limitMs)}`,
  path: 'durationMs',
  evidence,
});
