import type { FaultProof } from '../event/catalogue.ts';
import type { Verdict } from '../kernel/outcome.ts';
import type { Result } from './stage.ts';
import type { Stop, StopKind } from './stop.ts';

/** Everything an experiment's verdict follows from. */
export interface Ending {
  readonly stop: Stop | undefined;
  /** Faults and toggles that could not be put back, in words. */
  readonly leftBehind: readonly string[];
  /** Faults that were gone when they were to be taken out. */
  readonly takenByOthers: readonly string[];
  readonly proofs: readonly Pick<FaultProof, 'fault' | 'proven' | 'why'>[];
  readonly results: readonly Result[];
  /** Why the recovery was missed. */
  readonly unrecovered: string | undefined;
  /** Stages of which too little was seen, in words. */
  readonly blind: readonly string[];
}

export interface Judgement {
  readonly verdict: Verdict;
  /** What decided it, the first first. */
  readonly reasons: readonly string[];
}

/** The worst that can be said with certainty: what was left behind, what kept us from knowing, what broke. */
export function judgeEnding(ending: Ending): Judgement {
  const broken = worded(ending.results, 'broken');
  const { stop, leftBehind } = ending;
  const stopped = stop ? [stop.message] : [];
  if (leftBehind.length > 0)
    return { verdict: 'rollback-failed', reasons: [...leftBehind, ...stopped, ...broken] };
  if (stop) {
    const verdict = verdictOf(stop.kind, ending);
    const brokenFirst = verdict === 'weakness' && stop.kind !== 'undeclared';
    return { verdict, reasons: brokenFirst ? [...broken, ...stopped] : [...stopped, ...broken] };
  }
  const doubts = doubtsOf(ending);
  if (doubts.length > 0) return { verdict: 'inconclusive', reasons: [...doubts, ...broken] };
  const failures = [...broken, ...(ending.unrecovered === undefined ? [] : [ending.unrecovered])];
  if (failures.length > 0) return { verdict: 'weakness', reasons: failures };
  const unknown = worded(ending.results, 'unknown');
  return unknown.length > 0
    ? { verdict: 'inconclusive', reasons: unknown }
    : { verdict: 'held', reasons: [] };
}

/** An alarm nobody expected is a finding once the fault is proven; before that it may be anybody's. */
function verdictOf(kind: StopKind, ending: Ending): Verdict {
  switch (kind) {
    case 'undeclared':
      return ending.proofs.some(({ proven }) => proven) ? 'weakness' : 'aborted';
    case 'load-ended':
    case 'load-silent':
      // What broke while the load still ran was broken by the fault.
      return doubtsOf(ending).length === 0 && worded(ending.results, 'broken').length > 0
        ? 'weakness'
        : 'inconclusive';
    case 'unproven':
    case 'tampered':
    case 'toxiproxy-lost':
    case 'blind':
      return 'inconclusive';
    default:
      return 'aborted';
  }
}

function doubtsOf({ takenByOthers, proofs, blind }: Ending): readonly string[] {
  const unproven = proofs
    .filter(({ proven }) => !proven)
    .map(({ fault, why }) => `${fault} is not proven: ${why}`);
  const nothing = proofs.length === 0 ? ['no fault was proven'] : [];
  return [...takenByOthers, ...blind, ...unproven, ...nothing];
}

function worded(results: readonly Result[], outcome: 'broken' | 'unknown'): readonly string[] {
  return results
    .filter(({ settled }) => settled.outcome === outcome)
    .map(({ facts, settled }) => `${facts.text}: got ${settled.got}, allowed ${settled.allowed}`);
}
