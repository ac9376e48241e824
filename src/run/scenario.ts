import { basename, dirname, resolve } from 'node:path';
import { suggest } from '../kernel/diagnostic.ts';
import { SiagaError } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import { nearest } from '../kernel/nearest.ts';
import type { ProjectFiles } from '../project/ports.ts';
import type { Project, Scenario } from '../project/types.ts';

/**
 * A scenario of the project by name, or any k6 script by path.
 * @throws {SiagaError} `unknown-scenario` (exit 2), with the nearest name.
 */
export function scenarioOf(
  { scenarios, dir }: Pick<Project, 'scenarios' | 'dir'>,
  wanted: string,
  { list }: Pick<ProjectFiles, 'list'>,
): Scenario {
  const found = scenarios.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  const path = resolve(dir, wanted);
  if (/\.(ts|js|mjs)$/.test(wanted) && list(dirname(path)).includes(basename(path)))
    return { name: basename(path).replace(/\.\w+$/, ''), path };
  const names = scenarios.map(({ name }) => name);
  throw new SiagaError('unknown-scenario', {
    what: 'there is no such scenario and no such k6 script',
    where: 'scenarios/',
    got: wanted,
    ...suggest(nearest(wanted, names), names),
    exitCode: exit.usage,
  });
}
