import type { Journal } from '../event/envelope.ts';
import { exit, type ExitCode } from '../kernel/exit.ts';
import type { Ending } from './ending.ts';

/** One part of a gate, in order: each only runs when the ones before it let the deploy through. */
export interface GatePart {
  readonly name: 'candidate' | 'checks' | 'load' | 'experiments';
  /** A doubt is neither tried again nor let through. */
  readonly once?: true;
  run(): Promise<Ending>;
}

export type OnInconclusive = 'block' | 'warn';

export interface GateOptions {
  readonly onInconclusive: OnInconclusive;
  readonly journal: Journal;
  readonly signal: AbortSignal;
  /** How the candidate ended by itself, once it has. Whatever else was found is then about something else. */
  readonly candidateEnd?: () => string | undefined;
}

/**
 * Runs the parts until one blocks, and writes how each ended (`gate.part`), those that were not run too. What is
 * inconclusive is tried once more; if it stays so, the policy decides: `block` ends the gate with exit 3, `warn` lets
 * the deploy through and says so. A candidate that ends by itself, whenever that is, blocks with exit 1.
 */
export async function gate(parts: readonly GatePart[], options: GateOptions): Promise<Ending> {
  const tell = teller(options);
  const doubts: string[] = [];
  let blocked: Blocked | undefined;
  for (const part of parts) {
    if (blocked !== undefined || options.signal.aborted) {
      tell(part.name, 'not-run', blocked?.why ?? 'the gate was interrupted');
      continue;
    }
    const { ending, retried } = await runPart(part, options);
    tell(part.name, outcomeOf(ending), ending.reason, retried);
    blocked = endOfCandidate(options, part, tell) ?? blockedBy(part, ending, options.onInconclusive);
    if (ending.exitCode === exit.inconclusive) doubts.push(`${part.name} inconclusive`, ending.reason);
  }
  return blocked?.ending ?? passed(doubts, options.signal);
}

interface Blocked {
  readonly ending: Ending;
  /** Why what follows is not run. */
  readonly why: string;
}

type Tell = (
  part: GatePart['name'],
  outcome: ReturnType<typeof outcomeOf> | 'not-run',
  reason: string,
  retried?: boolean,
) => void;

function teller({ journal }: GateOptions): Tell {
  return (part, outcome, reason, retried = false) =>
    void journal.append({ type: 'gate.part', data: { part, outcome, reason, retried } });
}

async function runPart(
  part: GatePart,
  { journal, signal, candidateEnd }: GateOptions,
): Promise<{ readonly ending: Ending; readonly retried: boolean }> {
  journal.append({ type: 'run.phase', data: { phase: part.name, part: part.name } });
  const ending = await part.run();
  const final = part.once === true || candidateEnd?.() !== undefined;
  if (ending.exitCode !== exit.inconclusive || signal.aborted || final) return { ending, retried: false };
  journal.append({
    type: 'run.phase',
    data: { phase: part.name, part: part.name, detail: `once more: ${ending.reason}` },
  });
  return { ending: await part.run(), retried: true };
}

function outcomeOf({ exitCode }: Ending): 'passed' | 'failed' | 'inconclusive' {
  if (exitCode === exit.passed) return 'passed';
  return exitCode === exit.failed || exitCode === exit.rollbackFailed ? 'failed' : 'inconclusive';
}

function endOfCandidate({ candidateEnd }: GateOptions, { name }: GatePart, tell: Tell): Blocked | undefined {
  const how = candidateEnd?.();
  if (how === undefined) return undefined;
  if (name === 'candidate') return { ending: { exitCode: exit.failed, reason: how }, why: how };
  const reason = `${how}, at the latest while ${name} ran`;
  tell('candidate', 'failed', reason);
  return { ending: { exitCode: exit.failed, reason }, why: how };
}

function blockedBy(part: GatePart, ending: Ending, policy: OnInconclusive): Blocked | undefined {
  if (ending.exitCode === exit.passed) return undefined;
  const doubtful = ending.exitCode === exit.inconclusive;
  if (doubtful && policy === 'warn' && part.once !== true) return undefined;
  return { ending, why: `${part.name} ${doubtful ? 'stayed inconclusive' : 'did not pass'}` };
}

function passed([what, why]: readonly string[], signal: AbortSignal): Ending {
  if (signal.aborted) return { exitCode: exit.interrupted, reason: 'interrupted' };
  const reason = what === undefined ? '' : `${what}, let through as asked: ${why}`;
  return { exitCode: exit.passed satisfies ExitCode, reason };
}
