import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { deriveAll } from '../src/incident/engine.ts';
import { parseEvents } from '../src/report/parse.ts';
import { compareDerived } from '../src/report/rejudge.ts';
import { factsOf } from './support/facts.ts';
import { figuresOf } from './support/figures.ts';
import { read, root } from './support/sources.ts';

// Tens of thousands of events each.
vi.setConfig({ testTimeout: 60_000 });

const runs = ['game-day', 'full-length'] as const;
const first = 'test/data/written-by-f5ee1ed';
const later = 'test/data/written-by-7f5d84c';

const eventsOf = (path: string) =>
  parseEvents(gunzipSync(readFileSync(join(root, path))).toString('utf8'), path).events;
const json = (path: string): unknown => JSON.parse(read(path));

describe.each([first, later].flatMap((folder) => runs.map((run) => [folder, run] as const)))(
  '%s/%s',
  (folder, run) => {
    test('says the same of its verdict and of every incident as it always did', () => {
      const facts = factsOf(eventsOf(`${folder}/${run}.ndjson.gz`));
      expect(facts).toEqual(json(`${folder}/${run}.facts.json`));
    });
  },
);

test.each(runs)('%s of the later version is judged again the same', (run) => {
  expect(compareDerived(eventsOf(`${later}/${run}.ndjson.gz`), deriveAll)).toMatchObject({
    same: true,
    differences: [],
  });
});

type Mended = Readonly<Record<string, { readonly then: string; readonly now: string }>>;
const mended = json(`${first}/mended.json`) as Readonly<Record<(typeof runs)[number], Mended>>;

test.each(runs)('each figure of %s that the first version told otherwise is as it was mended', (run) => {
  const figures = figuresOf(eventsOf(`${first}/${run}.ndjson.gz`));
  const listed = Object.entries(mended[run]);
  const found = listed.map(([name]) => [name, figures[name] ?? 'nothing']);
  expect(found).toEqual(listed.map(([name, { now }]) => [name, now]));
  expect(listed.filter(([, { then, now }]) => then === now)).toEqual([]);
});
