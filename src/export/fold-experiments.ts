import type {
  ExperimentFinished,
  ExperimentStarted,
  ExpectationFacts,
  ExpectationSettled,
  FaultFacts,
  Timing,
} from '../event/catalogue.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import { elapsedMs } from '../kernel/boot.ts';
import type { ExpectationResult, ExperimentResult, FaultResult, TimingEvents } from './envelope.ts';

interface Open {
  readonly started: ExperimentStarted;
  readonly begun: SiagaEvent;
  readonly settled: Map<string, ExpectationSettled>;
  readonly faults: Map<string, Partial<Omit<FaultResult, keyof FaultFacts>>>;
  finished?: ExperimentFinished;
  durationMs?: number;
}

/** Every experiment that was started, in order; one that was tried again stands twice. */
export function foldExperiments(events: readonly SiagaEvent[]): readonly ExperimentResult[] {
  const open: Open[] = [];
  for (const event of events) {
    if (event.type === 'experiment.started') {
      open.push({ started: event.data, begun: event, settled: new Map(), faults: new Map() });
    } else step(open, event);
  }
  return open.map(resultOf);
}

function step(open: Open[], event: SiagaEvent): void {
  const named = (name: string): Open | undefined => open.findLast(({ started }) => started.name === name);
  switch (event.type) {
    case 'expectation.settled':
      named(event.data.experiment)?.settled.set(event.data.expectation, event.data);
      break;
    case 'experiment.finished': {
      const one = named(event.data.name);
      if (one === undefined) break;
      one.finished = event.data;
      one.durationMs = Math.max(0, Math.round(elapsedMs(one.begun, event)));
      break;
    }
    case 'fault.injected':
      know(open, event.data.fault, { injected: true });
      break;
    case 'fault.removed':
      know(open, event.data.fault, { removedBy: event.data.by });
      break;
    case 'fault.proof': {
      const { fault, ...proof } = event.data;
      know(open, fault, { proof });
      break;
    }
    default:
  }
}

function know(open: Open[], fault: string, fact: Partial<FaultResult>): void {
  const one = open.findLast(({ started }) => started.faults.some((facts) => facts.fault === fault));
  one?.faults.set(fault, { ...one.faults.get(fault), ...fact });
}

function resultOf({ started, settled, faults, finished, durationMs }: Open): ExperimentResult {
  const { detect, contain, recover } = finished?.timings ?? {};
  return {
    kind: 'experiment',
    name: started.name,
    verdict: finished?.verdict ?? 'aborted',
    durationMs: durationMs ?? null,
    reasons: finished?.reasons ?? ['the run ended before the experiment did'],
    hypothesis: started.hypothesis,
    requirements: started.requirements,
    faults: started.faults.map((facts) => faultResult(facts, faults.get(facts.fault))),
    expectations: started.expectations.map((facts) => expectationResult(facts, settled.get(facts.id))),
    timings: {
      detectMs: detect?.ms ?? null,
      containMs: contain?.ms ?? null,
      recoverMs: recover?.ms ?? null,
    },
    timingEvents: { detect: cited(detect), contain: cited(contain), recover: cited(recover) },
  };
}

function cited(timing: Timing | undefined): TimingEvents | null {
  if (timing === undefined) return null;
  const { from, to, plusMinusMs } = timing;
  return { from, to, plusMinusMs };
}

function faultResult(facts: FaultFacts, known: Partial<FaultResult> = {}): FaultResult {
  return {
    ...facts,
    injected: known.injected ?? false,
    removedBy: known.removedBy ?? null,
    proof: known.proof ?? null,
  };
}

function expectationResult(
  facts: ExpectationFacts,
  settled: ExpectationSettled | undefined,
): ExpectationResult {
  const { id, text, stage, mode, deadlineMs = null } = facts;
  return {
    id,
    text,
    stage,
    mode,
    deadlineMs,
    outcome: settled?.outcome ?? 'unknown',
    path: settled?.path ?? null,
    got: settled?.got ?? 'not judged',
    allowed: settled?.allowed ?? text,
    afterMs: settled?.afterMs ?? null,
    evidence: settled?.evidence ?? [],
  };
}
