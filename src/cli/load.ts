import { InvalidArgumentError, type Command } from 'commander';
import { parseDuration } from '../kernel/duration.ts';
import type { Environment } from '../load/ports.ts';
import { runScenario, type LoadFlags } from '../run/load.ts';
import type { Platform } from '../run/platform.ts';
import { withRunFlags } from './options.ts';

/** `siaga load`: a k6 scenario of the project, or any k6 script, against the runbook's thresholds. */
export function registerLoad(program: Command, platform: Platform): void {
  withRunFlags(program.command('load <scenario>'))
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
      platform.outcome.code = await runScenario(platform, flags, name);
    });
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
