import type { LoadFinished } from '../event/catalogue.ts';
import type { Ending } from '../exercise/ending.ts';
import { basename, dirname, resolve } from 'node:path';
import { suggest, nearest } from '../kernel/nearest.ts';
import { SiagaError } from '../kernel/errors.ts';
import { exit, type ExitCode } from '../kernel/exit.ts';
import { type Outcome, violationWords } from '../kernel/outcome.ts';
import type { K6 } from '../load/ports.ts';
import type { ProjectFiles } from '../project/ports.ts';
import type { Project, Scenario } from '../project/types.ts';
import type { Session } from './session-types.ts';

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

/** What a load of this session runs in. */
export function loadContext(
  { journal, platform, folder, target, judge, signal, guard, project }: Session,
  k6: K6,
) {
  const { identity, load, ca } = target.definition;
  return {
    journal,
    clock: platform.clock,
    k6,
    runFolder: folder,
    target: {
      name: target.definition.name,
      url: target.url,
      headers: identity?.load ?? {},
      ...(load && { maxRate: load.maxRate }),
      ...(ca && { ca: resolve(project.dir, ca) }),
    },
    judge,
    signal,
    onSpawn: (pid: number) => guard.own(pid),
  };
}

const exitOf: Readonly<Record<Outcome, ExitCode>> = {
  passed: exit.passed,
  failed: exit.failed,
  inconclusive: exit.inconclusive,
};

/** A load's verdict as an ending. */
export function endingOfLoad({ outcome, load: name, violations, reason }: LoadFinished): Ending {
  if (outcome === 'passed') return { exitCode: exit.passed, reason: '' };
  const [first] = violations;
  const why = first === undefined ? (reason ?? outcome) : violationWords(first);
  return { exitCode: exitOf[outcome], reason: `load ${name}: ${why}` };
}
