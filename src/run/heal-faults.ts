import { join } from 'node:path';
import { type PendingFault, pendingFaults } from '../effect/ledger.ts';
import type { Recipe, Settled } from '../effect/recipe.ts';
import type { AnyOwnFault, FaultCommand } from '../chaos/own-fault.ts';
import type { Draft } from '../event/envelope.ts';
import type { FaultPlanned } from '../event/fault.ts';
import type { Store } from '../event/store.ts';
import { exit, type ExitCode } from '../kernel/exit.ts';
import type { Toggled } from './actuator.ts';
import { streamsOf } from './heal-toggles.ts';
import type { Platform } from './platform.ts';
import { restartOf } from './processes.ts';

export interface FaultHealRequest {
  readonly target: Toggled;
  /** The faults that its project defines. */
  readonly own: readonly AnyOwnFault[];
  /** Only what this run left. Default: every run's. */
  readonly run?: string | undefined;
  /** Runs that are left alone, because they may be alive. */
  readonly stays: (run: string) => boolean;
}

/** A fault without a toxic that dead runs of this project left, and what became of it. */
export interface FaultHealed {
  readonly run: string;
  readonly fault: string;
  /** What it is on: a process of the target, or what else its driver breaks. */
  readonly subject: string;
  readonly kind: string;
  /** Absent where it was left alone, because its run may be alive. */
  readonly end?: Settled;
}

/** Undoes the faults that dead runs of this project wrote down and that are none of Toxiproxy's. */
export async function healFaults(
  request: FaultHealRequest,
  platform: Platform,
): Promise<readonly FaultHealed[]> {
  const { target, run, stays } = request;
  const path = join(target.projectDir, '.siaga', 'siaga.db');
  if (!platform.projectFiles.exists(path)) return [];
  const store = platform.openStore(path);
  try {
    const wanted = faultsOf(store, target).filter((each) => run === undefined || each.run === run);
    const healed: FaultHealed[] = [];
    for (const each of wanted) {
      const { fault, proxy: subject, kind } = each.planned;
      const end = stays(each.run) ? undefined : await undo(each, request, platform);
      if (end) record(store, each, end, platform);
      healed.push({ run: each.run, fault, subject, kind, ...(end && { end }) });
    }
    return healed;
  } finally {
    store.close();
  }
}

function faultsOf(store: Store, { definition }: Toggled): readonly PendingFault[] {
  const types = ['fault.planned', 'fault.removed'] as const;
  const events = streamsOf(store, definition.name)
    .flatMap((stream) => store.read({ target: stream, types }))
    .toSorted((a, b) => a.seq - b.seq);
  // Toxiproxy's say themselves whose they are; what ends with its run says nothing of an undo.
  return pendingFaults(events).filter(
    ({ planned }) => planned.driver !== undefined && planned.undo !== undefined,
  );
}

function undo(
  { run, planned }: PendingFault,
  request: FaultHealRequest,
  platform: Platform,
): Promise<Settled> {
  const { fault, proxy } = planned;
  const id = `${run} ${fault}`;
  const recipe = recipeOf(planned, request);
  if (recipe) return platform.undo({ id, order: 'first', fault: { fault, proxy }, recipe });
  const tried = [`this project says no more how ${planned.kind} on ${proxy} is undone`];
  return Promise.resolve({ id, outcome: 'stuck', tried });
}

function recipeOf(planned: FaultPlanned, request: FaultHealRequest): Recipe | undefined {
  const shown = planned.undo as ShownUndo;
  if (shown.replay !== 'command') return shown;
  const command = commandOf(planned, request);
  const { env, unless } = shown;
  return command && { ...command, env, ...(unless && { unless }) };
}

type ShownUndo =
  | Extract<Recipe, { replay: 'process' | 'module' }>
  | Pick<CommandRecipe, 'replay' | 'env' | 'unless'>;
type CommandRecipe = Extract<Recipe, { readonly replay: 'command' }>;

/** A command stands in the project and not in the events: it may hold secrets. */
function commandOf(planned: FaultPlanned, { target, own }: FaultHealRequest): CommandRecipe | undefined {
  const place = { project: { dir: target.projectDir }, target };
  if (planned.driver === 'own') {
    const { undo: command, timeout = '10s' } = own.find(({ kind }) => kind === planned.kind) ?? {};
    return isCommand(command) ? restartOf({ command, timeout }, place) : undefined;
  }
  const restart = target.definition.processes?.[planned.proxy]?.restart;
  return restart && { ...restartOf(restart, place), rung: 'restarted' };
}

const isCommand = (step: AnyOwnFault['undo'] | undefined): step is FaultCommand => Array.isArray(step);

function record(store: Store, { run, planned }: PendingFault, end: Settled, { clock, boot }: Platform): void {
  const target = store.runs().find((each) => each.run === run)?.target;
  if (target === undefined) return;
  const draft = draftOf({ fault: planned.fault, proxy: planned.proxy }, end);
  if (draft) store.journal({ run, target, clock, boot }).append(draft);
}

function draftOf(facts: { readonly fault: string; readonly proxy: string }, end: Settled): Draft | undefined {
  if (end.outcome === 'stuck') return { type: 'fault.stuck', data: { ...facts, tried: end.tried } };
  if (end.outcome === 'others') return undefined;
  const rung = end.outcome === 'undone' ? end.step : end.outcome;
  return { type: 'fault.removed', data: { ...facts, by: 'heal', rung } };
}

/** A line for each. */
export const faultLines = (healed: readonly FaultHealed[]): readonly string[] => healed.map(lineOf);

function lineOf({ run, subject, kind, end }: FaultHealed): string {
  const what = `${kind} on ${subject} (run ${run})`;
  switch (end?.outcome) {
    case undefined:
      return `left    ${what}: its run may be alive; --force undoes it all the same`;
    case 'undone':
      return `undone  ${what}: ${end.step}`;
    case 'already-gone':
      return `undone  ${what}: already-gone`;
    case 'others':
      return `left    ${what}: changed by somebody since`;
    case 'stuck':
      return `STUCK   ${what}: ${end.tried.join('; ')}`;
  }
}

/** What these make of the exit code: one of ours is left; one may be; none. */
export function faultsExit(healed: readonly FaultHealed[]): ExitCode {
  if (healed.some(({ end }) => end?.outcome === 'stuck')) return exit.rollbackFailed;
  return healed.some(({ end }) => end === undefined) ? exit.inconclusive : exit.passed;
}
