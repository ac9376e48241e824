import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../support/sources.ts';

const away = mkdtempSync(join(tmpdir(), 'siaga-textfile-'));
const file = join(away, 'siaga.prom');
const answers = { hello: 'world', fallback: false, provider: true };
const server = createServer((_, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(answers));
});

beforeAll(async () => {
  cpSync(join(root, 'test/projects/minimal'), away, { recursive: true });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
});
afterAll(() => {
  server.close();
  rmSync(away, { recursive: true, force: true });
});

function round(...more: readonly string[]): Promise<{ code: number; stderr: string }> {
  const { port } = server.address() as AddressInfo;
  const env = { PATH: process.env['PATH'], HOME: away, SIAGA_TARGET_URL: `http://127.0.0.1:${port}` };
  const args = [join(root, 'bin/siaga.js'), 'check', '--no-stay', ...more];
  return new Promise((settle) => {
    execFile(process.execPath, args, { cwd: away, env, timeout: 60_000 }, (error, _, stderr) =>
      settle({ code: error === null ? 0 : Number(error.code), stderr }),
    );
  });
}

const valueOf = (name: string): number =>
  Number(
    readFileSync(file, 'utf8')
      .split('\n')
      .find((line) => line.startsWith(`siaga_${name}{`))
      ?.split(' ')
      .at(-1),
  );

test('a node exporter finds how the newest round ended, also where it could not begin', async () => {
  const first = await round('--textfile', 'siaga.prom');
  expect(first.code, first.stderr).toBe(0);
  expect(valueOf('round_exit_code')).toBe(0);
  expect(valueOf('round_finished_timestamp_seconds')).toBeGreaterThan(Date.now() / 1_000 - 60);
  expect(valueOf('check_duration_seconds')).toBeGreaterThan(0);

  const second = await round('--textfile', 'siaga.prom', '--target', 'nowhere');
  expect(second.code).toBe(2);
  expect(valueOf('round_exit_code')).toBe(2);
  expect(valueOf('check_duration_seconds')).toBeNaN();
});

test.each([
  ['siaga.txt', 'a file that ends in .prom'],
  ['absent/siaga.prom', 'a folder that exists'],
])('%s is refused before anything is measured', async (path, allowed) => {
  const { code, stderr } = await round('--textfile', path);
  expect(code).toBe(2);
  expect(stderr).toContain(`allowed: ${allowed}`);
});
