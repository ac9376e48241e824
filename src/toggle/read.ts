import type { ToggleRead } from '../event/toggles.ts';
import { messageOf } from '../kernel/errors.ts';
import { compareToggles } from './compare.ts';
import type { ToggleActuator } from './ports.ts';

/**
 * Asks the system for its toggles and holds them against the normal ones. One that cannot be asked is told as such, and
 * so is one that does not tell them all: then what it did tell stands, and nothing is known of the rest.
 */
export async function readToggles(
  actuator: Pick<ToggleActuator, 'read' | 'place'>,
  normal: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<ToggleRead> {
  try {
    const values = await actuator.read(signal);
    const abnormal = compareToggles(values, normal).filter(({ name }) => Object.hasOwn(values, name));
    const silent = Object.keys(normal).filter((name) => !Object.hasOwn(values, name));
    if (silent.length === 0) return { values, abnormal, ok: true };
    return { values, abnormal, ok: false, reason: silence(silent, actuator.place) };
  } catch (error) {
    signal?.throwIfAborted();
    return { values: {}, abnormal: [], ok: false, reason: messageOf(error) };
  }
}

const silence = (names: readonly string[], place: string): string =>
  `${names.join(', ')} ${names.length === 1 ? 'was' : 'were'} not reported by ${place}`;
