import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeTextfile } from './textfile.ts';

const away = mkdtempSync(join(tmpdir(), 'siaga-textfile-'));
afterAll(() => rmSync(away, { recursive: true, force: true }));

const gauge = (value: number) => [
  { name: 'check_duration_seconds', help: 'How long', values: [{ labels: { check: 'a "b"\\\n' }, value }] },
];

test('the figures of the newest round replace those before, whole, for everybody to read', async () => {
  const path = join(away, 'siaga.prom');
  await writeTextfile(path, gauge(0.5));
  await writeTextfile(path, gauge(0.25));
  expect(readFileSync(path, 'utf8')).toBe(
    '# HELP siaga_check_duration_seconds How long\n# TYPE siaga_check_duration_seconds gauge\nsiaga_check_duration_seconds{check="a \\"b\\"\\\\\\n"} 0.25\n',
  );
  expect(statSync(path).mode & 0o777).toBe(0o644);
  expect(readdirSync(away)).toEqual(['siaga.prom']);
});

test('a file that cannot be put in its place leaves nothing beside it', async () => {
  const folder = join(away, 'taken');
  mkdirSync(join(folder, 'siaga.prom'), { recursive: true });
  await expect(writeTextfile(join(folder, 'siaga.prom'), gauge(1))).rejects.toThrow(
    /EISDIR|ENOTEMPTY|EEXIST/,
  );
  expect(readdirSync(folder)).toEqual(['siaga.prom']);
});
