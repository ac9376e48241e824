import type { Draft } from '../../event/envelope.ts';
import type { ToggleApplied } from '../../event/toggles.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { Clock } from '../../kernel/ports.ts';
import { compareToggles } from '../../toggle/compare.ts';
import type { ToggleActuator, ToggleProcesses } from '../../toggle/ports.ts';
import { readToggles } from '../../toggle/read.ts';
import type { Difference } from '../contract.ts';

type Toggles = Readonly<Record<string, string>>;

export interface SetRequest {
  readonly actuator: ToggleActuator;
  readonly clock: Clock;
  /** The runbook's values, against which what is read is written down. */
  readonly normal: Toggles;
  /** Where that stands which was set and read, the moment it was. */
  readonly write: (draft: Draft) => void;
  readonly processes?: ToggleProcesses;
}

export interface SetAndRead {
  /** Why setting failed. */
  readonly reason?: string;
  /** What the system says afterwards; absent where it says nothing. */
  readonly read?: Toggles;
  /** Whether it told every toggle of the runbook. */
  readonly whole: boolean;
}

/** Sets toggles and reads them back, and writes both down. Never rejects. */
export async function setAndRead(
  request: SetRequest,
  values: Toggles,
  as: Pick<ToggleApplied, 'purpose' | 'by'>,
): Promise<SetAndRead> {
  const { actuator, clock, write, processes } = request;
  const began = clock.monotonic();
  const reason = await actuator.apply(values, processes).then(() => undefined, messageOf);
  const durationMs = Math.round(clock.monotonic() - began);
  const failed = reason !== undefined && { reason };
  const how = { values, via: actuator.via, durationMs, ok: reason === undefined, ...as, ...failed };
  write({ type: 'toggle.applied', data: how });
  return { ...failed, ...(await readAndWrite(request)) };
}

export async function readAndWrite({
  actuator,
  normal,
  write,
}: SetRequest): Promise<Pick<SetAndRead, 'read' | 'whole'>> {
  const data = await readToggles(actuator, normal);
  write({ type: 'toggle.read', data });
  const answered = data.ok || Object.keys(data.values).length > 0;
  return { whole: data.ok, ...(answered && { read: data.values }) };
}

/** Toggles that are not as wanted, compared as everywhere; those nobody asked about do not count. */
export const differencesOf = (found: Toggles, wanted: Toggles): readonly Difference[] =>
  compareToggles(found, wanted).map(({ name, got, normal }) => ({ name, got, wanted: normal }));

export const wordsOf = (all: readonly Difference[]): string =>
  all.map(({ name, got, wanted }) => `${name} is ${got}, not ${wanted}`).join('; ');
