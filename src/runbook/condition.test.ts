import { expect, test } from 'vitest';
import { formatBeside, formatCondition, parseCondition } from './condition.ts';
import { holds } from './holds.ts';

test.each([
  ['p95 > 650ms', 'p95', '>', 650, 'ms', 'p95 > 650 ms'],
  ['p99.9 >= 1.5s', 'p99.9', '>=', 1_500, 'ms', 'p99.9 >= 1.5 s'],
  ['rate < 1%', 'rate', '<', 0.01, 'ratio', 'rate < 1%'],
  ['max > 90s', 'max', '>', 90_000, 'ms', 'max > 1 min 30 s'],
  ['count > 20', 'count', '>', 20, 'count', 'count > 20'],
])('%s', (text, statistic, comparison, value, unit, shown) => {
  const condition = parseCondition(text);
  expect(condition).toEqual({ statistic, comparison, value, unit });
  expect(condition && formatCondition(condition, condition.unit)).toBe(shown);
});

test.each(
  ['p95', 'p95 > ', 'p95>650ms', 'p95 > -1ms', 'avg > 1ms', 'p95 => 1ms', ''].filter(
    (text) => text !== 'p95 > 650',
  ),
)('%j is no condition', (text) => {
  expect(parseCondition(text)).toBeUndefined();
});

test('comparisons are exact', () => {
  const slow = { statistic: 'p95', comparison: '>', value: 650 } as const;
  expect([649.99, 650, 650.01].map((value) => holds(slow, value))).toEqual([false, false, true]);
});

test.each([
  [1_003.25, 'p99 > 1s', '1003.25 ms'],
  [1_000, 'p99 > 1s', '1 s'],
  [1_240, 'p99 > 1s', '1.2 s'],
  [0.020_04, 'rate > 2%', '2.004%'],
  [0.02, 'rate > 2%', '2%'],
  [1.001, 'max < 1', '1.001'],
])('two-am: %d beside the limit of %s is told as %s', (value, limit, text) => {
  const condition = parseCondition(limit);
  expect(condition && formatBeside(value, condition, condition.unit)).toBe(text);
});
