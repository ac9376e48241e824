import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProcess } from '../../../src/adapter/effect/find-process.ts';
import type { ResolvedProcess } from '../../../src/chaos/permission.ts';
import type { ProcessId } from '../../../src/kernel/ports.ts';
import { stateOf } from '../../../src/tools/process.ts';

/** A dependency with a price, in a process of its own, as whoever runs at its address now. Ended with its scope. */
export interface ApartDependency extends AsyncDisposable {
  readonly address: string;
  /** As the target of an experiment names it. */
  readonly process: ResolvedProcess;
  /** `undefined` while nobody runs there. */
  running(): ProcessId | undefined;
  /** `T` where it is stopped. */
  state(): string | undefined;
}

const serve = (price: number, port: number): string =>
  `require('node:http').createServer((_, answer) => answer.end('{"price":${price}}')).listen(${port}, '127.0.0.1')`;

/** The words of a command that starts it at this port, and ends at once. */
export function startCommand(price: number, port: number): readonly [string, ...string[]] {
  const script = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(serve(price, port))}], { detached: true, stdio: 'ignore' }).unref()`;
  return [process.execPath, '-e', script];
}

export async function startApart(price: number): Promise<ApartDependency> {
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const restart = { command: startCommand(price, port), timeout: '5s' } as const;
  const running = (): ProcessId | undefined => {
    try {
      return findProcess({ name: 'source', address, endsWithRun: false });
    } catch {
      return undefined;
    }
  };
  const [program, ...args] = restart.command;
  spawn(program, args, { stdio: 'ignore' });
  while (running() === undefined) await sleep(20);
  return {
    address,
    process: { dependency: 'source', address, probe: { kind: 'http', path: '/price' }, restart },
    running,
    state: () => stateOf(running() ?? { pid: 0, startTime: 'none' }),
    async [Symbol.asyncDispose]() {
      const last = running();
      if (last) process.kill(last.pid, 'SIGKILL');
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
