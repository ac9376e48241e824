import { describe, expect, test } from 'vitest';
import type { Draft } from '../event/envelope.ts';
import { check, origin, ready, togglesRead } from './testing/play.ts';
import { write } from './testing/write.ts';

const hour = 3_600;
const tick: Draft = { type: 'tick', data: { bucket: 0 } };
const errors = (second: number, bad = 50): [number, Draft] => [
  second,
  {
    type: 'samples',
    data: {
      signal: 'rest.errors',
      source: 'load',
      labels: {},
      from: origin + second * 1_000,
      to: origin + second * 1_000 + 1,
      data: { kind: 'ratio', total: 100, bad, throttled: 0 },
    },
  },
];
/** A minute each from here on, so many of them. */
const minutes = (from: number, count: number, bad = 50): [number, Draft][] =>
  Array.from({ length: count }, (_, index) => [
    errors(from + index * 60 + 30, bad),
    [from + index * 60 + 65, tick] as [number, Draft],
  ]).flat() as [number, Draft][];
const after = (entries: readonly [number, Draft][]) => write(entries).changes;

const goodMinute = (second: number): [number, Draft][] => [
  errors(second, 0),
  ...(['rest.latency', 'ws.roundtrip', 'freshness'] as const).map((signal): [number, Draft] => [
    second,
    {
      type: 'samples',
      data: {
        signal,
        source: signal === 'rest.latency' ? 'load' : 'probe',
        labels: {},
        from: origin + second * 1_000,
        to: origin + second * 1_000 + 1,
        data: { kind: 'values', values: Array.from({ length: 25 }, () => 50) },
      },
    },
  ]),
  [second, togglesRead()],
  [second, check('pairs', ['core'], true, {})],
  [second, check('sol', ['core'], true, {})],
];

const goodMinutes = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => goodMinute(from + index * 60 + 30)).flat();
const entries = [
  ...minutes(0, 5),
  ...goodMinutes(300, 7),
  ...goodMinutes(-hour, 15),
  [-hour + 15 * 60 + 6, tick] as [number, Draft],
];

describe('row 12: events whose time goes back by an hour, as earlier versions wrote them', () => {
  test('buckets go on being judged, and triggers fire', () => {
    const changes = after([[130, tick], ...minutes(-hour, 8)]);
    expect(changes.map(({ kind }) => kind)).toEqual(['declared']);
    // The first minute of the eight is the one that was reached: unknown.
    expect(changes[0]?.minute).toBe(-60 + 6);
  });

  test('the minute that was reached is unknown', () => {
    expect(after([[130, tick], ...minutes(-hour, 5)])).toEqual([]);
    expect(after([[130, tick], ...minutes(-hour, 6)]).map(({ kind }) => kind)).toEqual(['declared']);
  });

  test('samples of the time before are none of the minutes that come again', () => {
    const changes = after([
      ...[0, 60, 120, 180].map((second) => errors(second + 30)),
      [200, tick],
      ...minutes(-hour, 66, 0),
    ]);
    expect(changes).toEqual([]);
  });

  test('hard down is declared from both sides of the step', () => {
    const down = [98, -hour, -hour + 20].map((second): [number, Draft] => [second, ready(503)]);
    expect(write(down).told).toEqual(['declared hard-down: ready']);
  });

  test('a signal that stays away is missed', () => {
    const { of } = write([errors(100, 0), [130, tick], [-hour, tick], [-hour + 200, tick]]);
    expect(of('incident.blind')).toHaveLength(1);
  });

  test('an incident recovers', () => {
    expect(after(entries).map(({ kind }) => kind)).toEqual([
      'declared',
      'mitigated',
      'restored',
      'verifying',
      'recovered',
    ]);
  });
});

test('a gap of eight thousand years is gone through', () => {
  const far = (Date.UTC(9999, 11, 31) - origin) / 1_000;
  expect(after([...minutes(0, 5), [far, tick]]).map(({ kind }) => kind)).toEqual(['declared']);
});
