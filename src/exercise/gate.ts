import type { Journal } from '../event/envelope.ts';
import { exit, type ExitCode } from '../kernel/exit.ts';
import type { Ending } from './ending.ts';

/** One part of a gate, in order: each only runs when the ones before it let the deploy through. */
export interface GatePart {
  readonly name: 'checks' | 'load' | 'experiments';
  run(): Promise<Ending>;
}

export type OnInconclusive = 'block' | 'warn';

export interface GateOptions {
  readonly onInconclusive: OnInconclusive;
  readonly journal: Journal;
  readonly signal: AbortSignal;
}

export interface PartResult {
  readonly part: GatePart['name'];
  /** `undefined` where it was not run because something before it failed. */
  readonly ending?: Ending;
  readonly retried: boolean;
}

export interface GateResult extends Ending {
  readonly parts: readonly PartResult[];
}

/**
 * Runs the parts until one blocks. What is inconclusive is tried once more; if it stays so, the policy decides:
 * `block` ends the gate with exit 3, `warn` lets the deploy through and says so.
 */
export async function gate(parts: readonly GatePart[], options: GateOptions): Promise<GateResult> {
  const results: PartResult[] = [];
  let blocked: Ending | undefined;
  for (const part of parts) {
    if (blocked !== undefined || options.signal.aborted) {
      results.push({ part: part.name, retried: false });
      continue;
    }
    const result = await runPart(part, options);
    results.push(result);
    if (blocks(result.ending, options.onInconclusive)) blocked = result.ending;
  }
  const verdict = blocked ?? passed(results, options.signal);
  return { ...verdict, parts: results };
}

async function runPart(
  part: GatePart,
  { journal, signal }: GateOptions,
): Promise<PartResult & { ending: Ending }> {
  journal.append({ type: 'run.phase', data: { phase: part.name } });
  const first = await part.run();
  if (first.exitCode !== exit.inconclusive || signal.aborted)
    return { part: part.name, ending: first, retried: false };
  journal.append({ type: 'run.phase', data: { phase: part.name, detail: `once more: ${first.reason}` } });
  return { part: part.name, ending: await part.run(), retried: true };
}

function blocks(ending: Ending | undefined, policy: OnInconclusive): boolean {
  if (ending === undefined || ending.exitCode === exit.passed) return false;
  return ending.exitCode !== exit.inconclusive || policy === 'block';
}

function passed(results: readonly PartResult[], signal: AbortSignal): Ending {
  if (signal.aborted) return { exitCode: exit.interrupted, reason: 'interrupted' };
  const doubtful = results.find(({ ending }) => ending?.exitCode === exit.inconclusive);
  const reason =
    doubtful?.ending === undefined
      ? ''
      : `${doubtful.part} inconclusive, let through as asked: ${doubtful.ending.reason}`;
  return { exitCode: exit.passed satisfies ExitCode, reason };
}
