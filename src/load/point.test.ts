import { expect, test } from 'vitest';
import { metricOf, parsePoint } from './point.ts';

const line =
  '{"metric":"http_reqs","type":"Point","data":{"time":"2026-01-02T03:04:05.678901234+07:00","value":1,"tags":{"status":"200"}}}';

test('a point is read with its own time, to the millisecond', () => {
  expect(parsePoint(line)).toEqual({
    metric: 'http_reqs',
    at: Date.parse('2026-01-01T20:04:05.678Z'),
    value: 1,
    tags: { status: '200' },
  });
});

test.each([
  ['a declaration of a metric', '{"type":"Metric","data":{"name":"http_reqs"},"metric":"http_reqs"}'],
  ['a line of a summary', '    http_reqs......................: 112    41.431667/s'],
  ['a cut line', line.slice(0, -20)],
  ['JSON of a script', '{"metric":"mine"}'],
  ['a number', '12'],
  ['null', 'null'],
  ['a time that is none', line.replace('2026-01-02', 'yesterday')],
])('%s is no point', (_, text) => {
  expect(parsePoint(text)).toBeUndefined();
});

test('the metric is known without parsing the line', () => {
  expect(metricOf(line)).toBe('http_reqs');
  expect(metricOf('{"type":"Metric"}')).toBeUndefined();
});
