import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { provide } from '../../../src/tools/provide.ts';
import { toxiproxy } from '../../../src/tools/toxiproxy.ts';
import { provisionContext } from '../../../src/tools/context.ts';
import { leash } from '../leash.ts';

/** A real Toxiproxy on a port of its own, ended with its scope. */
export interface RunningToxiproxy extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** Asks its HTTP API directly, as a person with curl would. */
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  /** A proxy to this address; returns where it listens. */
  proxy(name: string, upstream: string): Promise<string>;
  kill(): Promise<void>;
}

export async function startToxiproxy(): Promise<RunningToxiproxy> {
  const { location } = await provide(
    toxiproxy,
    provisionContext({ env: process.env, cwd: process.cwd(), progress: () => undefined }),
  );
  const port = await freePort();
  const child = spawn(location, ['-host', '127.0.0.1', '-port', String(port)], { stdio: 'ignore' });
  const leashed = leash('kill -KILL "$PID"', { PID: String(child.pid) });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  const call: RunningToxiproxy['call'] = async (method, path, body) => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(`${url}${path}`, init);
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
  };
  await answering(() => call('GET', '/version'));
  if (child.exitCode !== null) throw new Error(`another Toxiproxy answers at ${url}`);
  const kill = async () => {
    child.kill('SIGKILL');
    await gone;
    leashed[Symbol.dispose]();
  };
  return {
    url,
    pid: child.pid ?? 0,
    call,
    async proxy(name, upstream) {
      const { body } = await call('POST', '/proxies', { name, listen: '127.0.0.1:0', upstream });
      return (body as { listen: string }).listen;
    },
    kill,
    [Symbol.asyncDispose]: kill,
  };
}

async function answering(ask: () => Promise<unknown>): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return void (await ask());
    } catch (error) {
      if (attempt >= 1_200) throw error;
      await sleep(50);
    }
  }
}

/**
 * A port that nobody listens on. It is below those that the kernel gives to whoever asks for any: a test beside this
 * one does not get it by chance before it is used.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 10_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}
