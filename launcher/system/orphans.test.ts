import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identify, isAlive } from '../../src/tools/process.ts';
import { homeOf, placesOf } from './places.ts';
import { endOrphans, referenceDown } from './reference.ts';
import { homeMark } from './specs.ts';

let project: string;
let part: ChildProcess;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'siaga-orphans-'));
  const env = { PATH: process.env['PATH'], [homeMark]: homeOf(placesOf(project)) };
  part = spawn('sleep', ['60'], { env, stdio: 'ignore' });
});
afterEach(() => {
  part.kill('SIGKILL');
  rmSync(project, { recursive: true, force: true });
});

const lives = (): boolean => isAlive(identify(part.pid ?? 0));
const progress: string[] = [];
const down = (projectDir: string): Promise<boolean> =>
  referenceDown({ projectDir, env: {}, progress: (line) => progress.push(line) });

test('hostile 12: parts whose .siaga was deleted are found by their environment and ended by down', async () => {
  expect(lives()).toBe(true);
  expect(await down(project)).toBe(true);
  expect(lives()).toBe(false);
  expect(progress).toContain('reference: ending the parts of one whose state was deleted');
  expect(await down(project)).toBe(false);
});

test('hostile 12: and by heal, through any way to the folder', async () => {
  const link = join(project, 'link');
  symlinkSync(project, link);
  expect(await endOrphans(link, () => undefined)).toBe(true);
  expect(lives()).toBe(false);
});

test('those of another project are none of ours', async () => {
  const other = join(project, 'other');
  mkdirSync(other);
  expect(await down(other)).toBe(false);
  expect(lives()).toBe(true);
});
