import { createServer } from 'node:http';
import { mkdirSync } from 'node:fs';
import type { AddressInfo, ListenOptions } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Sandbox } from '../../test/support/sandbox.ts';
import { findEngine } from './engine.ts';

const info = {
  ServerVersion: '28.5.1',
  OperatingSystem: 'Debian GNU/Linux 12',
  SecurityOptions: ['name=seccomp'],
};

/** A server that answers at a socket as an engine does when asked who it is. */
async function answering(where: ListenOptions, body: unknown, status = 200): Promise<number> {
  const server = createServer((request, response) => {
    const known = request.url === '/info';
    response.writeHead(known ? status : 404).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  onTestFinished(() => void server.close());
  if (where.path !== undefined) mkdirSync(dirname(where.path), { recursive: true });
  await new Promise((done) => server.listen(where, () => done(undefined)));
  return (server.address() as AddressInfo).port;
}

describe('an engine is found', () => {
  it.each([
    ['DOCKER_HOST', 'given.sock', (folder: string) => ({ DOCKER_HOST: `unix://${folder}/given.sock` })],
    ['the runtime folder of a user', 'docker.sock', (folder: string) => ({ XDG_RUNTIME_DIR: folder })],
    ['the home of a user', '.docker/run/docker.sock', (folder: string) => ({ HOME: folder })],
    ['the home of a desktop user', '.docker/desktop/docker.sock', (folder: string) => ({ HOME: folder })],
  ])('at %s', async (_, socket, env) => {
    using sandbox = new Sandbox();
    const path = join(sandbox.folder, socket);
    await answering({ path }, info);
    // Where a machine has one for everybody, that comes first.
    const { engine } = found(await findEngine(env(sandbox.folder)));
    expect([`unix://${path}`, 'unix:///var/run/docker.sock']).toContain(engine.address);
  });

  it('at a port of this machine', async () => {
    const DOCKER_HOST = `tcp://127.0.0.1:${await answering({ port: 0, host: '127.0.0.1' }, info)}`;
    expect(await findEngine({ DOCKER_HOST })).toEqual({
      ok: true,
      engine: { address: DOCKER_HOST, version: '28.5.1' },
    });
  });

  it.each([
    ['rootless', { ...info, SecurityOptions: ['name=seccomp', 'name=rootless'] }, 'a rootless Docker'],
    ['of Docker Desktop', { ...info, OperatingSystem: 'Docker Desktop' }, 'Docker Desktop'],
  ])('%s, apart from the loopback of this machine', async (_, body, apart) => {
    const DOCKER_HOST = `tcp://127.0.0.1:${await answering({ port: 0, host: '127.0.0.1' }, body)}`;
    const { engine } = found(await findEngine({ DOCKER_HOST }));
    expect(engine.apart).toBe(`${apart} has a network of its own`);
  });
});

function found(look: Awaited<ReturnType<typeof findEngine>>) {
  if (look.ok) return look;
  throw new Error(look.reason);
}

describe('no engine is found', () => {
  it.each([
    ['nothing listens', 'tcp://127.0.0.1:1', 'connect ECONNREFUSED 127.0.0.1:1'],
    ['there is no socket', 'unix:///nowhere/docker.sock', 'connect ENOENT /nowhere/docker.sock'],
    ['it is elsewhere', 'tcp://10.0.0.7:2375', 'it is on another machine'],
    ['it is spoken to otherwise', 'ssh://ana@db.example', 'only unix:// and tcp:// are understood'],
    ['it is no address', 'docker.sock', 'only unix:// and tcp:// are understood'],
  ])('where %s', async (_, DOCKER_HOST, reason) => {
    expect(await findEngine({ DOCKER_HOST })).toEqual({
      ok: false,
      reason: `no Docker engine answers at ${DOCKER_HOST} (${reason})`,
    });
  });

  it.each([
    ['something else answers', '<html></html>', 200, 'it does not answer as Docker does'],
    ['it may not be asked', 'permission denied', 403, 'GET /info answered 403 permission denied'],
  ])('where %s', async (_, body, status, reason) => {
    const DOCKER_HOST = `tcp://127.0.0.1:${await answering({ port: 0, host: '127.0.0.1' }, body, status)}`;
    expect(await findEngine({ DOCKER_HOST })).toMatchObject({
      reason: expect.stringContaining(`(${reason})`),
    });
  });
});
