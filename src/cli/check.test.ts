import { Command } from 'commander';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { projectFilesUntil } from '../adapter/project-files.ts';
import { SiagaError } from '../kernel/errors.ts';
import { registerCheck } from './check.ts';
import type { Platform } from '../run/platform.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const project = mkdtempSync(join(tmpdir(), 'siaga-check-'));
afterAll(() => rmSync(project, { recursive: true }));
cpSync(join(root, 'test/projects/minimal'), project, { recursive: true });
mkdirSync(join(project, 'node_modules'));
symlinkSync(root, join(project, 'node_modules/siaga'));
const config = join(project, 'siaga.config.ts');
const told = readFileSync(config, 'utf8').replace(
  'targets:',
  "heartbeat: 'http://beat.example.com/id', targets:",
);
writeFileSync(config, told);

test.each([
  [new SiagaError('reports-unwritable', { what: 'the disk is full', exitCode: 3 }), '/3'],
  [new TypeError('a bug'), '/70'],
])('hunt b: a round that breaks tells the heartbeat service how it ended', async (broken, end) => {
  const beats: string[] = [];
  const platform = {
    env: {},
    cwd: project,
    called: 'siaga',
    clock: { now: () => 0 },
    random: { id: () => 'abcd' },
    outcome: { code: 0 },
    projectFiles: projectFilesUntil(),
    interrupted: new AbortController().signal,
    secrets: { keep: () => {} },
    stderr: () => {},
    openStoreOrNone: () => {
      throw broken;
    },
    heartbeat: {
      call: (url: string) => {
        beats.push(url);
        return Promise.resolve({ outcome: 'delivered' });
      },
    },
  } as unknown as Platform;
  const program = new Command();
  registerCheck(program, platform);
  await expect(program.parseAsync(['node', 'siaga', 'check'])).rejects.toBe(broken);
  expect(beats).toEqual(['http://beat.example.com/id/start', `http://beat.example.com/id${end}`]);
});
