import type { Command } from 'commander';
import { resolve } from 'node:path';
import { explain } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import type { ExitCode } from '../kernel/exit.ts';
import { provisionContext } from '../tools/context.ts';
import { examine } from '../tools/health.ts';
import type { Health } from '../tools/health.ts';
import { k6 } from '../tools/k6.ts';
import { shownLocation, type Surveyed } from '../tools/provide.ts';
import { toxiproxy } from '../tools/toxiproxy.ts';
import type { Attempt } from '../tools/types.ts';
import type { DockerLook } from '../run/launcher.ts';
import type { Platform } from '../run/platform.ts';

const indent = ' '.repeat(17);

type DoctorWorld = Pick<
  Platform,
  'env' | 'cwd' | 'stdout' | 'stderr' | 'outcome' | 'interrupted' | 'launcher'
>;

/** What only the reference system needs is looked for where there is one: in a checkout. */
interface Findings extends Health {
  readonly docker?: DockerLook | undefined;
}

/** `siaga doctor`: what siaga would run with on this machine, and why. It builds and changes nothing. */
export function registerDoctor(program: Command, platform: DoctorWorld): void {
  program
    .command('doctor')
    .option('-C, --project <dir>', 'relative paths in SIAGA_* are resolved from here', '.')
    .option('--json', 'one JSON object on stdout')
    .action(async ({ project, json }: { project: string; json?: true }) => {
      const health = await findings(resolve(platform.cwd, project), platform);
      platform.stdout(json ? `${JSON.stringify(toJson(health), null, 2)}\n` : renderHealth(health));
      platform.outcome.code = verdictOf(health);
    });
}

async function findings(cwd: string, platform: DoctorWorld): Promise<Findings> {
  const { env, interrupted: signal } = platform;
  const progress = (line: string) => platform.stderr(`${line}\n`);
  const launcher = await platform.launcher();
  const tools = launcher?.tools ?? [k6, toxiproxy];
  const [health, docker] = await Promise.all([
    examine(tools, provisionContext({ env, cwd, progress, signal })),
    launcher?.docker(env),
  ]);
  const { node, go, ...rest } = health;
  return { node, go, docker, ...rest };
}

// A cache that cannot be written to matters only where something would have to be put into it.
function verdictOf({ tools, cache }: Health): ExitCode {
  const usable = ({ kind }: Surveyed) =>
    kind === 'ready' || (kind === 'obtainable' && cache.problem === undefined);
  return tools.every(usable) ? exit.passed : exit.inconclusive;
}

function toJson(health: Findings) {
  return { ok: verdictOf(health) === exit.passed, ...health, tools: health.tools.map(toolToJson) };
}

function toolToJson(surveyed: Surveyed) {
  const { tool, kind } = surveyed;
  if (kind === 'obtainable') return surveyed;
  if (kind === 'unavailable') {
    const { code, facts } = surveyed.error;
    return { tool, kind, error: { code, ...facts }, tried: surveyed.tried };
  }
  const { provided, otherwise = null } = surveyed;
  const { source, version, tried } = provided;
  return { tool, kind, source, version, location: shownLocation(provided), otherwise, tried };
}

/** The findings for a person: one line a tool, what was passed over below it. */
export function renderHealth(health: Findings): string {
  const { node, go, docker, cache } = health;
  const lines = [
    row('ok', 'node', `${node.version}  ${node.path}`),
    row(
      go ? 'ok' : '--',
      'go',
      go ? `${go.version}  ${go.path}` : 'not on PATH; only needed to build k6 and Toxiproxy',
    ),
    ...(docker ? [row(docker.ok ? 'ok' : '--', 'docker', dockerText(docker))] : []),
    row(cache.problem === undefined ? 'ok' : '!!', 'cache', `${cacheText(cache)}`),
    ...health.tools.flatMap((surveyed) => toolLines(surveyed)),
  ];
  const verdict =
    verdictOf(health) === exit.passed ? 'Everything is there or can be made.' : 'Something is missing.';
  return `${lines.join('\n')}\n\n${verdict}\n`;
}

function dockerText(docker: DockerLook): string {
  if (docker.ok) return `${docker.engine.version}  ${docker.engine.address}`;
  return `${docker.reason}; only needed for parts in containers`;
}

function cacheText({ folder, bytes, problem }: Health['cache']): string {
  const size = `${(bytes / 1_000_000).toFixed(1)} MB`;
  return problem === undefined
    ? `${folder}  ${size}`
    : `${folder}  ${size}, cannot be written to: ${problem}`;
}

function toolLines(surveyed: Surveyed): string[] {
  const { tool } = surveyed;
  switch (surveyed.kind) {
    case 'ready': {
      const { provided } = surveyed;
      const { version, source, tried } = provided;
      return [
        row('ok', tool, `${version}  ${shownLocation(provided)}  (${source})`),
        ...skipped(tried),
        ...next(surveyed),
      ];
    }
    case 'obtainable':
      return [row('ok', tool, `would be ${surveyed.source}: ${surveyed.how}`), ...skipped(surveyed.tried)];
    case 'unavailable': {
      const { error, tried } = surveyed;
      return [row('!!', tool, explain(error).replaceAll('\n', `\n${' '.repeat(5)}`)), ...skipped(tried)];
    }
  }
}

function next({ otherwise }: Extract<Surveyed, { kind: 'ready' }>): string[] {
  return otherwise ? [`${indent}else ${otherwise.source}: ${otherwise.how}`] : [];
}

function skipped(tried: readonly Attempt[]): string[] {
  return tried.map(({ source, reason }) => `${indent}not ${source}: ${reason}`);
}

function row(mark: string, label: string, text: string): string {
  return ` ${mark}  ${label.padEnd(11)} ${text}`;
}
