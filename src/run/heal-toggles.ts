import { beforeAll } from '../effect/toggle/changes.ts';
import type { Settled, ToggleChanges, ValuesUndone } from '../effect/recipe.ts';
import { exit, type ExitCode } from '../kernel/exit.ts';
import { printed, shellWord } from '../kernel/printed.ts';
import { readToggles } from '../toggle/read.ts';
import { readingMethod } from './actuator.ts';
import type { Toggled } from './actuator.ts';
import type { ChangesUndone } from './heal-changes.ts';
import type { Platform } from './platform.ts';

type Toggles = Readonly<Record<string, string>>;

/** What became of the toggles. */
export interface TogglesUndone {
  readonly runs: readonly (ValuesUndone & { readonly run: string })[];
  /** Changed by a run that may be alive. */
  readonly held: readonly { readonly run: string; readonly toggles: readonly string[] }[];
  /** Not normal, and no run that is known here changed them. */
  readonly strange: readonly { readonly name: string; readonly got: string; readonly normal: string }[];
  /** Why not every toggle could be read. */
  readonly unread?: string;
  /** Whether runs of this project have written down here what they changed. */
  readonly ledger: boolean;
}

/** Reads the toggles once what dead runs changed is undone, and says of each that is not normal whose it is. */
export async function lookAtToggles(
  { toggles, ledger }: ChangesUndone,
  { target, normal }: { readonly target: Toggled; readonly normal: Toggles },
  platform: Platform,
): Promise<TogglesUndone | undefined> {
  const reading = readingMethod(target);
  if (reading === undefined) return undefined;
  const runs = toggles.flatMap(({ entry: { run, changes }, end }) =>
    end ? [{ run, ...valuesOf(changes, end) }] : [],
  );
  const held = toggles.flatMap(({ entry: { run, changes }, end }) =>
    end ? [] : [{ run, toggles: Object.keys(changes) }],
  );
  const { abnormal, ok, reason } = await readToggles(platform.toggleActuator(reading), normal);
  const known = [...runs.map(({ left }) => Object.keys(left)), ...held.map((each) => each.toggles)].flat();
  const strange = abnormal.filter(({ name }) => !known.includes(name));
  return { runs, held, strange, ledger, ...(!ok && { unread: reason ?? 'no reason given' }) };
}

// Where it could not even be tried, all of them are left.
const valuesOf = (changes: ToggleChanges, end: Settled): ValuesUndone =>
  end.values ?? {
    restored: {},
    left: beforeAll(changes),
    others: [],
    ...(end.outcome === 'stuck' && { reason: end.tried.join('; ') }),
  };

/** A line for each thing that was done or left, with the command that sets it. */
export function toggleLines(healed: TogglesUndone, target: Toggled): readonly string[] {
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
  { run, restored, left, others, reason }: TogglesUndone['runs'][number],
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
export function togglesExit({ runs, held, strange, unread, ledger }: TogglesUndone): ExitCode {
  if (runs.some(({ left }) => Object.keys(left).length > 0)) return exit.rollbackFailed;
  const doubt = strange.length > 0 || unread !== undefined;
  return held.length > 0 || (doubt && !ledger) ? exit.inconclusive : exit.passed;
}
