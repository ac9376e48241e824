import type { EventOf, SiagaEvent } from '../../event/envelope.ts';
import { percentile } from '../../signal/percentile.ts';
import type { CheckReport } from '../model.ts';
import { groupBy, ofType } from '../../projection/pick.ts';

/** Each check with how often it ran and how it ended. */
export function foldChecks(events: readonly SiagaEvent[]): readonly CheckReport[] {
  const checks = groupBy(ofType(events, 'check.finished'), ({ data }) => data.check);
  const round = ofType(events, 'round.measured').at(-1);
  return [...checks.values()].flatMap(reportOf).map((report) => {
    const found = round?.data.checks.find(({ check }) => check === report.check);
    const newest = report.evidence.at(-1) ?? 0;
    return found === undefined || newest > (round?.seq ?? 0) ? report : { ...report, judged: found.outcome };
  });
}

function reportOf(own: readonly EventOf<'check.finished'>[]): readonly CheckReport[] {
  const last = own.at(-1);
  if (last === undefined) return [];
  // What said the same as the event before it is told as a number.
  const unwritten = own.reduce((sum, { data }) => sum + (data.unwritten ?? 0), 0);
  const count = (outcome: string): number => own.filter(({ data }) => data.outcome === outcome).length;
  return [
    {
      check: last.data.check,
      title: last.data.title,
      endpoint: last.data.endpoint,
      n: own.length + unwritten,
      passed: count('passed') + unwritten,
      failed: count('failed'),
      inconclusive: count('inconclusive'),
      last: last.data.outcome,
      p95: percentile(Float64Array.from(own.map(({ data }) => data.durationMs)).toSorted(), 95),
      evidence: own.map(({ seq }) => seq),
    },
  ];
}
