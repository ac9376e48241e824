import type { ToggleRead } from '../event/toggles.ts';
import { messageOf } from '../kernel/errors.ts';
import { compareToggles } from './compare.ts';
import type { ToggleActuator } from './ports.ts';

/** Asks the system for its toggles and holds them against the normal ones. A system that cannot be asked is told as such. */
export async function readToggles(
  actuator: Pick<ToggleActuator, 'read'>,
  normal: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<ToggleRead> {
  try {
    const values = await actuator.read(signal);
    return { values, abnormal: compareToggles(values, normal), ok: true };
  } catch (error) {
    signal?.throwIfAborted();
    return { values: {}, abnormal: [], ok: false, reason: messageOf(error) };
  }
}
