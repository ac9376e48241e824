import type { ExpectationFacts, ExpectationSettled, Timing } from '../event/catalogue.ts';
import type { ExperimentFacts, FaultLife } from '../projection/experiments.ts';
import type { ExpectationResult, ExperimentResult, FaultResult, TimingEvents } from './envelope.ts';

/** The published form; an experiment that the run did not finish counts as aborted. */
export function experimentResult(experiment: ExperimentFacts): ExperimentResult {
  const { finished, faults, expectations, settled } = experiment;
  const { detect, contain, recover } = finished?.timings ?? {};
  return {
    kind: 'experiment',
    name: experiment.name,
    verdict: finished?.verdict ?? 'aborted',
    durationMs: finished?.durationMs ?? null,
    reasons: finished?.reasons ?? ['the run ended before the experiment did'],
    because: finished === undefined ? ['run-ended'] : (finished.because ?? null),
    hypothesis: experiment.hypothesis,
    requirements: experiment.requirements,
    faults: faults.filter(({ declared }) => declared).map(faultResult),
    expectations: expectations.map((facts) => expectationResult(facts, settled.get(facts.id))),
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

function faultResult(life: FaultLife): FaultResult {
  const { experiment: _, declared: __, planned, injected, proof, removed, stuck, ...facts } = life;
  return {
    ...facts,
    injected: injected !== undefined,
    removedBy: removed?.by ?? null,
    proof: proof ? proofResult(proof) : null,
  };
}

const proofResult = ({
  fault: _,
  at,
  seq,
  ...proof
}: NonNullable<FaultLife['proof']>): NonNullable<FaultResult['proof']> => proof;

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
