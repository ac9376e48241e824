import type { ToggleRead } from '../event/toggles.ts';
import { sameValue } from '../kernel/setting.ts';

type Toggles = Readonly<Record<string, string>>;

/** Toggles that a system does not tell. */
export const untold = 'not told';

/**
 * The toggles that are not at their wanted value, in the order of `wanted`. One that the system does not tell is
 * not known to be right. `TRUE` is `true`, `04` is `4`, spaces around mean nothing: a system may write them its way.
 */
export function compareToggles(got: Toggles, wanted: Toggles): ToggleRead['abnormal'] {
  return Object.entries(wanted).flatMap(([name, normal]) => {
    const value = Object.hasOwn(got, name) ? got[name] : undefined;
    if (value !== undefined && sameValue(value, normal)) return [];
    return [{ name, got: value ?? untold, normal }];
  });
}
