import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import type { SiagaEvent } from '../src/event/envelope.ts';
import type { RolesSpec } from '../src/event/specs.ts';
import { deriveAll } from '../src/incident/engine.ts';
import { parseEvents } from '../src/report/parse.ts';
import { compareDerived } from '../src/report/rejudge.ts';
import { runFiles } from '../src/run/run-files.ts';
import { factsOf } from './support/facts.ts';
import { root } from './support/sources.ts';

// Tens of thousands of events.
vi.setConfig({ testTimeout: 60_000 });

const path = 'test/data/written-by-7f5d84c/game-day.ndjson.gz';
const tape = gunzipSync(readFileSync(join(root, path))).toString('utf8');

/** What the runbook of that run would have declared. */
const roles: RolesSpec = {
  latency: 'rest.latency',
  errors: 'rest.errors',
  serverErrors: 'rest.5xx',
  roundTrip: 'ws.roundtrip',
};

const begun = tape.split('\n').find((line) => line.includes('"run.started"')) ?? '';
const { data } = JSON.parse(begun) as { data: { judge: { signals: { name: string }[] } } };
const names = data.judge.signals.map(({ name }) => name);

// Names of the same length: a message cuts what is too long for it.
const foreign = (name: string): string =>
  name.replaceAll(/[a-z]/g, (letter) => String.fromCodePoint(((letter.codePointAt(0)! - 97 + 13) % 26) + 97));

const anyName = new RegExp(
  String.raw`(?<![\w.-])(?:${names.map((name) => name.replaceAll('.', String.raw`\.`)).join('|')})(?![\w-])`,
  'g',
);

/** The same with every signal called something else. */
const renamed = (text: string): string => text.replaceAll(anyName, foreign);
// An incident's id has a hash of its signal's name.
const withoutHash = (text: string): string =>
  text.replaceAll(/\b(INC-\d{8}-\d{4})-[0-9a-z]{4}\b/g, '$1-0000');

const declaring = (events: readonly SiagaEvent[]): readonly SiagaEvent[] =>
  events.map((event) => {
    if (event.type !== 'run.started') return event;
    const judge = { ...event.data.judge, roles: JSON.parse(renamed(JSON.stringify(roles))) as RolesSpec };
    return { ...event, data: { ...event.data, judge } };
  });

const ours = parseEvents(withoutHash(tape), path).events;
const theirs = declaring(parseEvents(renamed(withoutHash(tape)), path).events);

test('the names of signals are others, every one of them', () => {
  expect(names.length).toBeGreaterThan(10);
  expect(JSON.stringify(theirs).match(anyName)).toBeNull();
});

test('whatever its signals are called, a run has the same incidents, figures and verdict', () => {
  expect(factsOf(theirs)).toEqual(JSON.parse(renamed(JSON.stringify(factsOf(ours)))));
});

const derive = (events: readonly SiagaEvent[]) =>
  JSON.parse(withoutHash(JSON.stringify(deriveAll(events)))) as ReturnType<typeof deriveAll>;

test('whatever its signals are called, a run is judged again the same', () => {
  expect(compareDerived(theirs, derive)).toMatchObject({ same: true, differences: [] });
});

test('whatever its signals are called, its documents say the same', () => {
  const [own, other] = [runFiles(ours), runFiles(theirs)];
  expect([...other.keys()]).toEqual([...own.keys()].map(renamed));
  for (const [file, text] of own)
    expect(other.get(renamed(file))?.split('\n')).toEqual(renamed(text).split('\n'));
});
