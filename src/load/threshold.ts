import type { Comparison, Condition, JudgeSpec, SignalSpec, Statistic } from '../event/specs.ts';

type Thresholds = Readonly<Record<string, readonly string[]>>;

const opposite: Readonly<Record<Comparison, string>> = {
  '>': '<=',
  '>=': '<',
  '<': '>=',
  '<=': '>',
  '==': '!=',
};

// The signals a load feeds, and k6's own metric that says the same. k6 has none for server errors alone.
const metricOf: Readonly<Record<string, string | undefined>> = {
  'rest.latency': 'http_req_duration',
  'rest.errors': 'http_req_failed',
  'rest.5xx': undefined,
};

/** The runbook's signals that a load is judged by. */
export function loadSignals(judge: JudgeSpec): readonly SignalSpec[] {
  return judge.signals.filter(({ name }) => Object.hasOwn(metricOf, name));
}

/**
 * The runbook's triggers as thresholds of k6: what must not happen, turned around. Each endpoint gets its own, and
 * a count, since k6 finds any percentile of nothing good enough. Without endpoints they hold for all requests.
 */
export function thresholdsFor(judge: JudgeSpec, endpoints: readonly string[]): Thresholds {
  const suffixes =
    endpoints.length === 0 ? [''] : endpoints.filter(expressible).map((name) => `{endpoint:${name}}`);
  const rules = loadSignals(judge).flatMap((spec) => {
    const metric = metricOf[spec.name];
    const expression = expressionOf(spec.trigger);
    return metric === undefined || expression === undefined ? [] : [{ metric, expression }];
  });
  const rows = suffixes.flatMap((suffix) => [
    [`http_reqs${suffix}`, ['count>0']] as const,
    ...rules.map(({ metric, expression }) => [`${metric}${suffix}`, [expression]] as const),
  ]);
  return Object.fromEntries([['dropped_iterations', ['count==0']], ...rows]);
}

/** A trigger turned into the threshold of k6 that it breaks; `undefined` where k6 has no such statistic. */
export function expressionOf({ statistic, comparison, value }: Condition): string | undefined {
  const name = statisticOf(statistic);
  return name === undefined ? undefined : `${name}${opposite[comparison]}${value}`;
}

function statisticOf(statistic: Statistic): string | undefined {
  if (statistic === 'last' || statistic === 'count') return undefined;
  return statistic.startsWith('p') ? `p(${statistic.slice(1)})` : statistic;
}

// k6 splits a submetric's tags at commas and braces and knows no escape; such an endpoint is judged by us alone.
function expressible(endpoint: string): boolean {
  return !/[{},"']/.test(endpoint);
}

/** A threshold's metric and the tags it narrows it to. */
export interface Selector {
  readonly key: string;
  readonly metric: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Reads `http_req_duration{endpoint:GET /}` as k6 does. */
export function selectorOf(key: string): Selector {
  const [, metric = key, inner = ''] = /^([^{]+)\{(.*)\}$/s.exec(key) ?? [];
  const pairs = inner.split(',').filter((part) => part.trim() !== '');
  return { key, metric, tags: Object.fromEntries(pairs.map(pairOf)) };
}

function pairOf(part: string): [string, string] {
  const colon = part.indexOf(':');
  return colon < 0 ? [bare(part), ''] : [bare(part.slice(0, colon)), bare(part.slice(colon + 1))];
}

function bare(text: string): string {
  return text.trim().replaceAll(/^["']|["']$/g, '');
}

/** Whether no sample at all can be right for these expressions: a counter that must stay low. */
export function contentWithNothing(expressions: readonly string[]): boolean {
  return expressions.every((expression) => /^\s*count\s*(<|<=|==|===)/.test(expression));
}
