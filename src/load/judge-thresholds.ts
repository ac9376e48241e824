import type { Condition, JudgeSpec, SignalSpec, Statistic } from '../event/specs.ts';
import { formatValue, holds } from '../runbook/condition.ts';
import type { EndpointTally } from './collector.ts';
import type { Finding } from './finding.ts';
import { loadSignals } from './threshold.ts';

/**
 * The runbook's triggers over a whole load. Each expected endpoint is judged and needs its samples; where none is
 * expected, all requests together are, and each endpoint that has enough.
 */
export function judgeThresholds(
  judge: JudgeSpec,
  expected: readonly string[],
  endpoints: readonly EndpointTally[],
  total: EndpointTally,
): Finding[] {
  const signals = loadSignals(judge);
  const others = endpoints
    .filter(({ endpoint }) => !expected.includes(endpoint))
    .flatMap((tally) => judgeOne(signals, tally, false));
  if (expected.length > 0) {
    return [...expected.flatMap((name) => judgeOne(signals, tallyOf(name, endpoints), true)), ...others];
  }
  // The endpoint that failed says more than all requests together.
  return others.length > 0 ? others : judgeOne(signals, total, true);
}

function tallyOf(name: string, endpoints: readonly EndpointTally[]): EndpointTally | string {
  return endpoints.find(({ endpoint }) => endpoint === name) ?? name;
}

function judgeOne(
  signals: readonly SignalSpec[],
  tally: EndpointTally | string,
  required: boolean,
): Finding[] {
  if (typeof tally === 'string') return [absent(tally, 'failed', '0 requests')];
  if (tally.n > 0) {
    const findings = signals.flatMap((spec) => judgeSignal(spec, tally, required));
    const failed = findings.filter(({ weight }) => weight === 'failed');
    // What failed needs no more samples, and one signal without them says it for all.
    return failed.length > 0 ? failed : findings.slice(0, 1);
  }
  return required ? [absent(tally.endpoint, 'doubtful', `0 requests, ${tally.throttled} throttled`)] : [];
}

function absent(endpoint: string, weight: Finding['weight'], got: string): Finding {
  return { weight, name: 'endpoint-without-samples', path: endpoint, got, allowed: 'at least one request' };
}

function judgeSignal(spec: SignalSpec, tally: EndpointTally, required: boolean): Finding[] {
  const { n, value } = readingOf(spec, tally);
  const path = `${tally.endpoint} ${spec.name} ${spec.trigger.statistic}`;
  if (value === null || n < spec.minSamples) return required ? [tooFew(path, n, spec)] : [];
  if (!holds(spec.trigger, value)) return [];
  const got = formatValue(value, spec.unit);
  return [{ weight: 'failed', name: 'threshold', path, got, allowed: allowedBy(spec) }];
}

function tooFew(path: string, n: number, { minSamples }: SignalSpec): Finding {
  return {
    weight: 'doubtful',
    name: 'too-few-samples',
    path,
    got: String(n),
    allowed: `at least ${minSamples}`,
  };
}

function readingOf({ name, trigger }: SignalSpec, tally: EndpointTally): { n: number; value: number | null } {
  if (name === 'rest.errors') return { n: tally.n, value: tally.errors / tally.n };
  if (name === 'rest.5xx') return { n: tally.n, value: tally.serverErrors / tally.n };
  return { n: tally.latency.n, value: latencyBy(trigger.statistic, tally) };
}

function latencyBy(statistic: Statistic, { latency }: EndpointTally): number | null {
  if (statistic === 'max') return latency.max();
  if (statistic === 'min') return latency.min();
  return statistic.startsWith('p') ? latency.percentile(Number(statistic.slice(1))) : null;
}

const allows: Readonly<Record<Condition['comparison'], string>> = {
  '>': 'at most',
  '>=': 'less than',
  '<': 'at least',
  '<=': 'more than',
  '==': 'other than',
};

/** What a trigger leaves, in words: `at most 650 ms`. */
export function allowedBy({ trigger, unit }: SignalSpec): string {
  return `${allows[trigger.comparison]} ${formatValue(trigger.value, unit)}`;
}
