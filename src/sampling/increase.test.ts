import { describe, expect, test } from 'vitest';
import type { JudgeSpec } from '../event/specs.ts';
import { increases, type ScrapedMetric, unreportedMetrics } from './increase.ts';
import { namesIn, parseMetrics } from './metrics-text.ts';

const counter: ScrapedMetric = {
  signal: 'slow',
  zeros: true,
  metric: { name: 'slow_total', type: 'counter', labels: {}, scale: 1 },
};
const moves: ScrapedMetric = {
  signal: 'moves',
  zeros: false,
  keep: ['from', 'to'],
  metric: { name: 'moves_total', type: 'counter', labels: { app: 'a' }, scale: 1 },
};
const gauge: ScrapedMetric = {
  signal: 'state',
  zeros: true,
  metric: { name: 'state', type: 'gauge', labels: {}, scale: 1_000 },
};
const histogram: ScrapedMetric = {
  signal: 'db',
  zeros: true,
  metric: { name: 'db', type: 'histogram', labels: {}, scale: 1_000 },
};

function between(metric: ScrapedMetric, before: string | undefined, now: string) {
  return increases(before === undefined ? undefined : parseMetrics(before), parseMetrics(now), [metric]);
}

const counted = (increase: number) => [{ signal: 'slow', labels: {}, data: { kind: 'counter', increase } }];

describe('a counter', () => {
  test.each([
    ['that moved', 'slow_total 5', 'slow_total 8', 3],
    ['that did not is written as zero: it was looked at', 'slow_total 5', 'slow_total 5', 0],
    ['that was not there began at zero', '', 'slow_total 4', 4],
    [
      'sums its series',
      'slow_total{q="a"} 1\nslow_total{q="b"} 1',
      'slow_total{q="a"} 2\nslow_total{q="b"} 4',
      4,
    ],
  ])('%s', (_name, before, now, increase) => {
    expect(between(counter, before, now)).toEqual(counted(increase));
  });

  test('says nothing at the first look, nor where it does not exist', () => {
    expect(between(counter, undefined, 'slow_total 8')).toEqual([]);
    expect(between(counter, '', 'other 1')).toEqual([]);
  });

  test('keeps the labels it is told to, takes only its own series, and leaves zeros out where told', () => {
    const before = 'moves_total{app="a",from="x",to="y",n="1"} 1\nmoves_total{app="a",from="y",to="x"} 1';
    const now = `moves_total{app="a",from="x",to="y",n="1"} 2
      moves_total{app="a",from="x",to="y",n="2"} 1
      moves_total{app="a",from="y",to="x"} 1
      moves_total{app="b",from="x",to="y"} 9`;
    expect(between(moves, before, now)).toEqual([
      { signal: 'moves', labels: { from: 'x', to: 'y' }, data: { kind: 'counter', increase: 2 } },
    ]);
  });
});

describe('a gauge', () => {
  test('is told as it stands, scaled, each series by itself, from the first look on', () => {
    expect(between(gauge, undefined, 'state{name="a"} 2\nstate{name="b"} 0\nstate{name="c"} NaN')).toEqual([
      { signal: 'state', labels: { name: 'a' }, data: { kind: 'values', values: [2_000] } },
      { signal: 'state', labels: { name: 'b' }, data: { kind: 'values', values: [0] } },
    ]);
  });
});

const at = (a: number, b: number, all: number, q = 'x') =>
  `db_bucket{le="0.005",q="${q}"} ${a}\ndb_bucket{le="1.05",q="${q}"} ${b}\ndb_bucket{le="+Inf",q="${q}"} ${all}\ndb_sum{q="${q}"} 9\ndb_count{q="${q}"} ${all}`;
const grown = (...counts: number[]) => [
  { signal: 'db', labels: {}, data: { kind: 'histogram', le: [5, 1_050, null], counts } },
];

describe('a histogram', () => {
  test.each([
    ['grows by bucket, in milliseconds', at(1, 2, 3), at(2, 5, 9), grown(1, 2, 3)],
    ['sums its series', at(1, 2, 3), `${at(2, 3, 4)}\n${at(1, 1, 1, 'y')}`, grown(2, 0, 0)],
    ['that did not grow says nothing', at(1, 2, 3), at(1, 2, 3), []],
  ])('%s', (_name, before, now, expected) => {
    expect(between(histogram, before, now)).toEqual(expected);
  });
});

describe('a configured metric whose name the page does not tell', () => {
  const judge = {
    signals: [counter, gauge, histogram].map(({ signal, metric }) => ({
      name: signal,
      source: 'server',
      metric,
    })),
  } as unknown as JudgeSpec;
  test.each([
    ['on an empty page', '', ['slow_total', 'state', 'db']],
    ['where one was renamed', 'slow_total 1\nstatus 1\ndb_bucket{le="+Inf"} 0', ['state']],
    ['not where it is told without a series yet', '# TYPE slow_total counter\nstate 1\n# HELP db Time', []],
    ['not where its name ends as its type', '# TYPE slow counter\nstate{app="b"} 1\n# TYPE db histogram', []],
  ])('%s', (_, page, untold) => {
    expect(unreportedMetrics(namesIn(page), judge)).toEqual(untold);
  });
});
