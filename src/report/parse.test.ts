import { describe, expect, test } from 'vitest';
import { renderAll } from '../run/conclude.ts';
import { parseEvents } from './parse.ts';
import { gameDay } from './testing/game-day.ts';

const lines = gameDay({ killed: true }).map((event) => JSON.stringify(event));
const text = (all: readonly string[]) => all.map((line) => `${line}\n`).join('');
const edited = (index: number, change: (event: Record<string, unknown>) => object) =>
  text(lines.with(index, JSON.stringify(change(JSON.parse(lines[index] ?? '{}')))));

const started = (change: object) =>
  edited(0, ({ data, ...event }) => {
    const { judge, ...rest } = data as { judge: object };
    return { ...event, data: { ...rest, judge: { ...judge, ...change } } };
  });

test('a whole file is read as it was written', () => {
  expect(parseEvents(text(lines), 'f')).toEqual({ events: gameDay({ killed: true }), unknown: {} });
});

test.each(['constructor', 'fault.quantum'])(
  'events of the unknown type %s are left out and counted',
  (type) => {
    const strange = [3, 5].reduce(
      (all, index) => all.with(index, JSON.stringify({ ...JSON.parse(all[index] ?? ''), type })),
      lines,
    );
    const { events, unknown } = parseEvents(text(strange), 'f');
    expect(events).toEqual(gameDay({ killed: true }).filter((_, index) => index !== 3 && index !== 5));
    expect(unknown).toEqual({ [type]: 2 });
    const report = renderAll(events, unknown).get('report.md');
    expect(report).toContain(
      `2 events of types that this version does not know were left out: 2 of ${type}.`,
    );
  },
);

test('a last line without its line feed is still a line', () => {
  expect(parseEvents(text(lines).trimEnd(), 'f').events).toHaveLength(lines.length);
});

describe('what cannot be read is told with its line', () => {
  const cut = text(lines).slice(0, -20);
  test.each<[string, string, string, RegExp]>([
    ['a cut-off file', cut, `f, line ${lines.length}`, /cut off/],
    ['a line that is no JSON', text(lines.with(4, 'hello')), 'f, line 5', /not JSON: 'hello'/],
    ['an empty line', text(lines.with(4, '')), 'f, line 5', /not JSON/],
    ['a list', text(lines.with(1, '[1]')), 'f, line 2', /no object/],
    ['ndjson of others', text(['{"time":1,"msg":"x"}']), 'f, line 1', /v is missing/],
    ['a later version', edited(3, (event) => ({ ...event, v: 2 })), 'f, line 4', /v is 2/],
    [
      'an unknown type in an envelope that is none',
      edited(3, (event) => ({ ...event, type: 'constructor', at: 'noon' })),
      'f, line 4',
      /at is 'noon'/,
    ],
    [
      'an unknown type of another run',
      edited(3, (event) => ({ ...event, type: 'constructor', run: 'other' })),
      'f, line 4',
      /run 'other' after run/,
    ],
    ['a type that is no text', edited(3, (event) => ({ ...event, type: 7 })), 'f, line 4', /type is 7/],
    [
      'an event without its data',
      edited(2, (event) => ({ ...event, data: null })),
      'f, line 3',
      /data is null/,
    ],
    [
      'a payload without a part',
      edited(0, (event) => ({ ...event, data: { command: 'x' } })),
      'f, line 1',
      /data\.subject is missing/,
    ],
    ['a time that is none', edited(2, (event) => ({ ...event, at: 1e20 })), 'f, line 3', /at is 1/],
    [
      'two runs in one',
      edited(9, (event) => ({ ...event, run: 'other' })),
      'f, line 10',
      /run 'other' after run 'gd/,
    ],
    ['events out of order', edited(9, (event) => ({ ...event, seq: 3 })), 'f, line 10', /sequence 3 after/],
    [
      'another start',
      text([...lines, (lines[0] ?? '').replace('"seq":100,', '"seq":900000,')]),
      `f, line ${lines.length + 1}`,
      /another run\.started/,
    ],
    ['a bucket of another speed', started({ speed: 1 }), 'f, line 1', /bucketMs is 2000 at speed 1/],
    [
      'hostile 6: a bucket of no time',
      started({ bucketMs: 0.000001 }),
      'f, line 1',
      /data\.judge\.bucketMs is (?:0\.000001|1e-6)/,
    ],
    [
      'a run of a year',
      edited(lines.length - 1, (event) => ({ ...event, at: Number(event['at']) + 3e10 })),
      `f, line ${lines.length}`,
      /at is 2027/,
    ],
    ['what would drive a terminal', text(['\u001b[2J{']), 'f, line 1', /^not JSON: ' \[2J\{'$/],
    ['an empty file', '', 'f, line 1', /empty/],
    ['events without a start', text(lines.slice(1)), 'f, line 1', /no event starts a run/],
  ])('%s', (_, given, where, got) => {
    expect(() => parseEvents(given, 'f')).toThrow(
      expect.objectContaining({
        code: 'bad-events',
        exitCode: 2,
        facts: expect.objectContaining({ where, got: expect.stringMatching(got) }),
      }),
    );
  });
});
