import type { EventOf, SiagaEvent } from '../../event/envelope.ts';
import type { SampleBatch } from '../../event/samples.ts';
import type { Condition, SignalSpec } from '../../event/specs.ts';
import { SiagaError } from '../../kernel/errors.ts';
import { formatBeside, formatCondition, parseCondition } from '../../runbook/condition.ts';
import { holds } from '../../runbook/holds.ts';
import type { When } from '../../runbook/types.ts';
import { bucketStart } from '../../signal/bucket.ts';
import { badCount, readingOf } from '../../signal/reading.ts';
import type { Finding, JudgedFinding, Observation, ObservationContext, Observer } from '../definition.ts';
import { BucketCoverage } from './coverage.ts';

export interface SignalOptions {
  /** Judge each of the runbook's buckets, or all samples of the stage together. Default `bucket`. */
  readonly over?: 'bucket' | 'stage';
}

/** A signal of the runbook, from the source the runbook judges it by. */
export function signal(name: string): {
  /** Every known bucket meets the condition. A bucket with too few samples says nothing. */
  stays(when: When, options?: SignalOptions): Observation;
  /** The same, for something that is to happen: `within('20s', signal('db.latency').reaches('p99 > 1s'))`. */
  reaches(when: When, options?: SignalOptions): Observation;
  /** Its trigger fires: it declares, reopens or joins an incident. */
  fires(): Observation;
} {
  return {
    stays: (when, options) => observation(name, when, `${name} stays ${when}`, options),
    reaches: (when, options) => observation(name, when, `${name} reaches ${when}`, options),
    fires: () => ({
      text: `${name} fires`,
      allowed: 'fires',
      signals: [name],
      begin: (context) => observeFiring(name, context),
    }),
  };
}

function observation(
  name: string,
  when: When,
  text: string,
  { over = 'bucket' }: SignalOptions = {},
): Observation {
  const condition = parseCondition(when);
  if (!condition) throw badCondition(name, when);
  return {
    text: over === 'stage' ? `${text} over the whole stage` : text,
    allowed: formatCondition(condition, condition.unit),
    signals: [name],
    begin: (context) => begin(name, condition, over, context),
  };
}

interface Rule {
  readonly spec: SignalSpec;
  readonly condition: Condition;
}

function begin(
  name: string,
  condition: Condition,
  over: 'bucket' | 'stage',
  context: ObservationContext,
): Observer {
  const spec = context.judge.signals.find((each) => each.name === name);
  const rule = spec && { spec, condition };
  if (!rule) return { step: () => ({ state: 'pending', got: `the runbook has no signal ${name}` }) };
  const batches: Batch[] = [];
  const collect = (event: SiagaEvent) => {
    const counts =
      event.type === 'samples' && event.data.signal === name && event.data.source === rule.spec.source;
    if (counts && event.data.from >= context.since) batches.push(event);
    return counts;
  };
  return over === 'stage'
    ? overStage(rule, batches, collect, context)
    : overBuckets(rule, batches, collect, context);
}

type Batch = EventOf<'samples'>;
type Collect = (event: SiagaEvent) => boolean;

function overStage(
  rule: Rule,
  batches: readonly Batch[],
  collect: Collect,
  { since, judge: { bucketMs } }: ObservationContext,
): Observer {
  const coverage = new BucketCoverage(since, bucketMs);
  return {
    step(event) {
      if (!collect(event)) return undefined;
      coverage.add((event as Batch).data.from);
      return { state: 'pending', got: 'judged when the stage is over' };
    },
    finish: () => judge(rule, batches),
    coverage,
  };
}

function overBuckets(rule: Rule, batches: Batch[], collect: Collect, context: ObservationContext): Observer {
  const { bucketMs, latenessMs } = context.judge;
  const coverage = new BucketCoverage(context.since, bucketMs);
  let judged = Number.NEGATIVE_INFINITY;
  let known: JudgedFinding | undefined;
  const judgeBefore = (edge: number): JudgedFinding | undefined => {
    if (edge <= judged) return undefined;
    judged = edge;
    const closed = batches.filter(({ data }) => data.from < edge);
    batches.splice(0, batches.length, ...batches.filter(({ data }) => data.from >= edge));
    const found = perBucket(rule, closed, bucketMs);
    for (const { start } of found) coverage.add(start);
    const latest = worstOf(found.map(({ finding }) => finding));
    known = latest ?? known;
    return latest;
  };
  return {
    step(event) {
      collect(event);
      return judgeBefore(bucketStart(event.at - latenessMs, bucketMs));
    },
    finish: () =>
      judgeBefore(Number.POSITIVE_INFINITY) ??
      known ?? { state: 'pending', got: 'no bucket had enough samples' },
    coverage,
  };
}

/** The buckets that are known, each with what it says. */
function perBucket(rule: Rule, batches: readonly Batch[], bucketMs: number) {
  const buckets = Map.groupBy(batches, ({ data }) => bucketStart(data.from, bucketMs));
  return [...buckets]
    .map(([start, bucket]) => ({ start, finding: judge(rule, bucket) }))
    .filter(({ finding }) => finding.state !== 'pending');
}

const worstOf = (findings: readonly JudgedFinding[]): JudgedFinding | undefined =>
  findings.find(({ state }) => state === 'broken') ?? findings.at(-1);

function judge({ spec, condition }: Rule, events: readonly Batch[]): JudgedFinding {
  const batches: readonly SampleBatch[] = events.map(({ data }) => data);
  const { n, value } = readingOf(batches, condition.statistic);
  if (value === null || n < spec.minSamples)
    return { state: 'pending', got: `${n} of ${spec.minSamples} samples` };
  // As with triggers: one failure alone makes no bucket bad.
  const lone = spec.unit === 'ratio' && spec.minSamples >= 20 && badCount(batches) < 2;
  return {
    state: holds(condition, value) || lone ? 'met' : 'broken',
    got: `${condition.statistic} ${formatBeside(value, condition, spec.unit)} (n=${n})`,
    path: spec.name,
    evidence: events.map(({ seq }) => seq),
  };
}

/** A bucket without a batch of the signal is one in which it could not have fired. */
function observeFiring(name: string, { since, judge: { bucketMs } }: ObservationContext): Observer {
  const coverage = new BucketCoverage(since, bucketMs);
  return {
    step(event) {
      const finding = firing(name, event);
      if (finding && event.type === 'samples') coverage.add(event.data.from);
      return finding;
    },
    coverage,
  };
}

function firing(name: string, event: SiagaEvent): Finding | undefined {
  if (event.type === 'incident.transition') {
    const { change } = event.data;
    const fired = 'by' in change && change.by.signal === name;
    if (fired) return { state: 'met', got: change.by.got, path: name, evidence: [event.seq] };
  }
  // A batch of it shows that it was measured, and has not fired so far.
  const measured = event.type === 'samples' && event.data.signal === name;
  return measured
    ? { state: 'broken', got: 'measured, and did not fire', path: name, evidence: [event.seq] }
    : undefined;
}

function badCondition(name: string, when: string): SiagaError {
  return new SiagaError('bad-condition', {
    what: 'this is not a condition',
    where: `signal('${name}')`,
    got: when,
    allowed: 'a statistic, a comparison and a quantity, such as p95 <= 650ms or rate < 1%',
    exitCode: 2,
  });
}
