import type { Effect } from '../effect/contract.ts';
import type { CallFigures, FaultProof } from '../event/catalogue.ts';
import type { Clock } from '../kernel/ports.ts';
import type { Dependency } from '../project/target.ts';
import type { AskAround } from './ask-around.ts';
import type { FaultKind } from './definition.ts';
import { rulesOf } from './fault-kinds.ts';
import type { AnyInjection, CallMeter, CallTotals } from './ports.ts';
import { type Evidence, callsBetween, judgeProof } from './proof.ts';

export interface ProofTools {
  readonly clock: Clock;
  readonly calls: CallMeter;
}

export interface ProofRequest {
  readonly injection: AnyInjection;
  readonly confirm: Effect['confirm'];
  readonly ask: AskAround;
  /** The system's calls to what is broken; absent where it is no dependency of its own. */
  readonly calls: CallsBefore | undefined;
  /** Monotonic ms after which no further round begins. */
  readonly until: number;
  readonly signal: AbortSignal;
}

export interface CallsBefore {
  readonly metrics: Dependency['calls'];
  /** In the steady state, and the counters just before the fault. */
  readonly figures: CallFigures;
  readonly totals: CallTotals;
}

/** Asks around the fault until that proves it, or its time is over; the last round is what is reported. */
export async function prove(tools: ProofTools, request: ProofRequest): Promise<Omit<FaultProof, 'fault'>> {
  const felt: CallFigures[] = [];
  for (;;) {
    const proof = await round(tools, request, felt);
    const over = request.signal.aborted || tools.clock.monotonic() >= request.until;
    if (proof.proven || over) return proof;
  }
}

/** @param felt what the system's own calls had shown by each round: a breaker that opens ends what they show. */
async function round(
  tools: ProofTools,
  request: ProofRequest,
  felt: CallFigures[],
): Promise<Omit<FaultProof, 'fault'>> {
  const { injection, calls: before } = request;
  const { fault } = injection;
  const { streams, toxicity } = reachOf(injection);
  const timeoutMs = timeoutFor(fault, streams);
  const answers = await request.ask(timeoutMs);
  const now = before && (await tools.calls.read(before.metrics).catch(() => before.totals));
  const readBack = await request.confirm();
  const seen: Evidence = { fault, toxicity, streams, timeoutMs, readBack, ...answers };
  if (before === undefined || now === undefined) return judgeProof(seen);
  felt.unshift(callsBetween(before.totals, now));
  const proofs = felt.map((during) => judgeProof({ ...seen, calls: { before: before.figures, during } }));
  const [last] = proofs;
  return proofs.find(({ proven }) => proven) ?? last ?? Promise.reject(new Error('no round'));
}

const reachOf = (injection: AnyInjection): { streams: number; toxicity: number } =>
  'proxy' in injection
    ? { streams: injection.stream === 'both' ? 2 : 1, toxicity: injection.toxicity }
    : { streams: 1, toxicity: 1 };

function timeoutFor(fault: FaultKind, streams: number): number {
  return Math.min(10_000, Math.max(2_000, 2.5 * streams * rulesOf(fault).delaysProbesBy(fault) + 1_000));
}
