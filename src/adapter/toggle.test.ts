import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createHttpProbe } from './http.ts';
import { systemClock } from './system.ts';
import { runCommand } from './toggle-command.ts';
import { createToggleActuator } from './toggle.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A system whose toggles take effect with a restart, during which it is not ready. */
async function system(initial: Record<string, string>) {
  const state = { toggles: initial, readyIn: 0, asked: [] as (string | undefined)[] };
  const server = http.createServer((request, response) => {
    state.asked.push(request.headers.authorization);
    if (request.headers.authorization === undefined && request.url !== '/ready')
      response.writeHead(401).end();
    else if (request.url === '/ready') response.writeHead(state.readyIn-- > 0 ? 503 : 200).end();
    else response.end(JSON.stringify(state.toggles));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const probe = createHttpProbe();
  closers.push(() => {
    probe.close();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const actuator = (
    change: (toggles: Readonly<Record<string, string>>) => void,
    bearer: string | undefined = 'secret-token',
  ) =>
    createToggleActuator({
      http: probe,
      clock: systemClock,
      via: 'environment and restart',
      place: `${url}/toggles`,
      read: { url: `${url}/toggles?x=1`, ...(bearer !== '' && { bearer }) },
      readyUrl: `${url}/ready`,
      change: async (toggles) => change(toggles),
      timeoutMs: 600,
    });
  return { state, actuator };
}

describe('applying toggles (R18)', () => {
  test('sets these, leaves the others, and returns once the system is ready and tells them', async () => {
    const { state, actuator } = await system({ A: '1', B: '2' });
    const changes: unknown[] = [];
    await actuator((toggles) => {
      changes.push(toggles);
      state.toggles = { ...toggles };
      state.readyIn = 2;
    }).apply({ B: '3' });
    expect(changes).toEqual([{ A: '1', B: '3' }]);
    expect(state.readyIn).toBeLessThan(0);
    expect(state.asked).toContain('Bearer secret-token');
  });

  test.each<[string, Record<string, string>, string]>([
    ['one did not take effect', { A: '1', B: '2' }, 'B=2'],
    ['another changed with it', { A: '9', B: '3' }, 'A=9'],
    ['one is not told any more', { B: '3' }, 'A=not told'],
  ])('fails where %s', async (_name, after, got) => {
    const { state, actuator } = await system({ A: '1', B: '2' });
    const applied = actuator(() => {
      state.toggles = after;
    }).apply({ B: '3' });
    await expect(applied).rejects.toMatchObject({
      code: 'toggles-not-applied',
      exitCode: 3,
      facts: { got, allowed: 'A=1, B=3' },
    });
  });

  test('fails where the system does not become ready', async () => {
    const { state, actuator } = await system({ A: '1' });
    const applied = actuator(() => {
      state.readyIn = 1_000;
    }).apply({ A: '1' });
    await expect(applied).rejects.toThrow(/\/ready.*status 503/);
  });
});

test('reading without the right token says so, and never tells a token', async () => {
  const { actuator } = await system({ A: '1' });
  const reading = actuator(() => {}, '').read();
  await expect(reading).rejects.toMatchObject({
    code: 'toggles-unreadable',
    facts: {
      got: 'status 401, no content type',
      hint: expect.stringContaining('token'),
      where: expect.not.stringContaining('x=1'),
    },
  });
});

const html = { 'content-type': 'text/html; charset=utf-8' };

test.each([
  [500, html, 'x', /answers with an error/, 'status 500, text/html'],
  [404, {}, '', /answers with an error/, 'status 404, no content type'],
  [200, html, '<p>A=1</p>', /no list of toggles/, 'status 200, text/html'],
])(
  'two-am: an answer of toggles with status %i is told as what it is: %j %s',
  async (status, headers, body, what, got) => {
    const server = http.createServer((_, response) => response.writeHead(status, headers).end(body));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/toggles`;
    const error: unknown = await readingAt(url).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: expect.stringMatching(what), facts: { got } });
    expect(String(error)).not.toContain('does not answer');
  },
);

test('two-am: only a system without an answer does not answer', async () => {
  await expect(readingAt('http://127.0.0.1:1/toggles')).rejects.toMatchObject({
    facts: { what: 'the system does not answer', got: 'ECONNREFUSED' },
  });
});

function readingAt(url: string): Promise<Readonly<Record<string, string>>> {
  const probe = createHttpProbe();
  closers.push(() => probe.close());
  const read = { url };
  return createToggleActuator({
    http: probe,
    clock: systemClock,
    via: 'x',
    place: url,
    read,
    change: () => Promise.resolve(),
    timeoutMs: 600,
  }).read();
}

const run = (script: string, over: object = {}) =>
  runCommand({
    command: ['sh', '-c', script],
    cwd: tmpdir(),
    env: { PATH: process.env['PATH'], A: '1' },
    timeoutMs: 5_000,
    ...over,
  });

describe('the command that applies toggles', () => {
  test('hostile: gets secrets in its environment, and while it runs no process shows them in its words', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'siaga-words-'));
    closers.push(() => rmSync(folder, { recursive: true }));
    const kept = join(folder, 'words');
    const secret = 'hunter22-of-the-toggles';
    const look = `[ "$TOKEN" ] && cat /proc/[0-9]*/cmdline > ${kept} 2>&1; true`;
    await run(look, { env: { PATH: process.env['PATH'], TOKEN: secret } });
    const words = readFileSync(kept, 'utf8');
    expect(words).toContain('/proc/[0-9]*/cmdline');
    expect(words).not.toContain(secret);
  });

  test('has the toggles in its environment, and is told of when it exists', async () => {
    const pids: number[] = [];
    await run('test "$A" = 1', { onSpawn: (pid: number) => pids.push(pid) });
    expect(pids).toHaveLength(1);
  });

  test.each<[string, string, object, RegExp]>([
    ['fails', 'echo why; exit 3', {}, /exit code 3\nwhy/],
    ['tells a secret', 'echo hunter2-x; exit 1', { secrets: ['hunter2-x'] }, /exit code 1\n\[redacted\]/],
    ['hangs', 'echo started; sleep 60', { timeoutMs: 200 }, /still running after 200 ms\nstarted/],
    ['does not exist', '', { command: ['/nonexistent/x'] }, /ENOENT/],
  ])('that %s is an error that says so', async (_name, script, over, got) => {
    await expect(run(script, over)).rejects.toMatchObject({
      code: 'toggle-command-failed',
      exitCode: 3,
      facts: { got: expect.stringMatching(got) },
    });
  });

  test('ends with its whole group when interrupted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'siaga-toggle-'));
    const stop = new AbortController();
    const running = run(`(sleep 0.5; touch ${folder}/survived) & sleep 60`, { signal: stop.signal });
    setTimeout(() => stop.abort(new Error('Ctrl-C')), 100);
    await expect(running).rejects.toThrow('Ctrl-C');
    await systemClock.sleep(700);
    expect(existsSync(join(folder, 'survived'))).toBe(false);
    rmSync(folder, { recursive: true });
  });
});
