import { describe, expect, test } from 'vitest';
import type { Draft } from '../event/envelope.ts';
import type { SampleBatch, SampleData } from '../event/samples.ts';
import { check, origin, play, ready, well } from './testing/play.ts';
import { write } from './testing/write.ts';

const tick: Draft = { type: 'tick', data: { bucket: 0 } };
const repeat = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);
const connection = (name: string, noConnection: 'refused' | 'handshake'): Draft => {
  const { type, data } = check(name, [], false, {}) as Extract<Draft, { type: 'check.finished' }>;
  return { type, data: { ...data, noConnection } };
};
const database = (up: 0 | 1): Draft => ({
  type: 'samples',
  data: {
    signal: 'db.up',
    source: 'server',
    labels: {},
    from: origin,
    to: origin + 1,
    data: { kind: 'values', values: [up] },
  },
});
const samplesOf = (signal: string, second: number, data: SampleData): SampleBatch => ({
  signal,
  source: 'load',
  labels: {},
  from: origin + second * 1_000,
  to: origin + second * 1_000 + 1_000,
  data,
});
const samples = (...of: Parameters<typeof samplesOf>): Draft => ({ type: 'samples', data: samplesOf(...of) });
const slow: SampleData = { kind: 'values', values: Array.from({ length: 25 }, () => 900) };

describe('hard down (R7)', () => {
  test.each<[string, [number, Draft][], string[]]>([
    [
      'twice, fifteen seconds apart, is SEV-0 at once',
      [
        [0, ready(503)],
        [15, ready(503)],
      ],
      ['SEV-0'],
    ],
    [
      'twice within fifteen seconds is not yet',
      [
        [0, ready(503)],
        [14, ready(503)],
      ],
      [],
    ],
    ['once is not', [[0, ready(503)]], []],
    [
      'with an answer in between is not',
      [
        [0, ready(503)],
        [8, ready(200)],
        [16, ready(503)],
      ],
      [],
    ],
    [
      'is every core check failing',
      [
        [0, check('pairs', ['core'], false, {})],
        [1, check('sol', ['core'], false, {})],
        [17, check('sol', ['core'], false, {})],
      ],
      ['SEV-0'],
    ],
    [
      'is a connection refused',
      [
        [0, connection('sol', 'refused')],
        [15, connection('sol', 'refused')],
      ],
      ['SEV-0'],
    ],
    [
      'is a handshake that fails, whatever else is answered',
      [
        [0, connection('stream', 'handshake')],
        [8, check('pairs', ['core'], true, {})],
        [15, connection('stream', 'handshake')],
      ],
      ['SEV-0'],
    ],
    [
      'is not two checks that were refused once each',
      [
        [0, connection('sol', 'refused')],
        [15, connection('pairs', 'refused')],
      ],
      [],
    ],
    [
      'is a database that is not there',
      [
        [0, database(0)],
        [15, database(0)],
      ],
      ['SEV-0'],
    ],
    [
      'is said once of a target that takes no connection and is not ready either',
      [
        [0, ready(503)],
        [15, ready(503)],
        [16, connection('sol', 'refused')],
        [40, connection('sol', 'refused')],
      ],
      ['SEV-0'],
    ],
    [
      'is not one core check failing',
      [
        [0, check('pairs', ['core'], true, {})],
        [1, check('sol', ['core'], false, {})],
        [17, check('sol', ['core'], false, {})],
      ],
      [],
    ],
  ])('%s', (_, entries, expected) => {
    const severities = write(entries).changes.map(({ change }) =>
      'severity' in change ? change.severity : change.kind,
    );
    expect(severities).toEqual(expected);
  });
});

describe('samples', () => {
  test('that come after their bucket was closed are dropped and counted', () => {
    const { of, changes } = write([
      [66, tick],
      [67, samples('rest.latency', 30, slow)],
      [130, tick],
    ]);
    expect(of('sampling.dropped').map(({ data }) => data)).toEqual([
      { signal: 'rest.latency', count: 25, latestMs: 36_000 },
    ]);
    expect(changes).toEqual([]);
  });

  test('that come too late are counted by signal, whatever they are, with the latest of them', () => {
    const histogram = { kind: 'histogram', le: [100, null], counts: [5, 5] } as const;
    const late: Draft = {
      type: 'samples',
      data: { ...samplesOf('db.latency', 30, histogram), source: 'server' },
    };
    const { of } = write([
      [66, tick],
      [67, samples('rest.latency', 30, slow)],
      [68, samples('rest.latency', 40, slow)],
      [69, samples('rest.errors', 30, { kind: 'ratio', total: 100, bad: 1, throttled: 0 })],
      [70, late],
      [130, tick],
      [190, tick],
    ]);
    expect(of('sampling.dropped').map(({ data }) => data)).toEqual([
      { signal: 'rest.latency', count: 50, latestMs: 36_000 },
      { signal: 'rest.errors', count: 100, latestMs: 38_000 },
      { signal: 'db.latency', count: 1, latestMs: 39_000 },
    ]);
  });

  test('that come within five seconds after it still count', () => {
    const { of } = write([
      [64, samples('rest.latency', 30, slow)],
      [130, tick],
    ]);
    expect(of('sampling.dropped')).toEqual([]);
  });

  test('of a bucket in which a clock jumped say nothing', () => {
    const jump: Draft = { type: 'clock.jump', data: { wallMs: 1, monotonicMs: 1 } };
    const bad = [0, 60, 120, 180, 240].map(
      (second) => [second + 30, samples('rest.latency', second, slow)] as const,
    );
    expect(write([...bad, [306, tick]]).changes).toHaveLength(1);
    expect(write([[20, jump], ...bad, [306, tick]]).changes).toHaveLength(0);
  });

  test.each<[string, number, string[]]>([
    ['forward', 1_000_000, []],
    ['back', -30_000, []],
    ['not at all', 0, ['declared']],
  ])('of the bucket that a clock left say nothing: %s', (_, byMs, expected) => {
    const bad = [0, 60, 120, 180, 240].map(
      (second) => [second + 30, samples('rest.latency', second, slow)] as const,
    );
    const data = { wallMs: 1, monotonicMs: 1, byMs };
    const after = [280 + byMs / 1_000, { type: 'clock.jump', data }] as const;
    const { changes } = write([...bad, ...(byMs === 0 ? [] : [after]), [1_400, tick]]);
    expect(changes.map(({ kind }) => kind)).toEqual(expected);
  });

  test('that stay away for three minutes leave us blind, told once', () => {
    const { of } = write([
      [1, samples('rest.latency', 0, slow)],
      ...[70, 130, 190, 250, 310].map((at) => [at, tick] as const),
    ]);
    expect(of('incident.blind').map(({ data }) => data)).toEqual([
      { signal: 'rest.latency', sinceMs: origin + 1_000 },
    ]);
  });
});

describe('an incident', () => {
  const down = { ...well, down: true, fallback: true };

  test('is declared by the signal that explains the others', () => {
    const { changes } = play([well, ...repeat(2, { ...down, freshness: 9_000 })]);
    const by = changes.map(({ change }) => ('by' in change ? change.by.signal : ''));
    expect(by.slice(0, 2)).toEqual(['provider.health', 'freshness']);
  });

  test('is not over while too few requests tell the error rate', () => {
    const few = { ...well, requests: 9 };
    const { changes } = play([well, down, down, ...repeat(14, few)]);
    expect(changes.map(({ kind }) => kind)).not.toContain('recovered');
  });
});
