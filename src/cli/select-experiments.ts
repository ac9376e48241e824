import type { AnyExperiment } from '../chaos/definition.ts';
import { suggest } from '../kernel/diagnostic.ts';
import { SiagaError } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import { nearest } from '../kernel/nearest.ts';

/**
 * Experiments by name, in the order asked for; all of the target's where none is named.
 * @throws {SiagaError} `unknown-experiment`, `nothing-selected` (exit 2)
 */
export function selectExperiments(
  all: readonly AnyExperiment[],
  names: readonly string[],
  target: string,
): readonly AnyExperiment[] {
  const known = all.map(({ name }) => name);
  const chosen =
    names.length === 0
      ? all.filter((experiment) => experiment.target.name === target)
      : names.map((name) => find(all, name, known));
  if (chosen.length > 0) return chosen;
  throw new SiagaError('nothing-selected', {
    what: 'no experiment is selected',
    where: 'chaos/',
    got: `none for target ${target}`,
    allowed: known.join(', ') || 'nothing is defined',
    exitCode: exit.usage,
  });
}

function find(all: readonly AnyExperiment[], name: string, known: readonly string[]): AnyExperiment {
  const found = all.find((experiment) => experiment.name === name);
  if (found !== undefined) return found;
  throw new SiagaError('unknown-experiment', {
    what: 'there is no such experiment',
    where: 'chaos/',
    got: name,
    ...suggest(nearest(name, known), known),
    exitCode: exit.usage,
  });
}
