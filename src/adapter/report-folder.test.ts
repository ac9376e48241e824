import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeReports } from './report-folder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'siaga-reports-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const files = new Map([
  ['report.md', 'new'],
  ['plots/a.svg', '<svg/>'],
]);

const refusal = expect.objectContaining({ code: 'reports-unwritable', exitCode: 3 });

test('writes each document whole, beside what is there', () => {
  writeFileSync(join(folder, 'events.ndjson'), 'kept');
  writeReports(folder, files);
  expect(readFileSync(join(folder, 'report.md'), 'utf8')).toBe('new');
  expect(readdirSync(folder, { recursive: true }).toSorted()).toEqual([
    'events.ndjson',
    'plots',
    'plots/a.svg',
    'report.md',
  ]);
});

describe('where one cannot be written', () => {
  test('a full disk leaves what was there, and no scraps', () => {
    writeFileSync(join(folder, 'report.md'), 'old');
    mkdirSync(join(folder, 'plots'));
    // Every write to this device fails as on a full disk.
    symlinkSync('/dev/full', join(folder, 'plots', 'a.svg.part'));
    expect(() => writeReports(folder, files)).toThrow(refusal);
    expect(readFileSync(join(folder, 'report.md'), 'utf8')).toBe('old');
    expect(existsSync(join(folder, 'report.md.part'))).toBe(false);
  });

  test('a folder that takes no files is told with a way out', () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    expect(() => writeReports(join(file, 'run'), files)).toThrow(
      expect.objectContaining({
        facts: expect.objectContaining({
          where: join(file, 'run'),
          hint: expect.stringContaining('--output'),
        }),
      }),
    );
  });
});
