import { join } from 'node:path';
import { drillInEvents } from '../chaos/active-drill.ts';
import type { AnyOwnFault, FaultCommand } from '../chaos/own-fault.ts';
import { draftsOf, pendingChanges } from '../effect/ledger.ts';
import type { FaultEntry, LedgerEntry, TogglesEntry } from '../effect/ledger.ts';
import type { Pending, Recipe, Settled } from '../effect/recipe.ts';
import { togglesRecipe } from '../effect/toggle/driver.ts';
import type { EventType } from '../event/catalogue.ts';
import type { FaultPlanned } from '../event/fault.ts';
import type { Store } from '../event/store.ts';
import { exit, type ExitCode } from '../kernel/exit.ts';
import { placeOf } from '../toggle/method.ts';
import type { ToggleMethod } from '../toggle/method.ts';
import { toggleMethod } from './actuator.ts';
import type { Toggled } from './actuator.ts';
import type { Platform } from './platform.ts';
import { restartOf } from './processes.ts';

export interface ChangesRequest {
  readonly target: Toggled;
  /** The faults that its project defines. */
  readonly own: readonly AnyOwnFault[];
  /** The normal values of its toggles. */
  readonly normal: Readonly<Record<string, string>>;
  /** Only what this run left. Default: every run's. */
  readonly run?: string | undefined;
  /** Runs that are left alone, because they may be alive. Default: the one whose drill is on, as its events say. */
  readonly stays?: (run: string) => boolean;
}

/** A change that a run of this project left, and what became of it. */
export interface ChangeUndone<Entry extends LedgerEntry = LedgerEntry> {
  readonly entry: Entry;
  /** Absent where it was left alone, because its run may be alive. */
  readonly end?: Settled;
}

export interface ChangesUndone {
  readonly faults: readonly ChangeUndone<FaultEntry>[];
  readonly toggles: readonly ChangeUndone<TogglesEntry>[];
  /** Whether runs of this project write down here what they do to this target's toggles. */
  readonly ledger: boolean;
}

const types: readonly EventType[] = [
  'drill.lease',
  'fault.planned',
  'fault.injected',
  'fault.proof',
  'fault.removed',
  'fault.stuck',
  'toggle.planned',
  'toggle.applied',
  'toggle.read',
];

/** Undoes what dead runs of this project wrote down, but for what Toxiproxy itself says: faults, then toggles. */
export async function undoChanges(request: ChangesRequest, platform: Platform): Promise<ChangesUndone> {
  const { target, run } = request;
  const folder = join(target.projectDir, '.siaga');
  if (!platform.projectFiles.exists(folder)) return { faults: [], toggles: [], ledger: false };
  const store = platform.openStore(join(folder, 'siaga.db'));
  try {
    const method = toggleMethod(target);
    const streams = streamsOf(store, target.definition.name);
    const events = streams
      .flatMap((stream) => store.read({ target: stream, types }))
      .toSorted((a, b) => a.seq - b.seq);
    const left = pendingChanges(events).filter((entry) => run === undefined || entry.run === run);
    const drill = drillInEvents(events, platform.clock.now(), platform.hasEnded);
    const stays = request.stays ?? ((each: string) => each === drill?.run);
    const undo = undoing(store, { ...request, stays }, method, platform);
    // A process that stands still tells no toggles: it goes on first.
    const faults = await oneByOne(left.filter(isOutsideToxiproxy), undo);
    const toggles = await oneByOne(
      left.filter((entry) => isOfSystem(entry, method)),
      undo,
    );
    return { faults, toggles, ledger: method !== undefined && streams.length > 0 };
  } finally {
    store.close();
  }
}

/** A target's own runs, and those that SIAGA_TARGET_URL had ask another address: its toggles may be the same. */
export function streamsOf(store: Store, name: string): readonly string[] {
  const targets = new Set(store.runs().map(({ target }) => target));
  return [...targets].filter((target) => target === name || target.startsWith(`${name} (`));
}

// Toxics say themselves whose they are; what ends with its run says nothing of an undo.
const isOutsideToxiproxy = (entry: LedgerEntry): entry is FaultEntry =>
  entry.kind === 'fault' && entry.planned.driver !== undefined && entry.planned.undo !== undefined;

// A system that was started anew has nothing of what was set before.
const isOfSystem = (entry: LedgerEntry, method: ToggleMethod | undefined): entry is TogglesEntry =>
  entry.kind === 'toggles' && method !== undefined && entry.place === placeOf(method);

async function oneByOne<Entry extends LedgerEntry>(
  entries: readonly Entry[],
  undo: (entry: Entry) => Promise<Settled | undefined>,
): Promise<readonly ChangeUndone<Entry>[]> {
  const healed: ChangeUndone<Entry>[] = [];
  for (const entry of entries) {
    const end = await undo(entry);
    healed.push({ entry, ...(end && { end }) });
  }
  return healed;
}

/** Undoes one change by its recipe, and writes its end into the ledger of its run. */
function undoing(
  store: Store,
  request: ChangesRequest & Required<Pick<ChangesRequest, 'stays'>>,
  method: ToggleMethod | undefined,
  platform: Platform,
): (entry: LedgerEntry) => Promise<Settled | undefined> {
  const { clock, boot } = platform;
  return async (entry) => {
    const { run } = entry;
    if (request.stays(run)) return undefined;
    const about = aboutOf(entry);
    const recipe = recipeOf(entry, request, method);
    const end = recipe ? await platform.undo({ ...about, recipe }) : unknownUndo(entry, about.id);
    const target = store.runs().find((each) => each.run === run)?.target;
    const journal = target === undefined ? undefined : store.journal({ run, target, clock, boot });
    for (const draft of draftsOf(about, end, 'heal')) journal?.append(draft);
    return end;
  };
}

function aboutOf(entry: LedgerEntry): Omit<Pending, 'recipe'> {
  const { run } = entry;
  if (entry.kind === 'toggles') return { id: `${run} toggles`, order: 'then' };
  const { fault, proxy } = entry.planned;
  return { id: `${run} ${fault}`, order: 'first', fault: { fault, proxy } };
}

function unknownUndo(entry: LedgerEntry, id: string): Settled {
  const what = entry.kind === 'fault' ? `${entry.planned.kind} on ${entry.planned.proxy} is` : 'toggles are';
  return { id, outcome: 'stuck', tried: [`this project says no more how ${what} undone`] };
}

function recipeOf(
  entry: LedgerEntry,
  request: ChangesRequest,
  method: ToggleMethod | undefined,
): Recipe | undefined {
  if (entry.kind === 'toggles') return method && togglesRecipe(method, request.normal, entry.changes);
  const shown = entry.planned.undo as ShownUndo;
  if (shown.replay !== 'command') return shown;
  const command = commandOf(entry.planned, request);
  const { env, unless } = shown;
  return command && { ...command, env, ...(unless && { unless }) };
}

type ShownUndo =
  | Extract<Recipe, { replay: 'process' | 'module' }>
  | Pick<CommandRecipe, 'replay' | 'env' | 'unless'>;
type CommandRecipe = Extract<Recipe, { readonly replay: 'command' }>;

/** A command stands in the project and not in the events: it may hold secrets. */
function commandOf(planned: FaultPlanned, { target, own }: ChangesRequest): CommandRecipe | undefined {
  const place = { project: { dir: target.projectDir }, target };
  if (planned.driver === 'own') {
    const { undo: command, timeout = '10s' } = own.find(({ kind }) => kind === planned.kind) ?? {};
    return isCommand(command) ? restartOf({ command, timeout }, place) : undefined;
  }
  const restart = target.definition.processes?.[planned.proxy]?.restart;
  return restart && { ...restartOf(restart, place), step: 'restarted' };
}

const isCommand = (step: AnyOwnFault['undo'] | undefined): step is FaultCommand => Array.isArray(step);

/** A line for each fault. */
export const faultLines = ({ faults }: ChangesUndone): readonly string[] => faults.map(lineOf);

function lineOf({ entry: { run, planned }, end }: ChangeUndone<FaultEntry>): string {
  const what = `${planned.kind} on ${planned.proxy} (run ${run})`;
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

/** The faults as JSON tells them. */
export const faultsAsData = ({ faults }: ChangesUndone) =>
  faults.map(({ entry: { run, state, planned }, end }) => {
    const { fault, proxy: subject, kind } = planned;
    return { run, fault, subject, kind, state, ...(end && { end }) };
  });

/** What these make of the exit code: one of ours is left; one may be; none. */
export function faultsExit({ faults }: ChangesUndone): ExitCode {
  if (faults.some(({ end }) => end?.outcome === 'stuck')) return exit.rollbackFailed;
  return faults.some(({ end }) => end === undefined) ? exit.inconclusive : exit.passed;
}
