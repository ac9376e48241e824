import type { OnSpawn } from '../../src/run/launcher.ts';
import { spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { SiagaError, messageOf } from '../../src/kernel/errors.ts';
import { exit } from '../../src/kernel/exit.ts';
import { identify, isAlive, stopProcess } from '../../src/tools/process.ts';
import { lastLines } from '../../src/tools/run.ts';
import { askRedis, greetPostgres } from '../sources/wire.ts';
import { ask } from '../../src/tools/http.ts';
import type { Part, PartSpec, Readiness } from './state.ts';
import { makePrivateFolder } from '../../src/tools/private.ts';

export interface StartOptions {
  readonly onSpawn: OnSpawn;
  /** Called before waiting, so that the part can be written down first. */
  readonly onStarted: (part: Part) => void;
  readonly timeoutMs: number;
  /** What to do where it does not start. */
  readonly hint: string;
  readonly signal: AbortSignal;
}

const pollMs = 20;
const stopGraceMs = 3_000;

/**
 * Starts a part in a session of its own and waits until it can be used.
 * @throws {SiagaError} `reference-part-failed` (exit 3) with the last lines of its log.
 */
export async function startPart(spec: PartSpec, options: StartOptions): Promise<Part> {
  options.signal.throwIfAborted();
  const logFrom = logSize(spec.log);
  const part = spawnPart(spec, options);
  options.onStarted(part);
  await untilReady(part, logFrom, options);
  return part;
}

function spawnPart(spec: PartSpec, { onSpawn, hint }: StartOptions): Part {
  makePrivateFolder(dirname(spec.log));
  const log = openSync(spec.log, 'a', 0o600);
  try {
    const { command, args, env, cwd, runAs } = spec;
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', log, log], ...runAs });
    child.on('error', () => {});
    child.unref();
    if (child.pid === undefined) throw failed(spec, 0, `${command} could not be started`, hint);
    onSpawn(child.pid, spec.name);
    return { spec, process: identify(child.pid) };
  } finally {
    closeSync(log);
  }
}

async function untilReady(
  part: Part,
  logFrom: number,
  { timeoutMs, signal, hint }: StartOptions,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await whyNotReady(part.spec.ready, 1_000);
    // Another process may answer on the port of one that just died.
    if (!isAlive(part.process))
      throw failed(part.spec, logFrom, `${part.spec.name} ended while it started`, hint);
    if (answer === undefined) return;
    signal.throwIfAborted();
    if (performance.now() > deadline) {
      throw failed(
        part.spec,
        logFrom,
        `${part.spec.name} was not ready within ${timeoutMs} ms: ${answer}`,
        hint,
      );
    }
    await new Promise((done) => setTimeout(done, pollMs));
  }
}

/** Why a part cannot be used now; `undefined` where it can. */
export async function whyNotReady(ready: Readiness, timeoutMs: number): Promise<string | undefined> {
  if (ready.kind === 'http') return whyNotOk(ready.url, timeoutMs);
  const address = { host: '127.0.0.1', port: ready.port };
  const answer =
    ready.kind === 'postgres'
      ? await greetPostgres(address, ready.user, timeoutMs)
      : await askRedis(address, ['PING'], timeoutMs, (text) => text.includes('\n'));
  return answer.ok ? undefined : answer.reason;
}

async function whyNotOk(url: string, timeoutMs: number): Promise<string | undefined> {
  try {
    const { status, body } = await ask(url, { timeoutMs });
    return status === 200 ? undefined : `${url} answers ${status} ${body.slice(0, 300)}`;
  } catch (error) {
    return `${url}: ${messageOf(error)}`;
  }
}

/** Ends a part: its own signal, SIGKILL after three seconds. Resolves with whether it is gone. */
export function stopPart({ process, spec }: Part): Promise<boolean> {
  return stopProcess(process, spec.stopSignal, stopGraceMs);
}

function logSize(log: string): number {
  try {
    const descriptor = openSync(log, 'r');
    const { size } = fstatSync(descriptor);
    closeSync(descriptor);
    return size;
  } catch {
    return 0;
  }
}

function failed(spec: PartSpec, logFrom: number, what: string, hint: string): SiagaError {
  const tail = lastLines(readSince(spec.log, logFrom), 8);
  return new SiagaError('reference-part-failed', {
    what,
    where: spec.log,
    got: tail === '' ? 'nothing in its log' : redact(tail, spec),
    hint,
    exitCode: exit.inconclusive,
  });
}

function readSince(log: string, from: number): string {
  try {
    return readFileSync(log).subarray(from).toString('utf8');
  } catch {
    return '';
  }
}

// A part may have printed what it was given.
function redact(text: string, { env }: PartSpec): string {
  const secrets = Object.entries(env).flatMap(([name, value]) =>
    /TOKEN|PASSWORD|SECRET/.test(name) ? [value] : [URL.parse(value)?.password ?? ''],
  );
  return secrets
    .filter((secret) => secret.length > 3)
    .reduce((clean, secret) => clean.replaceAll(secret, '***'), text);
}
