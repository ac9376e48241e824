import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gameDay } from '../../src/report/testing/game-day.ts';
import { startSiaga } from '../support/rig/siaga.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(realpathSync(tmpdir()), 'siaga-hostile-'));
  const trap = `import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(join(dir, 'ran'))}, '');\nexport default {};\n`;
  for (const file of ['siaga.config.ts', 'runbook.ts']) writeFileSync(join(dir, file), trap);
  mkdirSync(join(dir, 'reports', 'r1'), { recursive: true });
  const lines = gameDay({ short: true }).map((event) => `${JSON.stringify(event)}\n`);
  writeFileSync(join(dir, 'reports', 'r1', 'events.ndjson'), lines.join(''));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const siaga = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  startSiaga(args, { dir, env }).ended;

describe('hostile 16: the files of a project are code', () => {
  it('that report and doctor do not run', async () => {
    expect((await siaga(['report', 'r1'])).code).toBe(0);
    await siaga(['doctor']);
    expect(existsSync(join(dir, 'ran'))).toBe(false);
  });

  it('that validate runs, and says so in its help', async () => {
    await siaga(['validate', '--no-types']);
    expect(existsSync(join(dir, 'ran'))).toBe(true);
    expect((await siaga(['validate', '--help'])).stdout.replaceAll(/\s+/g, ' ')).toContain(
      'this runs the files of the project',
    );
  });
});

it('hostile: the password of a given Postgres is never printed', async () => {
  const env = { SIAGA_POSTGRES_URL: 'postgres://me:hunter22@127.0.0.1:1/db?password=hunter23' };
  for (const args of [['doctor'], ['doctor', '--json']]) {
    const { stdout, stderr } = await siaga(args, env);
    expect(stdout).toContain('127.0.0.1:1');
    expect(`${stdout}${stderr}`).not.toMatch(/hunter2/);
  }
});

it('hostile 6: a stranger’s events end with exit 2, line and path, and never drive the terminal', async () => {
  const file = join(dir, 'events.ndjson');
  writeFileSync(file, '{"v":1,"seq":"\\u001b[2J<meta>"}\n');
  const { code, stderr } = await siaga(['report', file]);
  expect(code).toBe(2);
  expect(stderr).toContain('events.ndjson, line 1');
  expect(stderr).toContain("seq is ' [2J<meta>'");
});
