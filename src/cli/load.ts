import { InvalidArgumentError, type Command } from 'commander';
import type { LoadFinished } from '../event/catalogue.ts';
import type { Ending } from '../exercise/ending.ts';
import { parseDuration } from '../kernel/duration.ts';
import { exit, type ExitCode } from '../kernel/exit.ts';
import { assignedSecrets } from '../kernel/redact.ts';
import { type Outcome, violationWords } from '../kernel/outcome.ts';
import type { Environment } from '../load/ports.ts';
import { runLoad } from '../load/run.ts';
import type { LoadRequest } from '../load/types.ts';
import { plannedProject } from './project.ts';
import type { Project, Scenario } from '../project/types.ts';
import { renderLoad } from '../report/load-table.ts';
import { loadContext } from '../run/drill.ts';
import type { RunFlags } from '../run/flags.ts';
import { withRunFlags } from './options.ts';
import { scenarioOf } from '../run/scenario.ts';
import type { Session } from '../run/session-types.ts';
import { withSession } from '../run/session.ts';
import { summaries } from './summaries.ts';
import { provideK6 } from './tools.ts';
import type { Platform } from '../run/platform.ts';

interface LoadFlags extends RunFlags {
  readonly rate?: number;
  readonly duration?: number;
  readonly env: Environment;
}

const exitOf: Readonly<Record<Outcome, ExitCode>> = {
  passed: exit.passed,
  failed: exit.failed,
  inconclusive: exit.inconclusive,
};

/** `siaga load`: a k6 scenario of the project, or any k6 script, against the runbook's thresholds. */
export function registerLoad(program: Command, platform: Platform): void {
  withRunFlags(program.command('load <scenario>'))
    .description(summaries.load)
    .option('--rate <n>', 'iterations a second, for a scenario that reads SIAGA_RATE', parseRate)
    .option(
      '--duration <time>',
      'how long, such as 60s, for a scenario that reads SIAGA_DURATION',
      parseLength,
    )
    .option(
      '-e, --env <NAME>',
      'give NAME of the environment to the script’s __ENV; NAME=VALUE gives a value that anybody may see; may be repeated',
      (text, earlier: Environment) => collectEnv(text, earlier, platform.env),
      {},
    )
    .action(async (name: string, flags: LoadFlags) => {
      platform.outcome.code = await load(name, flags, platform);
    });
}

async function load(wanted: string, flags: LoadFlags, platform: Platform): Promise<ExitCode> {
  // A broken definition and an unknown name are told before anything is built or started.
  const project = await plannedProject(flags, platform);
  platform.secrets.keep(secretsGiven(flags.env, platform.env));
  const scenario = scenarioOf(project, wanted);
  const k6 = await provideK6(platform);
  const request = {
    project,
    command: 'load',
    subject: wanted,
    options: {
      '--rate': flags.rate === undefined ? undefined : String(flags.rate),
      '--duration': flags.duration === undefined ? undefined : `${flags.duration}ms`,
      // Their values may be secrets, and a report is for everybody.
      '--env': Object.keys(flags.env),
    },
    drill: false,
    loadRunning: true,
    needsProxies: false,
    versions: { k6: k6.version },
  };
  return withSession(platform, flags, request, async (session): Promise<Ending> => {
    const finished = await runLoad(requestOf(scenario, project, flags), loadContext(session, k6));
    show(renderLoad(finished, session.judge), session);
    return endingOfLoad(finished);
  });
}

/** A load's verdict as an ending. */
export function endingOfLoad({ outcome, load: name, violations, reason }: LoadFinished): Ending {
  if (outcome === 'passed') return { exitCode: exit.passed, reason: '' };
  const [first] = violations;
  const why = first === undefined ? (reason ?? outcome) : violationWords(first);
  return { exitCode: exitOf[outcome], reason: `load ${name}: ${why}` };
}

function requestOf({ name, path }: Scenario, { dir, scenarios }: Project, flags: LoadFlags): LoadRequest {
  const own = scenarios.some((scenario) => scenario.path === path);
  return {
    name,
    script: path,
    ...(path.startsWith(`${dir}/`) && { label: path.slice(dir.length + 1) }),
    ...(flags.rate !== undefined && { rate: flags.rate }),
    ...(flags.duration !== undefined && { durationMs: flags.duration }),
    env: flags.env,
    // A stranger's script answers to its own project's idea of types.
    typeCheck: own,
  };
}

function show(text: string, { platform, flags }: Session): void {
  if (flags.json) platform.stderr(`${text}\n`);
  else platform.stdout(`${text}\n`);
}

function parseRate(text: string): number {
  const rate = Number(text);
  if (Number.isInteger(rate) && rate > 0) return rate;
  throw new InvalidArgumentError('allowed: a whole number above 0.');
}

function parseLength(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= 1_000) return ms;
  throw new InvalidArgumentError('allowed: a time of at least 1s, such as 60s or 5m.');
}

/** What is taken from the environment is secret as it is: whoever names it there wants it seen by nobody. */
function secretsGiven(given: Environment, own: Platform['env']): readonly string[] {
  return Object.entries(given).flatMap(([name, value]) =>
    own[name] === value ? [value] : assignedSecrets(name, value),
  );
}

/**
 * `NAME` taken from the environment, or `NAME=VALUE`, which `ps` and a shell's history show.
 * @throws {InvalidArgumentError} where it is neither, or the environment has no such name
 */
export function collectEnv(text: string, earlier: Environment, own: Platform['env']): Environment {
  const [, name = '', value] = /^([A-Za-z_]\w*)(?:=(.*))?$/s.exec(text) ?? [];
  // What was written is not repeated: it may be a secret with a slip.
  if (name === '')
    throw new InvalidArgumentError('allowed: NAME or NAME=VALUE; a name has letters, digits and _.');
  const found = value ?? own[name];
  if (found === undefined)
    throw new InvalidArgumentError(`${name} is not set; export it, or give ${name}=VALUE.`);
  return { ...earlier, [name]: found };
}
