import type { FaultProof } from '../event/catalogue.ts';
import type { Clock } from '../kernel/ports.ts';
import { SiagaError, messageOf } from '../kernel/errors.ts';
import { type AskAround, asking } from './ask-around.ts';
import type { ExperimentContext } from './context.ts';
import { patience } from './context.ts';
import type { AnyExperiment, FaultPlan } from './definition.ts';
import { injectFault, subjectOf } from './injection.ts';
import type { ActiveFault, FaultUndone } from './injection.ts';
import { brokenDependencies, dependencyOf, injectionsOf } from './plan.ts';
import type { Progress } from './progress.ts';
import { type CallsBefore, prove } from './prove.ts';
import { totalsOf } from './steady.ts';
import type { Baseline, Totals } from './steady.ts';
import { Stop } from './stop.ts';

export interface MethodRequest {
  readonly experiment: AnyExperiment;
  readonly context: ExperimentContext;
  readonly baseline: Baseline;
  readonly progress: () => Progress;
  /** Aborts with a Stop; everything that is in is then undone. */
  readonly stop: AbortController;
  /** Called when the first fault is in. */
  readonly onInjected: (at: number) => void;
  /** Called each look, while faults are in. */
  readonly onLook: () => void;
  /** Called before the last faults are undone: from then on the system may answer as without them. */
  readonly onRollback: () => void;
}

export interface MethodResult {
  readonly proofs: readonly FaultProof[];
  readonly undone: readonly { readonly fault: ActiveFault; readonly undone: FaultUndone }[];
}

interface Held {
  readonly active: ActiveFault;
  readonly plan: FaultPlan;
  readonly ask: AskAround;
  /** Monotonic ms. */
  readonly until: number;
  over: boolean;
}

/** Breaks, proves, holds and undoes. Whatever happens in between, everything is undone when this returns. */
export async function runMethod(request: MethodRequest): Promise<MethodResult> {
  const held: Held[] = [];
  const proofs: FaultProof[] = [];
  try {
    const { experiment, context } = request;
    const totals = await totalsOf(brokenDependencies(experiment, context.target), context);
    await injectAll(request, held);
    const proving = held.map((each) => proveOne(request, each, totals, proofs));
    await Promise.all([...held.map((each) => hold(request, each, held)), ...proving]);
  } catch (error) {
    if (!request.stop.signal.aborted) request.stop.abort(asStop(error));
  }
  request.onRollback();
  const undone = await Promise.all(
    held.map(async ({ active }) => ({ fault: active, undone: await active.undo() })),
  );
  return { proofs, undone };
}

async function injectAll(
  { experiment, context, stop, onInjected }: MethodRequest,
  held: Held[],
): Promise<void> {
  const { journal, clock, judge } = context;
  const taken = journal.events().filter(({ type }) => type === 'fault.planned').length;
  const plans = injectionsOf(experiment, judge, journal.run, clock.now(), taken);
  for (const { injection, plan, forMs } of plans) {
    stop.signal.throwIfAborted();
    const ask = await asking(context, injection);
    const active = await injectFault(context, experiment.name, injection, forMs);
    held.push({ active, plan, ask, until: clock.monotonic() + forMs, over: false });
    if (held.length === 1) onInjected(active.injected.at);
  }
}

async function proveOne(
  { context, baseline, stop }: MethodRequest,
  { active, plan, ask, until }: Held,
  totals: Totals,
  proofs: FaultProof[],
): Promise<void> {
  const { injection, confirm } = active;
  const proof = await prove(context, {
    injection,
    confirm,
    ask,
    calls: callsBefore(dependencyOf(plan, context.target), context, baseline, totals),
    until: Math.min(until - 1_000, context.clock.monotonic() + patience.proofMs),
    signal: stop.signal,
  });
  // Stopped meanwhile: the fault may be out already, and then this says nothing about it.
  if (stop.signal.aborted) return;
  const data = { fault: active.id, ...proof };
  proofs.push(data);
  context.journal.append({ type: 'fault.proof', data });
  if (!proof.proven)
    throw new Stop('unproven', `${active.id} on ${subjectOf(injection)} is not proven: ${proof.why}`);
}

function callsBefore(
  name: string | undefined,
  { target }: ExperimentContext,
  baseline: Baseline,
  before: Totals,
): CallsBefore | undefined {
  if (name === undefined) return undefined;
  const [dependency, figures, totals] = [target.proxies[name], baseline.get(name), before.get(name)];
  if (!dependency || !figures || !totals) throw new Stop('could-not-run', `nothing is known about ${name}`);
  return { metrics: dependency.calls, figures, totals };
}

/** Keeps a fault in for its time, looking after it. One that ends before the others is undone by itself, the last by the rollback. */
async function hold(request: MethodRequest, own: Held, all: readonly Held[]): Promise<void> {
  const { active, plan, until } = own;
  const { context, stop, progress, onLook } = request;
  const watch = watcher(context, active);
  while (context.clock.monotonic() < until && !(plan.until === 'contained' && progress().mitigated)) {
    stop.signal.throwIfAborted();
    onLook();
    await watch();
    await pause(context.clock, stop.signal);
  }
  own.over = true;
  if (all.some(({ over }) => !over)) await active.undo();
}

const pause = (clock: Clock, signal: AbortSignal): Promise<void> => clock.sleep(patience.lookMs, signal);

/** Asks now and then whether the fault is still as it was set; one unanswered question is forgiven. */
function watcher({ clock }: ExperimentContext, { confirm, injection, id }: ActiveFault): () => Promise<void> {
  let next = clock.monotonic() + patience.readBackMs;
  let unanswered = 0;
  return async () => {
    if (clock.monotonic() < next) return;
    next = clock.monotonic() + patience.readBackMs;
    const read = await confirm().catch((error: unknown) => messageOf(error));
    unanswered = typeof read === 'string' ? unanswered + 1 : 0;
    if (typeof read === 'string') {
      const who = 'proxy' in injection ? 'Toxiproxy' : subjectOf(injection);
      if (unanswered > 1) throw new Stop('toxiproxy-lost', `${who} went away during ${id}: ${read}`);
    } else if (read.state !== 'as-set') {
      const how = read.state === 'gone' ? read.why : `reads back as ${read.got}, was set as ${read.allowed}`;
      throw new Stop('tampered', `someone else changed ${id} while it was on: ${how}`);
    }
  };
}

/** What was thrown, as a reason to end; an interruption is named by its signal. */
export function asStop(error: unknown): Stop {
  if (error instanceof Stop) return error;
  if (!(error instanceof SiagaError)) return new Stop('could-not-run', messageOf(error));
  // Accepted and not there: it is unknown what was tested.
  return new Stop(error.code === 'fault-not-set' ? 'unproven' : 'could-not-run', inShort(error));
}

const inShort = ({ facts: { what, got, hint } }: SiagaError): string =>
  [what, got && `got ${got}`, hint].filter(Boolean).join('; ');
