import type { ToggleApplied } from '../event/toggles.ts';
import { messageOf } from '../kernel/errors.ts';
import { compareToggles } from '../toggle/compare.ts';
import { readToggles as read } from '../toggle/read.ts';
import type { ExperimentContext } from './context.ts';
import { Stop } from './stop.ts';
import type { PlannedChange } from '../effect/toggle/owed.ts';
import type { GuardedToggles } from '../effect/toggle/guarded.ts';

export type Toggles = Readonly<Record<string, string>>;

/**
 * Reads the toggles and writes down what was read. `undefined` where they cannot be read, or where one of the runbook's
 * was not reported.
 */
export async function readToggles({
  toggles,
  journal,
  judge,
}: ExperimentContext): Promise<Toggles | undefined> {
  if (!toggles) return undefined;
  const data = await read(toggles, judge.normalToggles);
  journal.append({ type: 'toggle.read', data });
  return data.ok ? data.values : undefined;
}

/**
 * Writes a change of toggles into the ledger, tells the guard, and makes it.
 * @returns what reads back otherwise; empty where all is as wanted.
 */
export async function changeToggles(
  context: ExperimentContext,
  experiment: string,
  change: PlannedChange,
  purpose: 'prepare' | 'contain',
): Promise<readonly Deviation[]> {
  const toggles = actuator(context, change.values);
  const { via, place } = toggles;
  context.journal.append({ type: 'toggle.planned', data: { experiment, ...change, purpose, via, place } });
  await toggles.changing(change);
  return setToggles(context, change.values, purpose);
}

/** As `changeToggles`, the other way: once they read back as before, nothing is owed any more. */
export async function restoreToggles(
  context: ExperimentContext,
  values: Toggles,
): Promise<readonly Deviation[]> {
  const wrong = await setToggles(context, values, 'restore');
  if (wrong.length === 0) context.toggles?.restored(Object.keys(values));
  return wrong;
}

function actuator({ toggles }: ExperimentContext, values: Toggles): GuardedToggles {
  if (toggles) return toggles;
  const names = Object.keys(values).join(', ');
  throw new Stop('could-not-run', `the target has no way to set toggles: ${names}`);
}

/** Sets toggles the runbook's own way and reads them back. */
async function setToggles(
  context: ExperimentContext,
  values: Toggles,
  purpose: ToggleApplied['purpose'],
): Promise<readonly Deviation[]> {
  const { journal, clock } = context;
  const toggles = actuator(context, values);
  const began = clock.monotonic();
  const failure = await toggles.apply(values).then(
    () => undefined,
    (error: unknown) => messageOf(error),
  );
  const durationMs = Math.round(clock.monotonic() - began);
  const how = { values, purpose, via: toggles.via, durationMs, ok: failure === undefined };
  journal.append({
    type: 'toggle.applied',
    data: { ...how, ...(failure !== undefined && { reason: failure }) },
  });
  const found = await readToggles(context);
  if (!found)
    return Object.entries(values).map(([name, wanted]) => ({ name, got: failure ?? 'unreadable', wanted }));
  return deviations(found, values);
}

export interface Deviation {
  readonly name: string;
  readonly got: string;
  readonly wanted: string;
}

/** Toggles that are not as wanted, compared as everywhere; those nobody asked about do not count. */
export const deviations = (found: Toggles, wanted: Toggles): readonly Deviation[] =>
  compareToggles(found, wanted).map(({ name, got, normal }) => ({ name, got, wanted: normal }));

export const wordsOf = (all: readonly Deviation[]): string =>
  all.map(({ name, got, wanted }) => `${name} is ${got}, not ${wanted}`).join('; ');
