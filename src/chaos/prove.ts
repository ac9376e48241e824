import type { CallFigures, FaultProof } from '../event/catalogue.ts';
import type { Clock } from '../kernel/ports.ts';
import type { Dependency } from '../project/target.ts';
import type { FaultKind } from './definition.ts';
import { rulesOf } from './fault-kinds.ts';
import type {
  CallMeter,
  CallTotals,
  DependencyProbe,
  FaultPort,
  Injection,
  ProbeAnswer,
  ProxyState,
} from './ports.ts';
import { callsBetween, judgeProof, probesEachWay } from './proof.ts';

export interface ProofTools {
  readonly clock: Clock;
  readonly faults: FaultPort;
  readonly probes: DependencyProbe;
  readonly calls: CallMeter;
}

export interface ProofRequest {
  readonly injection: Injection;
  readonly dependency: Dependency;
  /** The system's calls in the steady state, and its counters just before the fault. */
  readonly before: { readonly figures: CallFigures; readonly totals: CallTotals };
  /** Monotonic ms after which no further round begins. */
  readonly until: number;
  readonly signal: AbortSignal;
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
  const { injection, dependency, before } = request;
  const { fault, toxicity, stream } = injection;
  const streams = stream === 'both' ? 2 : 1;
  const timeoutMs = timeoutFor(fault, streams);
  const proxy = await proxyOf(tools.faults, injection.proxy);
  const answers = await askBothWays(tools, dependency, proxy, timeoutMs);
  const now = await tools.calls.read(dependency.calls).catch(() => before.totals);
  const readBack = await tools.faults.readBack(injection);
  felt.unshift(callsBetween(before.totals, now));
  const seen = { fault, toxicity, streams, timeoutMs, readBack, ...answers };
  const proofs = felt.map((during) => judgeProof({ ...seen, calls: { before: before.figures, during } }));
  const [last] = proofs;
  return proofs.find(({ proven }) => proven) ?? last ?? Promise.reject(new Error('no round'));
}

async function proxyOf(faults: FaultPort, name: string): Promise<ProxyState | undefined> {
  return (await faults.list()).find((proxy) => proxy.name === name);
}

const spacingMs = 150;

async function askBothWays(
  { clock, probes, faults }: ProofTools,
  { probe, direct }: Dependency,
  proxy: ProxyState | undefined,
  timeoutMs: number,
) {
  if (!proxy) return { through: [], past: [] };
  const listen = reachable(proxy.listen, faults.url);
  const pairs: Promise<readonly [ProbeAnswer, ProbeAnswer]>[] = [];
  for (let n = 0; n < probesEachWay; n++) {
    if (n > 0) await clock.sleep(spacingMs);
    const through = probes.ask(probe, listen, timeoutMs);
    pairs.push(Promise.all([through, probes.ask(probe, direct ?? proxy.upstream, timeoutMs)]));
  }
  const answers = await Promise.all(pairs);
  return { through: answers.map(([through]) => through), past: answers.map(([, past]) => past) };
}

/** The address at which a listener is reached: "every interface" is asked where Toxiproxy itself is. */
export function reachable(listen: string, toxiproxy: string): string {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(listen) ?? [];
  const anywhere = ['', '0.0.0.0', '[::]', '::'].includes(host);
  return anywhere ? `${new URL(toxiproxy).hostname}:${port}` : listen;
}

function timeoutFor(fault: FaultKind, streams: number): number {
  return Math.min(10_000, Math.max(2_000, 2.5 * streams * rulesOf(fault).delaysProbesBy(fault) + 1_000));
}
