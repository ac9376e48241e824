import type { RunStarted } from '../event/catalogue.ts';
import type { Here } from '../kernel/printed.ts';

/** How the program is called for the project and target of a run. */
export function hereOf({ called = 'siaga', invocation }: Pick<RunStarted, 'called' | 'invocation'>): Here {
  return { ...invocation, called };
}
