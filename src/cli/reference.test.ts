import { Command } from 'commander';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadLauncher } from '../adapter/launcher.ts';
import { registerDoctor } from './doctor.ts';
import { registerReference } from './reference.ts';

async function siaga(args: readonly string[], env: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'siaga-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const said = { stdout: '', stderr: '' };
  const platform = {
    env: { PATH: '', SIAGA_CACHE_DIR: join(folder, 'cache'), ...env },
    cwd: folder,
    stdout: (text: string) => void (said.stdout += text),
    stderr: (text: string) => void (said.stderr += text),
    outcome: { code: 0 as const },
    launcher: loadLauncher,
    interrupted: new AbortController().signal,
  };
  const program = new Command('siaga').configureOutput({ writeErr: platform.stderr }).exitOverride();
  registerReference(program, platform);
  registerDoctor(program, platform);
  const error: unknown = await program.parseAsync([...args], { from: 'user' }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { ...said, code: platform.outcome.code as number, error, folder };
}

describe('siaga reference status', () => {
  it('of nothing is an object with every field, and no failure', async () => {
    const { stdout, code, folder } = await siaga(['reference', 'status', '--json']);
    const pids = { api: null, coinapi: null, okx: null, postgres: null, redis: null, toxiproxy: null };
    expect(JSON.parse(stdout)).toEqual({
      running: false,
      api: null,
      toxiproxy: null,
      admin: null,
      adminToken: null,
      pids,
      proxies: {},
      logs: join(folder, '.siaga', 'reference', 'logs'),
      speed: null,
      startedAt: null,
      toggles: {},
      tools: {},
      dead: [],
    });
    expect(code).toBe(0);
  });

  it('for a person says how to start it', async () => {
    expect((await siaga(['reference', 'status'])).stdout).toContain('siaga reference up');
  });
});

it('siaga reference down with nothing running is fine', async () => {
  expect((await siaga(['reference', 'down'])).stdout).toBe('reference: nothing was running\n');
});

it('siaga reference restart with nothing running says so', async () => {
  const { error } = await siaga(['reference', 'restart']);
  expect(error).toMatchObject({ code: 'reference-not-running', exitCode: 3 });
});

it.each([
  [['up', '--speed', '31'], '1 to 30'],
  [['up', '--speed', '0'], '1 to 30'],
  [['up', '--speed', 'fast'], '1 to 30'],
  [['up', '--port', '0'], '1 to 65535'],
  [['up', '--port', '80.5'], 'a whole number from 1 to 65535'],
])('siaga reference %s is refused with what is allowed', async (args, allowed) => {
  const { stderr, error } = await siaga(['reference', ...args]);
  expect(error).toMatchObject({ code: 'commander.invalidArgument' });
  expect(stderr).toContain(allowed);
});

it('siaga reference restart of a part that it does not have names those that it has', async () => {
  const { error } = await siaga(['reference', 'restart', 'mongo']);
  const facts = { got: 'mongo', allowed: 'api, coinapi, okx, postgres, redis, toxiproxy' };
  expect(error).toMatchObject({ code: 'part-unknown', exitCode: 2, facts });
});

it('siaga reference up without any tool names what was tried and leaves nothing', async () => {
  const { error, folder } = await siaga(['reference', 'up'], { SIAGA_POSTGRES_URL: 'mysql://x' });
  expect(error).toMatchObject({ code: 'given-url-invalid', exitCode: 2 });
  const { stdout } = await siaga(['reference', 'status', '-C', folder, '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ running: false, dead: [] });
});

describe('siaga doctor', () => {
  it('on a machine without anything exits 3 and names every place it looked', async () => {
    const { stdout, code } = await siaga(['doctor']);
    expect(code).toBe(3);
    expect(stdout).toMatch(/ok {2}node/);
    expect(stdout).toMatch(/-- {2}go/);
    expect(stdout).toMatch(/!! {2}k6 +k6 could not be found or made/);
    expect(stdout).toContain('hint: install k6 or Go');
    expect(stdout).toContain('not given: SIAGA_K6 is not set');
  });

  it('as JSON says the same', async () => {
    const { stdout } = await siaga(['doctor', '--json'], { SIAGA_K6: '/nowhere' });
    const health = JSON.parse(stdout);
    expect(health).toMatchObject({ ok: false, go: null, cache: { bytes: 0 } });
    expect(health.tools[0]).toMatchObject({
      tool: 'k6',
      kind: 'unavailable',
      error: { code: 'tool-given-missing' },
    });
  });
});
