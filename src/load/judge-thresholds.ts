import type { Condition, JudgeSpec, SignalSpec, Statistic } from '../event/specs.ts';
import { formatValue } from '../runbook/condition.ts';
import { holds } from '../runbook/holds.ts';
import type { Measured } from './collector.ts';
import { sumOf, type EndpointTally } from './endpoint-tally.ts';
import { doubtful, failed, type Finding } from './finding.ts';
import { loadSignals, type LoadSignal } from './threshold.ts';

/**
 * The runbook's triggers over a whole load. Each expected endpoint is judged and needs its samples. Of the others each
 * that has enough samples is judged, and those that have not are judged together. The total is judged always.
 */
export function judgeThresholds(
  judge: JudgeSpec,
  expected: readonly string[],
  { endpoints, total }: Pick<Measured, 'endpoints' | 'total'>,
): Finding[] {
  const signals = loadSignals(judge);
  const others = endpoints.filter(({ endpoint }) => !expected.includes(endpoint));
  const parts = [
    ...expected.flatMap((name) => judgeRequired(signals, tallyOf(name, endpoints))),
    ...judgeOthers(signals, others),
  ];
  if (parts.length === 0 && endpoints.length > 0) return judgeRequired(signals, total).toSorted(mostFirst);
  // The endpoint that failed says more than all requests together.
  const failing = parts.map(({ signal }) => signal);
  const rest = signals.filter(({ name }) => !failing.includes(name));
  return [...parts, ...rest.flatMap((spec) => judgeSignal(spec, total))].toSorted(mostFirst);
}

// The times of requests that failed say little about why.
function mostFirst(a: Finding, b: Finding): number {
  return Number(b.most === true) - Number(a.most === true);
}

function tallyOf(name: string, endpoints: readonly EndpointTally[]): EndpointTally | string {
  return endpoints.find(({ endpoint }) => endpoint === name) ?? name;
}

function judgeRequired(signals: readonly LoadSignal[], tally: EndpointTally | string): Finding[] {
  if (typeof tally === 'string')
    return [{ ...failed(...absent(tally, '0 requests')), timed: true, limited: true }];
  if (tally.n === 0) return [doubtful(...absent(tally.endpoint, `0 requests, ${tally.throttled} throttled`))];
  const broken = signals.flatMap((spec) => judgeSignal(spec, tally));
  // What failed needs no more samples, and one signal without them says it for all.
  return broken.length > 0 ? broken : signals.flatMap((spec) => tooFew(spec, tally)).slice(0, 1);
}

function absent(endpoint: string, got: string): [string, string, string, string] {
  return ['endpoint-without-samples', endpoint, got, 'at least one request'];
}

function judgeOthers(signals: readonly LoadSignal[], others: readonly EndpointTally[]): Finding[] {
  const each = signals.map((spec) => {
    const small = others.filter((tally) => readingOf(spec, tally).n < spec.minSamples);
    return { spec, pool: sumOf(poolName(small), small), small };
  });
  const broken = each.flatMap(({ spec, pool }) =>
    [...others, pool].flatMap((tally) => judgeSignal(spec, tally)),
  );
  if (broken.length > 0) return broken;
  return each.flatMap(({ spec, pool, small }) => fewFailing(spec, pool, small)).slice(0, 1);
}

// Too few together to be judged, and yet they fail: the rest would hide it.
function fewFailing(spec: LoadSignal, pool: EndpointTally, small: readonly EndpointTally[]): Finding[] {
  const { n, bad, value } = readingOf(spec, pool);
  if (bad < 2 || value === null || !holds(spec.trigger, value)) return [];
  const names = poolName(small.filter(({ errors }) => errors > 0));
  const allowed = `${allowedBy(spec)}; ${spec.minSamples} requests would be needed to judge them alone`;
  return [doubtful('too-few-samples', `${names} ${spec.name}`, `${bad} of ${n} failed`, allowed)];
}

const namesShown = 2;

function poolName(tallies: readonly EndpointTally[]): string {
  const names = tallies.map(({ endpoint }) => endpoint);
  if (names.length <= namesShown) return names.join(', ');
  return `${names.slice(0, namesShown).join(', ')} and ${names.length - namesShown} more together`;
}

function judgeSignal(spec: LoadSignal, tally: EndpointTally): Finding[] {
  const { n, bad, value } = readingOf(spec, tally);
  if (value === null || n < spec.minSamples || !holds(spec.trigger, value)) return [];
  const ratio = spec.unit === 'ratio';
  // One failure may be anything.
  if (ratio && bad < 2) return [];
  const got = formatValue(value, spec.unit) + (ratio ? ` (${bad} of ${n})` : '');
  const path = `${tally.endpoint} ${spec.name} ${spec.trigger.statistic}`;
  return [
    {
      ...failed('threshold', path, got, allowedBy(spec)),
      signal: spec.name,
      timed: !ratio,
      most: bad * 2 > n,
    },
  ];
}

function tooFew(spec: LoadSignal, tally: EndpointTally): Finding[] {
  const { n, value } = readingOf(spec, tally);
  if (value !== null && n >= spec.minSamples) return [];
  const path = `${tally.endpoint} ${spec.name} ${spec.trigger.statistic}`;
  return [doubtful('too-few-samples', path, String(n), `at least ${spec.minSamples}`)];
}

interface LoadReading {
  readonly n: number;
  /** Failures, where the signal is a share of them. */
  readonly bad: number;
  readonly value: number | null;
}

function readingOf({ role, trigger, unit }: LoadSignal, tally: EndpointTally): LoadReading {
  if (unit !== 'ratio') return { n: tally.latency.n, bad: 0, value: latencyBy(trigger.statistic, tally) };
  const bad = role === 'errors' ? tally.errors : tally.serverErrors;
  return { n: tally.n, bad, value: tally.n === 0 ? null : bad / tally.n };
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
