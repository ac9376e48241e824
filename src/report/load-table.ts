import { plural } from '../kernel/plural.ts';
import type { EndpointFigures, LoadFinished } from '../event/catalogue.ts';
import type { JudgeSpec } from '../event/specs.ts';
import { formatMs } from '../kernel/duration.ts';
import type { Outcome } from '../kernel/outcome.ts';
import { formatRatio } from '../kernel/percent.ts';
import { formatCondition } from '../runbook/condition.ts';
import { holds } from '../runbook/holds.ts';
import { specFor } from '../runbook/roles.ts';

/** Paints a text by outcome; the identity where there are no colours. */
export type Paint = (outcome: Outcome, text: string) => string;

const plain: Paint = (_outcome, text) => text;
const marks: Readonly<Record<Outcome, string>> = { failed: 'FAILED', inconclusive: 'UNKNOWN', passed: 'ok' };
/** A script that names no endpoints has one for each address it asks. */
const mostShown = 20;
const columns = ['endpoint', 'n', 'p50', 'p95', 'p99', 'errors', 'throttled'] as const;

/**
 * A load for a person at night: the verdict and what failed first, each reason with what was got and what is
 * allowed, then the figures of each endpoint. A figure past the runbook's trigger carries a `!`.
 */
export function renderLoad(load: LoadFinished, judge: JudgeSpec, paint: Paint = plain): string {
  return [
    ...head(load, paint),
    ...load.violations.flatMap(({ path, rule, got, allowed }) => [
      `  ${rule}: ${path}`,
      `    got      ${got}`,
      `    allowed  ${allowed}`,
    ]),
    '',
    ...table(load, judge),
    '',
    ...limits(judge),
    summary(load),
    ...(load.notes ?? []).map((note) => `note: ${note}`),
    ...(load.raw === undefined ? [] : [`every request: ${load.raw}`]),
  ].join('\n');
}

function head({ load, outcome, reason, observed }: LoadFinished, paint: Paint): string[] {
  const mark = paint(outcome, marks[outcome]);
  if (outcome === 'passed') return [`${mark}  load ${load}${observed ? ': observed, not judged' : ''}`];
  const verdict = outcome === 'failed' ? 'failed' : 'says nothing about the target';
  return [`${mark}  load ${load} ${verdict}`, ...(reason === undefined ? [] : [`  first: ${reason}`])];
}

function table({ endpoints }: LoadFinished, judge: JudgeSpec): string[] {
  const shown = worstFirst(endpoints).slice(0, mostShown);
  const rest = endpoints.filter((figures) => !shown.includes(figures));
  const rows = [
    columns,
    ...endpoints.filter((figures) => shown.includes(figures)).map((figures) => cellsOf(figures, judge)),
    ...(rest.length === 0 ? [] : [cellsOf(together(rest), judge)]),
  ];
  const widths = columns.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

function worstFirst(endpoints: readonly EndpointFigures[]): readonly EndpointFigures[] {
  return endpoints.toSorted((a, b) => b.errors - a.errors || b.n - a.n);
}

// Percentiles of several endpoints cannot be made of theirs.
function together(endpoints: readonly EndpointFigures[]): EndpointFigures {
  const sum = (pick: (figures: EndpointFigures) => number) =>
    endpoints.reduce((total, figures) => total + pick(figures), 0);
  return {
    endpoint: `${endpoints.length} more together`,
    n: sum(({ n }) => n),
    p50: 0,
    p95: 0,
    p99: 0,
    errors: sum(({ errors }) => errors),
    throttled: sum(({ throttled }) => throttled),
  };
}

function cellsOf(figures: EndpointFigures, judge: JudgeSpec): readonly string[] {
  const { endpoint, n, errors, throttled } = figures;
  const latency = specFor(judge, 'latency');
  const timed = (statistic: 'p50' | 'p95' | 'p99') => {
    // Nothing was timed where no connection came about.
    if (figures[statistic] === 0) return '-';
    const past = latency?.trigger.statistic === statistic && holds(latency.trigger, figures[statistic]);
    return `${formatMs(figures[statistic])}${past ? '!' : ''}`;
  };
  return [
    endpoint,
    String(n),
    timed('p50'),
    timed('p95'),
    timed('p99'),
    errorCell(n, errors, judge),
    String(throttled),
  ];
}

function errorCell(n: number, errors: number, judge: JudgeSpec): string {
  const ratio = n === 0 ? 0 : errors / n;
  const spec = specFor(judge, 'errors');
  return `${errors} (${formatRatio(ratio)})${spec && holds(spec.trigger, ratio) ? '!' : ''}`;
}

function limits(judge: JudgeSpec): string[] {
  const specs = (['latency', 'errors', 'serverErrors'] as const).flatMap(
    (role) => specFor(judge, role) ?? [],
  );
  const triggers = specs.map(({ title, trigger, unit }) => `${title}: ${formatCondition(trigger, unit)}`);
  return triggers.length === 0 ? [] : [`trigger of the runbook: ${triggers.join(', ')}`];
}

function summary({
  requests,
  requestRate,
  maxRate,
  iterations,
  dropped,
  offeredRate,
  achievedRate,
  durationMs,
}: LoadFinished): string {
  const rate =
    offeredRate > 0
      ? `${achievedRate} of ${offeredRate} iterations a second`
      : `${achievedRate} iterations a second`;
  const pace = requestRate === undefined ? '' : ` (${requestRate} a second, ${maxRate} allowed)`;
  return `${plural(requests, 'request')}${pace}, ${plural(iterations, 'iteration')}, ${dropped} dropped, ${rate}, ${formatMs(durationMs)}`;
}
