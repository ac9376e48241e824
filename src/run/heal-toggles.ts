import { join } from 'node:path';
import { debtsIn } from '../effect/toggle/owed.ts';
import type { Debt } from '../effect/toggle/owed.ts';
import { undoToggles } from '../effect/toggle/undo.ts';
import type { TogglesUndone } from '../effect/toggle/undo.ts';
import type { Store } from '../event/store.ts';
import { exit, type ExitCode } from '../kernel/exit.ts';
import { readToggles } from '../toggle/read.ts';
import { placeOf } from '../toggle/way.ts';
import type { ToggleWay } from '../toggle/way.ts';
import { readingWay, toggleWay } from './actuator.ts';
import type { Toggled } from './actuator.ts';
import { printed, shellWord } from '../kernel/printed.ts';
import type { Platform } from './platform.ts';

type Toggles = Readonly<Record<string, string>>;

export interface ToggleHealRequest {
  readonly target: Toggled;
  readonly normal: Toggles;
  /** Only what this run left. Default: every run's. */
  readonly run?: string | undefined;
  /** Runs that are left alone, because they may be alive. */
  readonly stays: (run: string) => boolean;
}

/** What became of the toggles. */
export interface TogglesHealed {
  readonly runs: readonly (TogglesUndone & { readonly run: string })[];
  /** Changed by a run that may be alive. */
  readonly held: readonly { readonly run: string; readonly toggles: readonly string[] }[];
  /** Not normal, and no run that is known here changed them. */
  readonly strange: readonly { readonly name: string; readonly got: string; readonly normal: string }[];
  /** Why not every toggle could be read. */
  readonly unread?: string;
  /** Whether runs of this project have written down here what they changed. */
  readonly ledger: boolean;
}

/** Puts back the toggles that dead runs of this project changed, as far as they wrote it down here. */
export async function healToggles(
  request: ToggleHealRequest,
  platform: Platform,
): Promise<TogglesHealed | undefined> {
  const reading = readingWay(request.target);
  if (reading === undefined) return undefined;
  const { runs, held, ledger } = await settleDebts(request, platform);
  const { abnormal, ok, reason } = await readToggles(platform.toggleActuator(reading), request.normal);
  const known = [...runs.map(({ left }) => Object.keys(left)), ...held.map(({ toggles }) => toggles)].flat();
  const strange = abnormal.filter(({ name }) => !known.includes(name));
  return { runs, held, strange, ledger, ...(!ok && { unread: reason ?? 'no reason given' }) };
}

async function settleDebts(
  request: ToggleHealRequest,
  platform: Platform,
): Promise<Omit<TogglesHealed, 'strange' | 'unread'>> {
  const { projectDir, definition } = request.target;
  const folder = join(projectDir, '.siaga');
  const way = toggleWay(request.target);
  if (way === undefined || !platform.projectFiles.exists(folder))
    return { runs: [], held: [], ledger: false };
  const store = platform.openStore(join(folder, 'siaga.db'));
  try {
    const debts = debtsOf(store, request, way);
    const held = debts
      .filter(({ run }) => request.stays(run))
      .map(({ run, changes }) => ({ run, toggles: Object.keys(changes) }));
    const runs: (TogglesUndone & { readonly run: string })[] = [];
    for (const debt of debts.filter(({ run }) => !request.stays(run)))
      runs.push({ run: debt.run, ...(await settleDebt(store, debt, way, request, platform)) });
    return { runs, held, ledger: streamsOf(store, definition.name).length > 0 };
  } finally {
    store.close();
  }
}

function debtsOf(store: Store, { target, run }: ToggleHealRequest, way: ToggleWay): readonly Debt[] {
  const types = ['toggle.planned', 'toggle.applied', 'toggle.read'] as const;
  const events = streamsOf(store, target.definition.name)
    .flatMap((each) => store.read({ target: each, types }))
    .toSorted((a, b) => a.seq - b.seq);
  // A system that was started anew has nothing of what was set before.
  const here = debtsIn(events).filter(({ place }) => place === placeOf(way));
  return here.filter((debt) => run === undefined || debt.run === run);
}

/** A target's own runs, and those that SIAGA_TARGET_URL had ask another address: its toggles may be the same. */
export function streamsOf(store: Store, name: string): readonly string[] {
  const targets = new Set(store.runs().map(({ target }) => target));
  return [...targets].filter((target) => target === name || target.startsWith(`${name} (`));
}

function settleDebt(
  store: Store,
  { run, changes }: Debt,
  way: ToggleWay,
  { target, normal }: ToggleHealRequest,
  { clock, boot, toggleActuator }: Platform,
): Promise<TogglesUndone> {
  const own = store.runs().find((each) => each.run === run)?.target ?? target.definition.name;
  const journal = store.journal({ run, target: own, clock, boot });
  const actuator = toggleActuator(way);
  return undoToggles({
    actuator,
    clock,
    normal,
    changes,
    by: 'heal',
    write: (draft) => void journal.append(draft),
  });
}

/** A line for each thing that was done or left, with the command that sets it. */
export function toggleLines(healed: TogglesHealed, target: Toggled): readonly string[] {
  return [
    ...healed.runs.flatMap((each) => runLines(each, target)),
    ...healed.held.map(
      ({ run, toggles }) =>
        `left    toggles ${toggles.join(', ')} (run ${run}): it may be alive; --force puts them back all the same`,
    ),
    ...healed.strange.map(({ name, got, normal }) => strangeLine(name, got, normal, healed.ledger, target)),
    ...(healed.unread === undefined ? [] : [`unknown toggles: ${healed.unread}`]),
  ];
}

function runLines(
  { run, restored, left, others, reason }: TogglesHealed['runs'][number],
  target: Toggled,
): readonly string[] {
  const back = Object.keys(restored).length === 0 ? [] : [`undone  toggles ${pairs(restored)} (run ${run})`];
  const why = reason === undefined ? '' : `${reason}; `;
  const stuck =
    Object.keys(left).length === 0
      ? []
      : [`STUCK   toggles ${pairs(left)} (run ${run}): ${why}set them with: ${commandFor(left, target)}`];
  const foreign = others.map(
    ({ name, got, before }) =>
      `left    ${name} is ${got}, was ${before} before run ${run}: changed by somebody since`,
  );
  return [...back, ...stuck, ...foreign];
}

function strangeLine(name: string, got: string, normal: string, ledger: boolean, target: Toggled): string {
  const who = ledger
    ? 'no run of this project changed it'
    : `no run is written down here; where its project lies: ${printed('chaos heal -C FOLDER')}`;
  return `left    ${name} is ${got}, normal is ${normal}: ${who}; to set it: ${commandFor({ [name]: normal }, target)}`;
}

/** What a person types to set toggles. */
function commandFor(values: Toggles, { isReference, projectDir, definition }: Toggled): string {
  const words = Object.entries(values).map(([name, value]) => `${name}=${shellWord(value)}`);
  const own = definition.toggles?.apply?.command.map(shellWord);
  const command = isReference ? [printed(`reference restart api -C ${shellWord(projectDir)}`)] : own;
  return [...words, ...(command ?? ['and whatever makes them take effect'])].join(' ');
}

const pairs = (values: Toggles): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');

/** What the toggles make of the exit code: something of ours is left; something may be; nothing. */
export function togglesExit({ runs, held, strange, unread, ledger }: TogglesHealed): ExitCode {
  if (runs.some(({ left }) => Object.keys(left).length > 0)) return exit.rollbackFailed;
  const doubt = strange.length > 0 || unread !== undefined;
  return held.length > 0 || (doubt && !ledger) ? exit.inconclusive : exit.passed;
}
