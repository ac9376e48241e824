import { createServer } from 'node:net';
import { SiagaError, messageOf } from '../../src/kernel/errors.ts';
import { exit } from '../../src/kernel/exit.ts';

// Below the range from which the kernel takes ports of outgoing connections, so that a part that is
// restarted finds its port still free.
const lowest = 20_000;
const highest = 31_999;

/** A free port of 127.0.0.1 that is not in `taken`; it is added there. */
export async function freePort(taken: Set<number>): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest + 1));
    if (taken.has(port) || (await whyTaken(port)) !== undefined) continue;
    taken.add(port);
    return port;
  }
  throw new SiagaError('no-free-port', {
    what: `no free port between ${lowest} and ${highest} was found in 200 attempts`,
    where: '127.0.0.1',
    exitCode: exit.inconclusive,
  });
}

/** @throws {SiagaError} `port-taken` (exit 3). */
export async function claimPort(port: number): Promise<number> {
  const reason = await whyTaken(port);
  if (reason === undefined) return port;
  throw new SiagaError('port-taken', {
    what: `port ${port} cannot be used`,
    where: `127.0.0.1:${port}`,
    got: reason,
    hint: 'stop what listens there, choose another --port, or leave --port out to get a free one',
    exitCode: exit.inconclusive,
  });
}

function whyTaken(port: number): Promise<string | undefined> {
  return new Promise((done) => {
    const server = createServer();
    server.on('error', (error) => done(messageOf(error)));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => done(undefined)));
  });
}
