import type { AnyExperiment } from '../chaos/definition.ts';
import { suggest, nearest } from '../kernel/nearest.ts';
import { SiagaError } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';

/**
 * Experiments by name, in the order asked for; where none is named, all of the target's that need no name.
 * @throws {SiagaError} `unknown-experiment`, `nothing-selected`, `mixed-scenarios` (exit 2)
 */
export function selectExperiments(
  all: readonly AnyExperiment[],
  names: readonly string[],
  target: string,
): readonly AnyExperiment[] {
  const known = all.map(({ name }) => name);
  const chosen =
    names.length === 0
      ? all.filter((experiment) => experiment.target.name === target && !experiment.onlyByName)
      : names.map((name) => find(all, name, known));
  if (chosen.length > 0) return underOneLoad(chosen);
  throw new SiagaError('nothing-selected', {
    what: 'no experiment is selected',
    where: 'chaos/',
    got: `none for target ${target}`,
    allowed: known.join(', ') || 'nothing is defined',
    exitCode: exit.usage,
  });
}

// One load runs unbroken from before the first experiment until after the last: it can be of one scenario only.
function underOneLoad(chosen: readonly AnyExperiment[]): readonly AnyExperiment[] {
  const scenarios = [...new Set(chosen.map(({ load }) => load.scenario))];
  if (scenarios.length === 1) return chosen;
  const listed = scenarios.map((scenario) => {
    const names = chosen.filter(({ load }) => load.scenario === scenario).map(({ name }) => name);
    return `${scenario} (${names.join(', ')})`;
  });
  throw new SiagaError('mixed-scenarios', {
    what: 'these experiments want different loads, and one load runs through all of them',
    where: 'chaos/',
    got: listed.join('; '),
    allowed: 'experiments with the same load.scenario',
    hint: 'name those of one scenario, and run the others by themselves',
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
