import { formatRatio } from '../../kernel/percent.ts';
import type { SignalSpec } from '../../event/specs.ts';
import { formatCondition } from '../../runbook/condition.ts';
import { holds } from '../../runbook/holds.ts';
import { specFor } from '../../runbook/roles.ts';
import { cite, heading, mark, paragraph, table, right } from '../document/build.ts';
import type { Block, Inline, Line } from '../document/types.ts';
import type { EndpointRow } from '../../projection/endpoints.ts';
import type { Report } from '../model.ts';
import { msOrUnknown } from './common.ts';

export function endpointsSection(report: Report): readonly Block[] {
  const { endpoints, restarts } = report;
  const ours =
    restarts.requests === 0
      ? ''
      : ` ${restarts.errors} of ${restarts.requests} more failed while Siaga restarted the system to set toggles.`;
  if (endpoints.length === 0) return [];
  return [
    heading(2, 'Endpoints'),
    paragraph(
      `The whole run, faults included, per source. ${thresholds(report)} Our own 429s are throttled, not errors.${ours} `,
      cite(report.run.seq.started),
    ),
    endpointTable(endpoints, report),
  ];
}

function thresholds({ run }: Report): string {
  const words = (['latency', 'errors'] as const).flatMap((role) => {
    const spec = specFor(run.judge, role);
    return spec ? [`${spec.title}: trigger ${formatCondition(spec.trigger, spec.unit)}`] : [];
  });
  return words.length === 0 ? 'The runbook names no threshold for them.' : `${words.join('; ')}.`;
}

/** Figures over a trigger's value are marked; a trigger itself needs them to last. */
export function endpointTable(rows: readonly EndpointRow[], { run }: Pick<Report, 'run'>): Block {
  const latency = specFor(run.judge, 'latency');
  const errors = specFor(run.judge, 'errors');
  return table(
    [
      'Endpoint',
      'Source',
      right('n'),
      right('p50'),
      right('p95'),
      right('p99'),
      right('Errors'),
      right('Throttled'),
      'Evidence',
    ],
    rows.map((row): Line[] => [
      [row.endpoint],
      [row.source],
      [row.requests === 0 ? 'unknown' : String(row.requests)],
      [msOrUnknown(row.p50)],
      [figure(row.p95, msOrUnknown(row.p95), latency)],
      [msOrUnknown(row.p99)],
      [errorsOf(row, errors)],
      [String(row.throttled)],
      [cite(...row.evidence)],
    ]),
  );
}

function errorsOf({ requests, errors }: EndpointRow, spec: SignalSpec | undefined): Inline {
  if (requests === 0) return 'unknown';
  return figure(errors / requests, `${errors} (${formatRatio(errors / requests)})`, spec);
}

/** Whether it failed, or was slower than the trigger on latency allows. */
export const isOver = ({ p95, errors }: EndpointRow, { run }: Pick<Report, 'run'>): boolean =>
  errors > 0 || isBad(p95, specFor(run.judge, 'latency'));

function figure(value: number | null, text: string, spec: SignalSpec | undefined): Inline {
  return isBad(value, spec) ? mark('bad', text) : text;
}

function isBad(value: number | null, spec: SignalSpec | undefined): boolean {
  return value !== null && spec !== undefined && holds(spec.trigger, value);
}
