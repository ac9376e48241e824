import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { EventOf, SiagaEvent } from '../../../src/event/envelope.ts';
import type { EventType } from '../../../src/event/catalogue.ts';
import type {
  CheckResult,
  ErrorResult,
  ExperimentResult,
  ResultEnvelope,
} from '../../../src/export/envelope.ts';
import { leash } from '../leash.ts';
import { read, root } from '../sources.ts';
import { Tail } from './tail.ts';

/** A command that has ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line as a process of its own, in a process group of its own. */
export interface RunningSiaga {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** What the run has written into its folder so far. */
  events(): readonly SiagaEvent[];
  /** The first event of this kind that satisfies the condition. Rejects where the command ends before. */
  until<T extends EventType>(
    type: T,
    holds?: (event: EventOf<T>) => boolean,
    timeoutMs?: number,
  ): Promise<EventOf<T>>;
  kill(signal: NodeJS.Signals): void;
  /** Signals the whole group, as a terminal does. */
  killGroup(signal: NodeJS.Signals): void;
}

export interface Launch {
  readonly dir: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Checkout whose command line runs. Default: this one. */
  readonly from?: string;
  /** Wraps the command line: `['sh', '-c', 'ulimit …; exec "$@"', 'sh']`. */
  readonly under?: readonly string[];
}

// What the surroundings of the test may set must not reach the command.
const own =
  /^(SIAGA_(TARGET_URL|WEBHOOK_URL|OWNER|SOURCE)|TELEGRAM_|GITHUB_|REFERENCE_|FEATURE_|FALLBACK_|SCREENER_|RATE_LIMIT_|CI$)/;

/** Starts `siaga <args>` in a project. */
export function startSiaga(
  args: readonly string[],
  { dir, env = {}, from = root, under = [] }: Launch,
): RunningSiaga {
  const inherited = Object.entries(process.env).filter(([name]) => !own.test(name));
  const tail = new Tail(dir);
  const entry = join(from, 'src', 'main.ts');
  const [command = process.execPath, ...rest] = [
    ...under,
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    entry,
    ...args,
  ];
  const child = spawn(command, rest, {
    cwd: dir,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...Object.fromEntries(inherited), ...env },
  });
  const leashed = leash('kill -TERM -"$PID"', { PID: String(child.pid) });
  const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)];
  let over = false;
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => {
      over = true;
      leashed[Symbol.dispose]();
      resolve({ code, signal, stdout: stdout(), stderr: stderr() });
    });
  });
  const pid = child.pid ?? 0;
  return {
    pid,
    ended,
    events: () => (over ? tail.readAll() : tail.read()),
    async until(type, holds = () => true, timeoutMs = 240_000) {
      const deadline = performance.now() + timeoutMs;
      for (let seen = 0; ; await sleep(25)) {
        const last = over;
        const events = tail.read();
        for (const event of events.slice(seen))
          if (event.type === type && holds(event as never)) return event as never;
        seen = events.length;
        if (last) throw new Error(`ended without ${type}: ${stderr().slice(-2_000)}`);
        if (performance.now() > deadline) throw new Error(`no ${type} in time: ${stderr().slice(-2_000)}`);
      }
    },
    kill: (signal) => void process.kill(pid, signal),
    killGroup: (signal) => void process.kill(-pid, signal),
  };
}

function textOf(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}

const published = new Ajv2020({ allowUnionTypes: true, validateFormats: false }).compile(
  JSON.parse(read('docs/envelope.schema.json')) as object,
);

/**
 * The one JSON envelope of a command's stdout.
 * @throws where there is none, more than one, or one that is not as published or not of this exit code.
 */
export function envelopeOf({ stdout, stderr, code }: Ended): ResultEnvelope {
  const envelope = parse(stdout, stderr);
  if (!published(envelope)) throw new Error(`not as published: ${JSON.stringify(published.errors)}`);
  if (envelope.exitCode !== code) throw new Error(`exit ${code}, the envelope says ${envelope.exitCode}`);
  return envelope;
}

function parse(stdout: string, stderr: string): ResultEnvelope {
  try {
    return JSON.parse(stdout) as ResultEnvelope;
  } catch (cause) {
    const said = `stdout: ${stdout.slice(0, 500)}\nstderr: ${stderr.slice(-2_000)}`;
    throw new Error(`stdout is not one JSON envelope\n${said}`, { cause });
  }
}

export const checksIn = ({ results }: ResultEnvelope): readonly CheckResult[] =>
  results.filter((result) => result.kind === 'check');

export function experimentIn({ results, reason }: ResultEnvelope): ExperimentResult {
  const found = results.find((result) => result.kind === 'experiment');
  if (!found) throw new Error(`no experiment among the results: ${reason}`);
  return found;
}

export function errorIn({ results, reason }: ResultEnvelope): ErrorResult {
  const found = results.find((result) => result.kind === 'error');
  if (!found) throw new Error(`no error among the results: ${reason}`);
  return found;
}
