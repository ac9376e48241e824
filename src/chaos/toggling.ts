import type { ToggleApplied } from '../event/catalogue.ts';
import { messageOf } from '../kernel/errors.ts';
import type { ExperimentContext } from './context.ts';
import { Stop } from './stop.ts';

export type Toggles = Readonly<Record<string, string>>;

/** Reads the toggles and writes down what was read. Where they cannot be read that is written, and `undefined` returned. */
export async function readToggles(context: ExperimentContext): Promise<Toggles | undefined> {
  const { toggles, journal, judge } = context;
  if (!toggles) return undefined;
  try {
    const values = await toggles.read();
    const abnormal = deviations(values, judge.normalToggles).map(({ name, got, wanted }) => ({
      name,
      got,
      normal: wanted,
    }));
    journal.append({ type: 'toggle.read', data: { values, abnormal, ok: true } });
    return values;
  } catch (error) {
    journal.append({
      type: 'toggle.read',
      data: { values: {}, abnormal: [], ok: false, reason: messageOf(error) },
    });
    return undefined;
  }
}

/**
 * Sets toggles the runbook's own way and reads them back.
 * @returns what reads back otherwise; empty where all is as wanted.
 */
export async function setToggles(
  context: ExperimentContext,
  values: Toggles,
  purpose: ToggleApplied['purpose'],
): Promise<readonly Deviation[]> {
  const { toggles, journal, clock } = context;
  if (!toggles)
    throw new Stop(
      'could-not-run',
      `the target has no way to set toggles: ${Object.keys(values).join(', ')}`,
    );
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
  const read = await readToggles(context);
  if (!read)
    return Object.entries(values).map(([name, wanted]) => ({ name, got: failure ?? 'unreadable', wanted }));
  return deviations(read, values);
}

export interface Deviation {
  readonly name: string;
  readonly got: string;
  readonly wanted: string;
}

/** Toggles that are not as wanted; those nobody asked about do not count. */
export function deviations(found: Toggles, wanted: Toggles): readonly Deviation[] {
  return Object.entries(wanted).flatMap(([name, value]) => {
    const got = found[name] ?? 'absent';
    return got === value ? [] : [{ name, got, wanted: value }];
  });
}

export const wordsOf = (all: readonly Deviation[]): string =>
  all.map(({ name, got, wanted }) => `${name} is ${got}, not ${wanted}`).join('; ');
