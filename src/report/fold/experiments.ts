import type { SiagaEvent } from '../../event/envelope.ts';
import { endpointRows } from '../../projection/endpoints.ts';
import { faultSpans, type ExperimentFacts } from '../../projection/experiments.ts';
import { isInside, untouched } from '../../projection/impact.ts';
import type { ExpectationReport, ExperimentReport, FaultReport } from '../model.ts';

/** Experiments with what of their faults was planned, and what requests met while these were in. */
export function experimentReports(
  experiments: readonly ExperimentFacts[],
  events: readonly SiagaEvent[],
  end: number,
): readonly ExperimentReport[] {
  return experiments.map((experiment, index) => {
    const until = experiments[index + 1]?.begun.seq ?? Infinity;
    // Which signals hold requests stands where a run begins.
    const own = events.filter(
      ({ seq, type }) => type === 'run.started' || (seq >= experiment.begun.seq && seq < until),
    );
    return experimentReport(experiment, own, end);
  });
}

function experimentReport(
  experiment: ExperimentFacts,
  events: readonly SiagaEvent[],
  end: number,
): ExperimentReport {
  const { begun, faults, settled: _, finished, ...facts } = experiment;
  const injections = faults.flatMap((fault): readonly FaultReport[] =>
    fault.planned ? [{ ...fault, plannedSeq: fault.planned.seq }] : [],
  );
  const spans = faultSpans(injections, end);
  return {
    ...facts,
    seq: begun.seq,
    startedAt: begun.at,
    injections,
    settled: settledOf(experiment),
    verdict: finished?.verdict ?? 'unfinished',
    reasons: finished?.reasons ?? [],
    timings: finished?.timings ?? {},
    finishedSeq: finished?.seq,
    finishedAt: finished?.at,
    endpoints: endpointRows(
      untouched(events).filter(({ data: batch }) => spans.some((span) => isInside(batch, span))),
    ),
  };
}

const settledOf = ({ expectations, settled }: ExperimentFacts): readonly ExpectationReport[] =>
  expectations.map((facts) => {
    const end = settled.get(facts.id);
    return {
      ...facts,
      outcome: end?.outcome ?? 'open',
      got: end?.got ?? 'nothing: the run ended first',
      allowed: end?.allowed ?? facts.text,
      path: end?.path,
      afterMs: end?.afterMs,
      seq: end?.seq,
      evidence: end?.evidence ?? [],
    };
  });
