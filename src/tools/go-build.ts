import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { SiagaError } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import { entryName, fillCache, lookInCache } from './cache.ts';
import type { Entry, Made } from './cache.ts';
import { onPath } from './executable.ts';
import { failureOf, run, succeeded } from './run.ts';
import type { RunResult } from './run.ts';
import { absent } from './types.ts';
import type { ProvisionContext, Source } from './types.ts';

export interface GoTool {
  readonly tool: string;
  readonly module: string;
  readonly version: string;
  /** What `go install` calls the executable. */
  readonly binary: string;
  readonly flags?: readonly string[];
}

const buildTimeoutMs = 15 * 60_000;
const progressEveryMs = 5_000;

export function goCacheSource(go: GoTool): Source {
  return { name: 'cache', look: (context) => lookInCache(entryOf(go, context), context) };
}

/** Builds a pinned version with the Go on PATH. */
export function goBuildSource(go: GoTool): Source {
  return {
    name: 'built',
    look: async (context) =>
      findGo(context) === undefined
        ? absent('no go on PATH to build it with')
        : { kind: 'obtainable', how: `go ${argumentsOf(go).join(' ')}` },
    obtain: (context) => fillCache(entryOf(go, context), context, (folder) => build(go, folder, context)),
  };
}

export function findGo(context: ProvisionContext): string | undefined {
  return onPath('go', context)[0];
}

function entryOf({ tool, version }: GoTool, context: ProvisionContext): Entry {
  return { tool, name: entryName(tool, version, context), complete: () => ({}) };
}

function argumentsOf({ module, version, flags = [] }: GoTool): string[] {
  return ['install', '-v', ...flags, `${module}@${version === 'latest' ? version : `v${version}`}`];
}

async function build(go: GoTool, folder: string, context: ProvisionContext): Promise<Made> {
  const command = findGo(context) ?? 'go';
  const args = argumentsOf(go);
  const bin = join(folder, 'gobin');
  mkdirSync(bin);
  context.progress(`${go.tool}: building version ${go.version} with ${command} ${args.join(' ')}`);
  const watch = watchBuild(go.tool, context);
  // Without cgo no C compiler is needed, and what is built runs beside any libc.
  const env = { ...context.env, GOBIN: bin, GOFLAGS: '-mod=mod', GOWORK: 'off', CGO_ENABLED: '0' };
  const result = await run(command, args, {
    env,
    cwd: folder,
    timeoutMs: buildTimeoutMs,
    signal: context.signal,
    onLine: watch.onLine,
  });
  watch.end();
  if (!succeeded(result))
    throw buildFailed(go, `${command} ${args.join(' ')}`, failureOf(withoutProgress(result)));
  const suffix = context.platform === 'win32' ? '.exe' : '';
  const main = `${go.tool}${suffix}`;
  renameSync(join(bin, `${go.binary}${suffix}`), join(folder, main));
  return { version: go.version, main, origin: `go ${args.join(' ')}` };
}

function buildFailed({ tool }: GoTool, command: string, got: string): SiagaError {
  return new SiagaError('tool-build-failed', {
    what: `building ${tool} failed`,
    where: command,
    got,
    exitCode: exit.inconclusive,
  });
}

// Go goes on with other packages after one has failed: their names would push the reason out of sight.
function withoutProgress(result: RunResult): RunResult {
  const lines = result.stderr.split('\n').filter((line) => !isProgress(line));
  return { ...result, stderr: lines.join('\n') };
}

const isProgress = (line: string): boolean => /^(go: (downloading|extracting) .*|[\w.+~/-]+)$/.test(line);

// A build is silent for a minute otherwise, and a silent minute looks like a hang.
function watchBuild(tool: string, { progress }: ProvisionContext) {
  const started = performance.now();
  let packages = 0;
  let last = '';
  const timer = setInterval(() => {
    const seconds = Math.round((performance.now() - started) / 1_000);
    progress(`${tool}: still building after ${seconds} s, ${packages} packages done, now ${last}`);
  }, progressEveryMs);
  return {
    onLine: (line: string) => {
      if (!line.startsWith('go: ')) packages++;
      last = line;
    },
    end: () => clearInterval(timer),
  };
}
