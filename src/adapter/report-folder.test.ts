import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
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

describe('hostile 7: nothing is written through a link', () => {
  let victim: string;
  beforeEach(() => {
    victim = mkdtempSync(join(tmpdir(), 'siaga-victim-'));
    writeFileSync(join(victim, 'report.md'), 'the victim');
  });
  afterEach(() => rmSync(victim, { recursive: true, force: true }));

  test('that stands in the place of a document: the link is replaced', () => {
    symlinkSync(join(victim, 'report.md'), join(folder, 'report.md'));
    symlinkSync(join(victim, 'report.md'), join(folder, 'report.md.part'));
    writeReports(folder, files);
    expect(readFileSync(join(victim, 'report.md'), 'utf8')).toBe('the victim');
    expect(lstatSync(join(folder, 'report.md')).isFile()).toBe(true);
    expect(readFileSync(join(folder, 'report.md'), 'utf8')).toBe('new');
  });

  test('that stands in the place of a folder: refused, and nothing is changed', () => {
    symlinkSync(victim, join(folder, 'plots'));
    expect(() => writeReports(folder, files)).toThrow(refusal);
    expect(readdirSync(victim)).toEqual(['report.md']);
    expect(readdirSync(folder)).toEqual(['plots']);
  });

  test('the folder itself may be one: that is where it was told to write', () => {
    const link = join(folder, 'link');
    symlinkSync(victim, link);
    writeReports(link, files);
    expect(readFileSync(join(victim, 'report.md'), 'utf8')).toBe('new');
  });

  test('hostile 15: folders are for their owner', () => {
    writeReports(join(folder, 'run'), files);
    for (const path of ['run', 'run/plots']) expect(statSync(join(folder, path)).mode & 0o777).toBe(0o700);
  });
});

describe('where one cannot be written', () => {
  test('a full disk leaves what was there, and no scraps', () => {
    writeFileSync(join(folder, 'report.md'), 'old');
    // A process whose files may have so many blocks of 512 bytes meets the end of its disk in the second document.
    const module = `
      import { writeReports } from ${JSON.stringify(new URL('report-folder.ts', import.meta.url).href)};
      try { writeReports(process.argv[1], new Map([['report.md', 'new'], ['plots/a.svg', 'x'.repeat(9000)]])); }
      catch (error) { console.log(error.code, error.exitCode); }`;
    const limited = ['-c', 'ulimit -f 8; trap "" XFSZ; exec "$@"', 'sh'];
    const args = [...limited, process.execPath, '--input-type=module', '-e', module, folder];
    expect(execFileSync('sh', args, { encoding: 'utf8' })).toBe('reports-unwritable 3\n');
    expect(readFileSync(join(folder, 'report.md'), 'utf8')).toBe('old');
    expect(readdirSync(folder, { recursive: true }).toSorted()).toEqual(['plots', 'report.md']);
  });

  test('a folder in the place of a document', () => {
    mkdirSync(join(folder, 'report.md', 'x'), { recursive: true });
    expect(() => writeReports(folder, files)).toThrow(refusal);
    expect(readdirSync(folder, { recursive: true }).toSorted()).toEqual([
      'plots',
      'report.md',
      'report.md/x',
    ]);
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
