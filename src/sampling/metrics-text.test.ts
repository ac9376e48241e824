import { describe, expect, test } from 'vitest';
import { parseMetrics } from './metrics-text.ts';

describe('a line of metrics', () => {
  test.each<[string, string, object, number]>([
    ['up 1', 'up', {}, 1],
    ['a:b_total 1.5e3', 'a:b_total', {}, 1_500],
    ['a{x="1"} 2', 'a', { x: '1' }, 2],
    ['a{x="1",y="2",} -3', 'a', { x: '1', y: '2' }, -3],
    ['a { x = "1" , y="2" }  4', 'a', { x: '1', y: '2' }, 4],
    ['a{x="}, {\\"quoted\\" \\\\ \\n"} 5', 'a', { x: '}, {"quoted" \\ \n' }, 5],
    ['a{le="+Inf"} +Inf', 'a', { le: '+Inf' }, Infinity],
    ['a -Inf', 'a', {}, -Infinity],
    ['a NaN', 'a', {}, Number.NaN],
    ['   a 7\r', 'a', {}, 7],
  ])('%s', (line, name, labels, value) => {
    expect(parseMetrics(line)).toEqual([{ name, labels, value }]);
  });
});

test('a timestamp is in milliseconds, of OpenMetrics in seconds', () => {
  expect(parseMetrics('a{} 6 1700000000000')).toEqual([
    { name: 'a', labels: {}, value: 6, at: 1_700_000_000_000 },
  ]);
  expect(parseMetrics('a 6 1700000000.5\n# EOF')).toMatchObject([{ at: 1_700_000_000_500 }]);
});

test('comments and empty lines are none', () => {
  expect(parseMetrics('# HELP a b\n# TYPE a counter\n\n  # x\na 1\n')).toHaveLength(1);
});

describe('what is no metric is an error that names its line', () => {
  test.each(['<html>', 'a', 'a one', 'a{x=1} 1', 'a{x="1" 1', 'a{x="1"y="2"} 1', '{"json":1}', '1a 1'])(
    '%s',
    (line) => {
      expect(() => parseMetrics(`ok 1\n${line}`)).toThrow(/^line 2 is no metric/);
    },
  );
});
