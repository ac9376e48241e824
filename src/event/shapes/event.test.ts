import { readFileSync } from 'node:fs';
import { Ajv2020, type SchemaObject } from 'ajv/dist/2020.js';
import { describe, expect, it, vi } from 'vitest';
import { gameDay } from '../../report/testing/game-day.ts';
import { eventFault, eventSchema, schemaWords } from './event.ts';

const published = JSON.parse(
  readFileSync(new URL('../../../docs/events.schema.json', import.meta.url), 'utf8'),
) as SchemaObject;
const matches = new Ajv2020({ allErrors: true, strict: false }).compile(published);
const written = [{}, { killed: true }, { stable: true }, { undelivered: ['telegram'] }].flatMap((shape) =>
  gameDay(shape).map((event): unknown => JSON.parse(JSON.stringify(event))),
);
const first = structuredClone(written[0]) as { data: { judge: Record<string, unknown> } };
const started = (change: (judge: Record<string, unknown>) => unknown) => {
  const event = structuredClone(first);
  change(event.data.judge);
  return event;
};

// Every event of two game days is judged twice, however busy the machine is.
vi.setConfig({ testTimeout: 60_000 });

describe('the schema of events', () => {
  it('is published as the shapes are; npm run schema and npm run format write it again', () => {
    expect(published).toEqual(eventSchema());
  });

  it('accepts what is written, and a field of a later version', () => {
    expect(written.flatMap((event) => eventFault(event) ?? [])).toEqual([]);
    expect(written.filter((event) => !matches(event))).toEqual([]);
    expect(eventFault({ ...first, later: 1, data: { ...first.data, later: {} } })).toBeUndefined();
  });

  it.each([
    ['a tiny bucket', started((judge) => (judge['bucketMs'] = 0.000001)), ['data', 'judge', 'bucketMs']],
    ['a speed of none', started((judge) => (judge['speed'] = 0)), ['data', 'judge', 'speed']],
    ['signals that are text', started((judge) => (judge['signals'] = 'x')), ['data', 'judge', 'signals']],
    ['text for a number', { ...first, seq: '1' }, ['seq']],
    ['a moment beyond every calendar', { ...first, at: 9e15 }, ['at']],
    ['no data', { ...first, data: null }, ['data']],
    ['a kind that objects inherit', { ...first, type: 'constructor' }, ['type']],
    ['a list', [], []],
    ['nothing', null, []],
  ])('refuses %s', (_, event, path) => {
    expect(eventFault(event)).toMatchObject({ path });
    expect(matches(event)).toBe(false);
  });

  it('hostile 6: a citation is a number', () => {
    const broken = written.find((event) => (event as { type: string }).type === 'expectation.settled');
    const tag = '</a><meta http-equiv="refresh" content="0;url=//evil">';
    const { data } = broken as { data: object };
    const altered = { ...(broken as object), data: { ...data, evidence: [1, tag] } };
    expect(eventFault(altered)).toMatchObject({ path: ['data', 'evidence', 1], got: tag });
    expect(matches(altered)).toBe(false);
  });
});

it('the words of the schema hold fields, kinds and choices', () => {
  expect(schemaWords()).toEqual(
    expect.arrayContaining(['judge', 'bucketMs', 'check.finished', 'inconclusive', 'hold-reset']),
  );
});
