import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Sandbox } from '../../test/support/sandbox.ts';
import { SiagaError } from '../../src/kernel/errors.ts';
import { isAlive } from '../../src/tools/process.ts';
import { startPart, stopPart } from './part.ts';
import type { StartOptions } from './part.ts';
import { claimPort, freePort } from './port.ts';
import type { Part, PartSpec } from './state.ts';

function options(
  over: Partial<StartOptions> = {},
): StartOptions & { readonly seen: Part[]; readonly pids: number[] } {
  const seen: Part[] = [];
  const pids: number[] = [];
  onTestFinished(async () => {
    await Promise.all(seen.map((part) => stopPart(part)));
  });
  return {
    seen,
    pids,
    onSpawn: (pid) => pids.push(pid),
    onStarted: (part) => seen.push(part),
    timeoutMs: 5_000,
    hint: 'look',
    signal: new AbortController().signal,
    ...over,
  };
}

function specOf(sandbox: Sandbox, body: string, over: Partial<PartSpec> = {}): PartSpec {
  return {
    name: 'api',
    command: sandbox.script('part', body),
    args: [],
    env: {
      PATH: '/bin:/usr/bin',
      REFERENCE_ADMIN_TOKEN: 'token-of-tests',
      DATABASE_URL: 'postgres://a:pass-of-tests@h/d',
    },
    cwd: sandbox.folder,
    log: join(sandbox.folder, 'logs', 'part.log'),
    stopSignal: 'SIGTERM',
    ready: { kind: 'http', url: 'http://127.0.0.1:1/' },
    ...over,
  };
}

async function answering(status: number, afterMs = 0): Promise<string> {
  const server = createServer((_, response) => {
    setTimeout(() => response.writeHead(status).end('{"why":"busy"}'), afterMs);
  });
  onTestFinished(() => void server.close());
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function failure(spec: PartSpec, over: Partial<StartOptions> = {}): Promise<SiagaError> {
  const error: unknown = await startPart(spec, options(over)).catch((thrown: unknown) => thrown);
  if (error instanceof SiagaError) return error;
  throw new Error(`it started, or failed otherwise: ${String(error)}`);
}

describe('a part', () => {
  it('is announced and written down before it is ready, and logs to its file', async () => {
    using sandbox = new Sandbox();
    const ready = { kind: 'http', url: await answering(200) } as const;
    const started = options();
    const part = await startPart(specOf(sandbox, 'echo hello; exec sleep 30', { ready }), started);
    expect(started.seen).toEqual([part]);
    expect(started.pids).toEqual([part.process.pid]);
    expect(isAlive(part.process)).toBe(true);
    expect(await stopPart(part)).toBe(true);
    expect(isAlive(part.process)).toBe(false);
    expect(readFileSync(part.spec.log, 'utf8')).toBe('hello\n');
  });

  it('that ends while it starts shows the last lines of this start, without what is secret', async () => {
    using sandbox = new Sandbox();
    const spec = specOf(sandbox, 'echo "bad $REFERENCE_ADMIN_TOKEN $DATABASE_URL $RANDOM_LINE"; exit 1');
    await failure({ ...spec, env: { ...spec.env, RANDOM_LINE: 'earlier' } });
    const error = await failure(spec);
    expect(error).toMatchObject({
      code: 'reference-part-failed',
      exitCode: 3,
      facts: { where: spec.log, hint: 'look' },
    });
    expect(error.facts.got?.trim()).toBe('bad *** postgres://a:***@h/d');
  });

  it('that never answers as it should is given up, and named with what it answered', async () => {
    using sandbox = new Sandbox();
    const spec = specOf(sandbox, 'exec sleep 30', { ready: { kind: 'http', url: await answering(503) } });
    const error = await failure(spec, { timeoutMs: 100 });
    expect(error.message).toMatch(/not ready within 100 ms: .* answers 503 \{"why":"busy"\}/);
  });

  it('that died is not taken for ready because something else answers on its port', async () => {
    using sandbox = new Sandbox();
    const ready = { kind: 'http', url: await answering(200, 200) } as const;
    expect((await failure(specOf(sandbox, 'echo "address in use"; exit 1', { ready }))).message).toContain(
      'in use',
    );
  });

  it('that cannot be executed is named', async () => {
    using sandbox = new Sandbox();
    expect((await failure(specOf(sandbox, '', { command: '/nowhere/api' }))).message).toContain(
      '/nowhere/api',
    );
  });

  it('is not waited for when the caller gives up', async () => {
    using sandbox = new Sandbox();
    const abort = startPart(specOf(sandbox, 'exec sleep 30'), options({ signal: AbortSignal.timeout(100) }));
    await expect(abort).rejects.toThrow('timeout');
  });
});

describe('a port', () => {
  it('that is taken is refused, with where', async () => {
    const url = new URL(await answering(200));
    const error: unknown = await claimPort(Number(url.port)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'port-taken', exitCode: 3, facts: { where: url.host } });
  });

  it('that is free is never given twice', async () => {
    const taken = new Set<number>();
    const ports = await Promise.all(Array.from({ length: 20 }, () => freePort(taken)));
    expect(new Set(ports).size).toBe(20);
  });
});
