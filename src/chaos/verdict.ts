import type { ExperimentFinished, ExperimentReason, FaultProof, StopKind } from '../event/catalogue.ts';
import type { Verdict } from '../kernel/outcome.ts';
import type { Result } from './stage.ts';
import type { Stop } from './stop.ts';

/** Everything an experiment's verdict follows from. */
export interface Ending {
  readonly stop: Stop | undefined;
  /** Faults and toggles that could not be put back, in words. */
  readonly leftBehind: readonly string[];
  /** Faults that were gone when they were to be undone. */
  readonly takenByOthers: readonly string[];
  readonly proofs: readonly Pick<FaultProof, 'fault' | 'proven' | 'why'>[];
  readonly results: readonly Result[];
  /** Why the recovery was missed. */
  readonly unrecovered: string | undefined;
  /** Stages of which too little was seen, in words. */
  readonly unseen: readonly string[];
}

export type Judgement = Required<Pick<ExperimentFinished, 'verdict' | 'reasons' | 'because'>>;

/** The worst that can be said with certainty: what was left behind, what kept us from knowing, what broke. */
export function judgeEnding(ending: Ending): Judgement {
  const broken = settledAs('broken', ending.results);
  const { stop, leftBehind } = ending;
  const stopped = stop ? [reason(stop.kind, stop.message)] : [];
  if (leftBehind.length > 0)
    return judged('rollback-failed', [...reasons('left-behind', leftBehind), ...stopped, ...broken]);
  if (stop) {
    const verdict = verdictOf(stop.kind, ending);
    const brokenFirst = verdict === 'weakness' && stop.kind !== 'undeclared';
    return judged(verdict, brokenFirst ? [...broken, ...stopped] : [...stopped, ...broken]);
  }
  const doubts = doubtsOf(ending);
  if (doubts.length > 0) return judged('inconclusive', [...doubts, ...broken]);
  const { unrecovered } = ending;
  const failures = [...broken, ...(unrecovered === undefined ? [] : [reason('not-recovered', unrecovered)])];
  if (failures.length > 0) return judged('weakness', failures);
  const undecided = settledAs('undecided', ending.results);
  return undecided.length > 0 ? judged('inconclusive', undecided) : judged('held', []);
}

interface Reason {
  readonly because: ExperimentReason;
  readonly words: string;
}

const reason = (because: ExperimentReason, words: string): Reason => ({ because, words });

const reasons = (because: ExperimentReason, all: readonly string[]): readonly Reason[] =>
  all.map((words) => reason(because, words));

const judged = (verdict: Verdict, found: readonly Reason[]): Judgement => ({
  verdict,
  reasons: found.map(({ words }) => words),
  because: found.map(({ because }) => because),
});

/** An alarm nobody expected is a finding once the fault is proven; before that it may be anybody's. */
function verdictOf(kind: StopKind, ending: Ending): Verdict {
  switch (kind) {
    case 'undeclared':
      return ending.proofs.some(({ proven }) => proven) ? 'weakness' : 'aborted';
    case 'load-ended':
    case 'load-silent':
      // What broke while the load still ran was broken by the fault.
      return doubtsOf(ending).length === 0 && settledAs('broken', ending.results).length > 0
        ? 'weakness'
        : 'inconclusive';
    case 'unproven':
    case 'tampered':
    case 'toxiproxy-lost':
    case 'unseen':
      return 'inconclusive';
    default:
      return 'aborted';
  }
}

function doubtsOf({ takenByOthers, proofs, unseen }: Ending): readonly Reason[] {
  const unproven = proofs
    .filter(({ proven }) => !proven)
    .map(({ fault, why }) => `${fault} is not proven: ${why}`);
  const nothing = proofs.length === 0 ? ['no fault was proven'] : [];
  return [
    ...reasons('fault-gone', takenByOthers),
    ...reasons('unseen', unseen),
    ...reasons('unproven', [...unproven, ...nothing]),
  ];
}

function settledAs(because: 'broken' | 'undecided', results: readonly Result[]): readonly Reason[] {
  const outcome = because === 'broken' ? 'broken' : 'unknown';
  return results
    .filter(({ settled }) => settled.outcome === outcome)
    .map(({ facts, settled }) =>
      reason(because, `${facts.text}: got ${settled.got}, allowed ${settled.allowed}`),
    );
}
