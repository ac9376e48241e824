import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { identify, isAlive, withEnvironment } from '../../src/tools/process.ts';
import {
  ensureReference,
  referenceAdminToken,
  referenceDown,
  referenceRestart,
  referenceStatus,
  referenceUp,
} from '../../launcher/system/reference.ts';
import type { UpOptions } from '../../src/run/launcher.ts';
import { readState } from '../../launcher/system/state.ts';
import type { SystemStatus } from '../../launcher/system/status.ts';
import { ensureProxy } from '../../launcher/system/toxiproxy.ts';

let projectDir: string;
let options: UpOptions;

beforeAll(() => {
  projectDir = mkdtempSync(join(tmpdir(), 'siaga-reference-'));
  options = { projectDir, env: { ...process.env, REFERENCE_ADMIN_TOKEN: undefined }, progress: () => {} };
});

afterAll(async () => {
  await referenceDown(options);
  rmSync(projectDir, { recursive: true, force: true });
});

const stateFile = () => join(projectDir, '.siaga', 'reference', 'state.json');
const pidsOf = ({ pids }: SystemStatus) => Object.values(pids).filter((pid) => pid !== null);

function databaseUrl(): string {
  const state = readState(stateFile());
  const url = new URL(state?.parts.api?.spec.env['DATABASE_URL'] ?? '');
  url.host = state?.proxies.postgres?.upstream ?? '';
  return url.href;
}

async function get(url: string | null, token?: string) {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const headers = { 'x-client-id': 'siaga-probe', ...authorization };
  const response = await fetch(String(url), { headers, signal: AbortSignal.timeout(30_000) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('a reference system that is up', () => {
  // At this speed an opened breaker tries again after two seconds.
  beforeAll(async () => {
    await referenceUp({ ...options, speed: 30 });
  });

  it('serves, and reaches every dependency through a proxy', async () => {
    const status = await referenceStatus(projectDir);
    expect(status).toMatchObject({ running: true, speed: 30, dead: [] });
    expect(await get(`${status.api}/health/ready`)).toMatchObject({ status: 200 });
    expect(await get(`${status.api}/api/sol/complete`)).toMatchObject({
      status: 200,
      body: { source: 'coinapi' },
    });
    const { body } = await get(`${status.toxiproxy}/proxies`);
    expect(Object.keys(body).toSorted()).toEqual(['coinapi', 'okx', 'postgres', 'redis']);
    for (const [name, proxy] of Object.entries(status.proxies)) expect(body[name]).toMatchObject(proxy);
  });

  it('keeps its secrets in files that only their owner can read, and out of its status', async () => {
    const token = referenceAdminToken(projectDir) ?? '';
    expect(token.length).toBeGreaterThan(20);
    expect(statSync(stateFile()).mode & 0o777).toBe(0o600);
    const status = await referenceStatus(projectDir);
    expect(JSON.stringify(status)).not.toContain(token);
    expect(readFileSync(String(status.adminToken?.where), 'utf8').trim()).toBe(token);
    expect(await get(status.admin, token)).toMatchObject({ body: { FALLBACK_PROVIDER: 'okx' } });
    expect(await get(status.admin, 'guessed')).toMatchObject({ status: 401 });
  });

  it('is left alone by a second up, and refused at another speed', async () => {
    const before = await referenceStatus(projectDir);
    expect(await referenceUp(options)).toMatchObject({ started: false, status: { pids: before.pids } });
    await expect(referenceUp({ ...options, speed: 2 })).rejects.toMatchObject({
      code: 'reference-speed',
      exitCode: 2,
    });
  });

  it('takes toggles by restart, on the same port, and remembers them (R19)', async () => {
    const before = await referenceStatus(projectDir);
    const env = { FEATURE_COINAPI_ENABLED: 'false', HOME: '/nowhere' };
    const after = await referenceRestart({ ...options, env }, 'api');
    expect(after.api).toBe(before.api);
    expect(after.pids).toEqual({
      ...before.pids,
      api: expect.not.toSatisfy((pid) => pid === before.pids.api),
    });
    expect(await get(after.admin, referenceAdminToken(projectDir))).toMatchObject({
      body: { FEATURE_COINAPI_ENABLED: 'false', FALLBACK_PROVIDER: 'okx' },
    });
    const again = await referenceRestart({ ...options, env: { FEATURE_DEGRADED_MODE: 'true' } }, 'api');
    expect(again.toggles).toMatchObject({ FEATURE_COINAPI_ENABLED: 'false', FEATURE_DEGRADED_MODE: 'true' });
    const restored = { FEATURE_COINAPI_ENABLED: 'true', FEATURE_DEGRADED_MODE: 'false' };
    await referenceRestart({ ...options, env: restored }, 'api');
  });

  it('says in its own words why a toggle is refused, and comes back without it', async () => {
    const refused = referenceRestart({ ...options, env: { FALLBACK_PROVIDER: 'nobody' } }, 'api');
    await expect(refused).rejects.toThrow(/FALLBACK_PROVIDER: got .*nobody.*, allowed is okx \| cache/);
    const broken = await referenceStatus(projectDir);
    expect(broken).toMatchObject({ running: false, dead: [{ part: 'api' }] });
    expect(await referenceRestart({ ...options, env: {} }, 'api')).toMatchObject({ running: true });
  });

  it.each(['redis', 'postgres', 'coinapi', 'toxiproxy'] as const)(
    'serves again after a restart of %s',
    async (part) => {
      const status = await referenceRestart(options, part);
      expect(status).toMatchObject({ running: true });
      await expect
        .poll(async () => (await get(`${status.api}/api/sol/complete`)).body)
        .toMatchObject({ degraded: false });
    },
  );

  it('takes a proxy that an undo has put back already for its own, and no other', async () => {
    const { toxiproxy, proxies } = await referenceStatus(projectDir);
    const { coinapi = { listen: '', upstream: '' } } = proxies;
    await ensureProxy(String(toxiproxy), 'coinapi', coinapi);
    const other = ensureProxy(String(toxiproxy), 'coinapi', { ...coinapi, upstream: '127.0.0.1:1' });
    await expect(other).rejects.toMatchObject({ code: 'proxy-refused', exitCode: 3 });
  });

  it('lends its Postgres and Redis to another, which leaves them as they were', async () => {
    const other = { ...options, projectDir: mkdtempSync(join(tmpdir(), 'siaga-other-')) };
    const mine = await referenceStatus(projectDir);
    const redis = `redis://${mine.proxies.redis?.upstream}`;
    const env = { ...options.env, SIAGA_REDIS_URL: redis, SIAGA_POSTGRES_URL: databaseUrl() };
    const { status } = await referenceUp({ ...other, env });
    expect(status).toMatchObject({ running: true, pids: { postgres: null, redis: null } });
    expect(await get(`${status.api}/api/sol/complete`)).toMatchObject({ status: 200 });
    expect(JSON.stringify(status)).not.toContain(new URL(databaseUrl()).password);
    await referenceDown(other);
    expect(await referenceStatus(projectDir)).toMatchObject({ running: true, pids: mine.pids });
    rmSync(other.projectDir, { recursive: true });
  });

  it('does not lend its Toxiproxy, whose proxies have the same names', async () => {
    const other = { ...options, projectDir: mkdtempSync(join(tmpdir(), 'siaga-other-')) };
    const { toxiproxy, proxies } = await referenceStatus(projectDir);
    const up = referenceUp({ ...other, env: { ...options.env, SIAGA_TOXIPROXY: String(toxiproxy) } });
    await expect(up).rejects.toMatchObject({ code: 'proxy-refused', exitCode: 3 });
    expect(await referenceStatus(other.projectDir)).toMatchObject({ running: false, api: null });
    const { body } = await get(`${toxiproxy}/proxies`);
    expect(body).toMatchObject(proxies);
    rmSync(other.projectDir, { recursive: true });
  });

  it('whose part was killed says which, and is started anew by up', async () => {
    const { pids } = await referenceStatus(projectDir);
    process.kill(Number(pids.okx), 'SIGKILL');
    await expect
      .poll(() => referenceStatus(projectDir))
      .toMatchObject({ running: false, dead: [{ part: 'okx' }] });
    const { started, status } = await referenceUp(options);
    expect(started).toBe(true);
    expect(status.running).toBe(true);
    expect(pidsOf(status).filter((pid) => Object.values(pids).includes(pid))).toEqual([]);
  });

  it('is gone after down, with its data, and down again is fine', async () => {
    const status = await referenceStatus(projectDir);
    const state = readState(stateFile());
    const processes = pidsOf(status).map((pid) => identify(pid));
    expect(processes.every((id) => isAlive(id))).toBe(true);
    expect(await referenceDown(options)).toBe(true);
    expect(processes.filter((id) => isAlive(id))).toEqual([]);
    expect(existsSync(String(state?.disposable))).toBe(false);
    await expect(get(`${status.api}/health/live`)).rejects.toThrow('fetch failed');
    expect(await referenceDown(options)).toBe(false);
  });
});

// What a command runs as: a process that can be killed.
const script = `const { referenceUp, ensureReference } = await import(process.argv[1]);
const say = (line) => process.stdout.write(line + '\\n');
const options = { projectDir: process.argv[2], env: process.env, progress: say };
if (process.argv[3] === 'up') {
  const { started, status } = await referenceUp(options);
  say(JSON.stringify({ started, pids: status.pids }));
} else {
  await ensureReference(options);
  say('ensured');
  const { restartApart } = await import(process.argv[4]);
  await restartApart({ ...options, env: { FEATURE_DEGRADED_MODE: 'true' }, progress: say, onSpawn: () => {} });
}`;

function command(what: 'up' | 'restart') {
  const module = new URL('../../launcher/system/reference.ts', import.meta.url).href;
  const args = [
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '-e',
    script,
    module,
    projectDir,
    what,
    new URL('../../launcher/system/restart-apart.ts', import.meta.url).href,
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  let text = '';
  child.stdout.on('data', (chunk) => (text += String(chunk)));
  const ended = new Promise((done) => child.once('close', done));
  return {
    says: async (line: string) => {
      await expect.poll(() => text, { interval: 5 }).toContain(line);
    },
    kill: async () => {
      process.kill(-Number(child.pid), 'SIGKILL');
      await ended;
    },
    result: async () => {
      await ended;
      return JSON.parse(text.trim().split('\n').at(-1) ?? '') as { started: boolean; pids: object };
    },
  };
}

describe('commands that collide or die', () => {
  afterEach(async () => {
    await referenceDown(options);
  });

  it('two ups at once start one system', async () => {
    const [first, second] = await Promise.all([command('up').result(), command('up').result()]);
    expect([first.started, second.started].toSorted()).toEqual([false, true]);
    expect(first.pids).toEqual(second.pids);
  });

  it('an up that is killed half way leaves nothing that down does not find', async () => {
    const up = command('up');
    await up.says('toxiproxy is ready');
    await up.kill();
    const id = String(readState(stateFile())?.id);
    expect(withEnvironment('SIAGA_REFERENCE_ID', id).length).toBeGreaterThan(0);
    // One that it had started and not yet written down.
    spawn('sleep', ['60'], { env: { PATH: process.env['PATH'], SIAGA_REFERENCE_ID: id } });
    expect(await referenceStatus(projectDir)).toMatchObject({ running: false });
    await referenceDown(options);
    expect(withEnvironment('SIAGA_REFERENCE_ID', id)).toEqual([]);
  });

  it('a restart goes on when the command that wanted it is killed', async () => {
    const { status } = await referenceUp(options);
    const restart = command('restart');
    await restart.says('ensured');
    await expect
      .poll(() => isAlive({ pid: Number(status.pids.api), startTime: '' }), { interval: 1 })
      .toBe(false);
    await restart.kill();
    await expect.poll(async () => (await referenceStatus(projectDir)).running).toBe(true);
    const after = await referenceStatus(projectDir);
    expect(after.pids.api).not.toBe(status.pids.api);
    await expect
      .poll(async () => (await referenceStatus(projectDir)).toggles)
      .toMatchObject({ FEATURE_DEGRADED_MODE: 'true' });
  });

  it('an up that is told to stop leaves nothing', async () => {
    const stop = new AbortController();
    const spawned: number[] = [];
    const up = referenceUp({
      ...options,
      signal: stop.signal,
      onSpawn: (pid, name) => {
        spawned.push(pid);
        if (name === 'postgres') stop.abort(new Error('Ctrl-C'));
      },
    });
    await expect(up).rejects.toThrow('Ctrl-C');
    expect(spawned.length).toBeGreaterThan(2);
    expect(spawned.filter((pid) => isAlive({ pid, startTime: '' }))).toEqual([]);
    expect(await referenceStatus(projectDir)).toMatchObject({ running: false, api: null });
  });

  it('an up on a taken port starts nothing', async () => {
    const server = createServer();
    await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
    const { port } = server.address() as AddressInfo;
    const spawned: number[] = [];
    const up = referenceUp({ ...options, port, onSpawn: (pid) => spawned.push(pid) });
    await expect(up).rejects.toMatchObject({ code: 'port-taken', exitCode: 3 });
    expect(spawned).toEqual([]);
    server.close();
  });
});

describe('a command that needs a reference system', () => {
  it('starts one, shares it, and the last one to leave stops it', async () => {
    const spawned: string[] = [];
    const first = await ensureReference({
      ...options,
      speed: 30,
      owner: 'run-x',
      onSpawn: (_, name) => spawned.push(name),
    });
    const second = await ensureReference(options);
    expect([first.startedHere, second.startedHere]).toEqual([true, false]);
    expect(second.status.speed).toBe(30);
    expect(spawned.toSorted()).toEqual(['api', 'coinapi', 'okx', 'postgres', 'redis', 'toxiproxy']);
    expect(await first.stop()).toBe(false);
    expect(await get(`${second.status.api}/health/live`)).toMatchObject({ status: 200 });
    expect(await second.stop()).toBe(true);
    expect(await referenceStatus(projectDir)).toMatchObject({ running: false });
  });

  it('leaves one that a person started, and announces none of its parts as its own', async () => {
    const env = { ...options.env, REFERENCE_ADMIN_TOKEN: 'token-of-a-person' };
    const { status } = await referenceUp({ ...options, env });
    expect(status.adminToken).toEqual({ from: 'environment', where: 'REFERENCE_ADMIN_TOKEN' });
    const spawned: string[] = [];
    const reference = await ensureReference({ ...options, onSpawn: (_, name) => spawned.push(name) });
    const toggled = { ...options.env, FEATURE_DEGRADED_MODE: 'true' };
    expect(await referenceRestart({ ...options, env: toggled }, 'api')).toMatchObject({ running: true });
    expect(await get(reference.status.admin, 'token-of-a-person')).toMatchObject({
      body: { FEATURE_DEGRADED_MODE: 'true' },
    });
    expect(spawned).toEqual([]);
    expect(await reference.stop()).toBe(false);
    expect(await referenceStatus(projectDir)).toMatchObject({ running: true });
    expect(await referenceDown(options)).toBe(true);
  });
});
