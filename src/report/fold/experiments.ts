import type { EventOf, SiagaEvent } from '../../event/envelope.ts';
import type { ExpectationReport, ExperimentReport, FaultReport } from '../model.ts';
import { endpointRows } from '../../projection/endpoints.ts';
import { isInside, untouched } from '../../projection/impact.ts';
import { groupBy, ofType, type Span } from '../../projection/pick.ts';

type Started = EventOf<'experiment.started'>;

/** Experiments in the order they started; a repeated one is its own record. */
export function foldExperiments(events: readonly SiagaEvent[], end: number): readonly ExperimentReport[] {
  const started = ofType(events, 'experiment.started');
  return started.map((event) => {
    // Experiments run one after another, and number their faults each for itself.
    const next = started.find(({ seq }) => seq > event.seq);
    // Which signals hold requests stands where a run begins.
    const own = events.filter(
      ({ seq, type }) =>
        type === 'run.started' || (seq >= event.seq && (next === undefined || seq < next.seq)),
    );
    return experimentOf(event, own, end);
  });
}

function experimentOf({ data, seq, at }: Started, own: readonly SiagaEvent[], end: number): ExperimentReport {
  const finished = ofType(own, 'experiment.finished').find((event) => event.data.name === data.name);
  const injections = foldFaults(own).filter((fault) => fault.experiment === data.name);
  const spans = faultSpans(injections, end);
  return {
    ...data,
    seq,
    startedAt: at,
    phases: ofType(own, 'experiment.phase')
      .filter((event) => event.data.experiment === data.name)
      .map((event) => ({ phase: event.data.phase, at: event.at, seq: event.seq })),
    injections,
    settled: settledOf(data, own),
    verdict: finished?.data.verdict ?? 'unfinished',
    reasons: finished?.data.reasons ?? [],
    timings: finished?.data.timings ?? {},
    finishedSeq: finished?.seq,
    finishedAt: finished?.at,
    endpoints: endpointRows(
      untouched(own).filter(({ data: batch }) => spans.some((span) => isInside(batch, span))),
    ),
  };
}

function settledOf(data: Started['data'], own: readonly SiagaEvent[]): readonly ExpectationReport[] {
  const settled = groupBy(
    ofType(own, 'expectation.settled').filter((event) => event.data.experiment === data.name),
    (event) => event.data.expectation,
  );
  return data.expectations.map((facts) => {
    const event = settled.get(facts.id)?.at(-1);
    return {
      ...facts,
      outcome: event?.data.outcome ?? 'open',
      got: event?.data.got ?? 'nothing: the run ended first',
      allowed: event?.data.allowed ?? facts.text,
      path: event?.data.path,
      afterMs: event?.data.afterMs,
      seq: event?.seq,
      evidence: event?.data.evidence ?? [],
    };
  });
}

/** Each fault with what became of it. */
function foldFaults(events: readonly SiagaEvent[]): readonly FaultReport[] {
  const faults = new Map<string, FaultReport>();
  for (const event of events) {
    if (event.type === 'fault.planned')
      faults.set(event.data.fault, { ...event.data, plannedSeq: event.seq });
    else {
      const change = faultChange(event);
      const fault = change && faults.get(change.fault);
      if (change && fault) faults.set(change.fault, { ...fault, ...change.facts });
    }
  }
  return [...faults.values()];
}

function faultChange(event: SiagaEvent): { fault: string; facts: Partial<FaultReport> } | undefined {
  const { at, seq } = event;
  switch (event.type) {
    case 'fault.injected':
      return { fault: event.data.fault, facts: { injected: { at, seq } } };
    case 'fault.proof':
      return { fault: event.data.fault, facts: { proof: { ...event.data, at, seq } } };
    case 'fault.removed':
      return {
        fault: event.data.fault,
        facts: { removed: { at, seq, by: event.data.by, rung: event.data.rung } },
      };
    case 'fault.stuck':
      return { fault: event.data.fault, facts: { stuck: { at, seq, tried: event.data.tried } } };
    default:
      return undefined;
  }
}

/** From an experiment's first fault to its end: whatever fails then is for its expectations to judge. */
export function experimentSpans(experiments: readonly ExperimentReport[], end: number): readonly Span[] {
  return experiments.flatMap(({ injections, finishedAt }) => {
    const injected = injections.find((fault) => fault.injected !== undefined)?.injected;
    return injected === undefined ? [] : [{ from: injected.at, to: finishedAt ?? end }];
  });
}

/** When faults were in; until the end of the run where one was never removed. */
export function faultSpans(faults: readonly FaultReport[], end: number): readonly Span[] {
  return faults.flatMap(({ injected, removed }) =>
    injected === undefined ? [] : [{ from: injected.at, to: removed?.at ?? end }],
  );
}
