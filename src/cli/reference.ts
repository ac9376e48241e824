import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { resolve } from 'node:path';
import { exit } from '../kernel/exit.ts';
import { launcherOf, type ReferenceOptions, type ReferenceStatus } from '../run/launcher.ts';
import { speedBounds } from '../runbook/judge.ts';
import type { Platform } from '../run/platform.ts';
import { printed } from '../kernel/printed.ts';

type ReferenceWorld = Pick<
  Platform,
  'env' | 'cwd' | 'stdout' | 'stderr' | 'outcome' | 'interrupted' | 'launcher'
>;

interface Flags {
  readonly project: string;
  readonly json?: true;
}

/** `siaga reference up | down | status | restart`. */
export function registerReference(program: Command, platform: ReferenceWorld): void {
  const reference = program.command('reference');
  registerUp(reference, platform);
  registerDown(reference, platform);
  registerStatus(reference, platform);
  registerRestart(reference, platform);
}

function registerUp(reference: Command, platform: ReferenceWorld): void {
  common(reference.command('up').description('start it; it runs until siaga reference down'))
    .addOption(numberOption('--speed <n>', 'divide the breaker delay by n', speedBounds.min, speedBounds.max))
    .addOption(numberOption('--port <n>', 'port of the API (default: a free one)', 1, 65_535, true))
    .action(async (flags: Flags & { speed?: number; port?: number }) => {
      const { speed, port } = flags;
      const { started, status } = await (
        await launcherOf(platform)
      ).up({ ...optionsOf(flags, platform), speed, port });
      if (!started) platform.stderr('reference: it is running already\n');
      print(status, flags, platform);
    });
}

function registerDown(reference: Command, platform: ReferenceWorld): void {
  common(reference.command('down').description('stop it and everything that belongs to it')).action(
    async (flags: Flags) => {
      const launcher = await launcherOf(platform);
      const options = optionsOf(flags, platform);
      const stopped = await launcher.down(options);
      if (flags.json) print(await launcher.status(options.projectDir), flags, platform);
      else platform.stdout(stopped ? 'reference: stopped\n' : 'reference: nothing was running\n');
    },
  );
}

function registerStatus(reference: Command, platform: ReferenceWorld): void {
  common(reference.command('status').description('what runs, where, and whether it is alive')).action(
    async (flags: Flags) => {
      const launcher = await launcherOf(platform);
      const status = await launcher.status(optionsOf(flags, platform).projectDir);
      print(status, flags, platform);
      if (status.dead.length > 0) platform.outcome.code = exit.inconclusive;
    },
  );
}

function registerRestart(reference: Command, platform: ReferenceWorld): void {
  common(
    reference
      .command('restart')
      .description('restart a part; the API takes its toggles from the environment'),
  )
    .argument('[part]', 'a part, as `status` names it', 'api')
    .action(async (part: string, flags: Flags) => {
      const launcher = await launcherOf(platform);
      print(await launcher.restart(optionsOf(flags, platform), part), flags, platform);
    });
}

function common(command: Command): Command {
  return command
    .option('-C, --project <dir>', 'the project whose .siaga folder holds state and logs', '.')
    .option('--json', 'the status as one JSON object on stdout');
}

function optionsOf(flags: Flags, platform: ReferenceWorld): ReferenceOptions {
  return {
    projectDir: resolve(platform.cwd, flags.project),
    env: platform.env,
    progress: (line) => platform.stderr(`${line}\n`),
    signal: platform.interrupted,
  };
}

function print(status: ReferenceStatus, { json }: Flags, platform: ReferenceWorld): void {
  platform.stdout(json ? `${JSON.stringify(status, null, 2)}\n` : renderStatus(status));
  platform.outcome.code = exit.passed;
}

/** The status for a person. */
export function renderStatus(status: ReferenceStatus): string {
  if (status.api === null) return `reference: not running (${printed('reference up')} starts it)\n`;
  const rows: (readonly [string, string])[] = [
    ['api', status.api],
    ['toxiproxy', status.toxiproxy ?? ''],
    ['admin', `${status.admin} (bearer from ${status.adminToken?.where})`],
    ['speed', String(status.speed)],
    ['logs', status.logs],
    ...Object.entries(status.proxies).map(
      ([name, { listen, upstream }]) => [`proxy ${name}`, `${listen} -> ${upstream}`] as const,
    ),
    ...Object.entries(status.pids).map(
      ([name, pid]) => [`pid ${name}`, pid === null ? 'none' : `${pid}`] as const,
    ),
    ...status.dead.map(({ part, reason }) => [`DEAD ${part}`, reason] as const),
  ];
  const head = status.running
    ? 'reference: running'
    : `reference: BROKEN (${printed('reference up')} starts it anew)`;
  return [head, ...rows.map(([label, text]) => `  ${label.padEnd(16)} ${text}`), ''].join('\n');
}

function numberOption(flags: string, description: string, min: number, max: number, whole = false): Option {
  return new Option(flags, description).argParser((text) => {
    const value = Number(text);
    const fits = text.trim() !== '' && value >= min && value <= max && (!whole || Number.isInteger(value));
    if (!fits)
      throw new InvalidArgumentError(`allowed: ${whole ? 'a whole number from ' : ''}${min} to ${max}.`);
    return value;
  });
}
