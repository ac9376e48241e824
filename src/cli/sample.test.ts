import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { deriveAll } from '../incident/engine.ts';
import { parseEvents } from '../report/parse.ts';
import { compareDerived } from '../report/rejudge.ts';
import { runFiles } from '../run/conclude.ts';

// A real game day, kept with the source. Raw points and events are what was measured; the rest is made from events.
const sample = fileURLToPath(new URL('../../reports/sample', import.meta.url));
const measured = /^(events\.ndjson|raw\/.*)$/;

const all = readdirSync(sample, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));
const runs = all.filter((path) => path.endsWith('events.ndjson'));

test('there is a sample, and every file of it belongs to a run', () => {
  expect(runs.length).toBeGreaterThan(0);
  const strays = all.filter((path) => !runs.some((run) => path.startsWith(`${dirname(run)}/`)));
  expect(strays).toEqual([]);
});

describe.each(runs.map((path) => [relative(sample, path), path]))('%s', (name, path) => {
  const { events } = parseEvents(readFileSync(path, 'utf8'), name);

  test('gives the same documents byte for byte', () => {
    const folder = dirname(path);
    const files = runFiles(events);
    const written = all
      .filter((file) => dirname(file).startsWith(folder))
      .map((file) => relative(folder, file));
    expect(written.filter((file) => !measured.test(file)).toSorted()).toEqual([...files.keys()].toSorted());
    for (const [file, content] of files) expect(readFileSync(join(folder, file), 'utf8'), file).toBe(content);
  });

  test('is judged again the same', () => {
    expect(compareDerived(events, deriveAll).differences).toEqual([]);
  });
});
