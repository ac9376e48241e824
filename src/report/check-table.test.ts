import { expect, test } from 'vitest';
import type { CheckFinished } from '../event/catalogue.ts';
import { renderChecks } from './check-table.ts';

const finished = (check: string, over: Partial<CheckFinished> = {}): CheckFinished => ({
  check,
  title: check,
  tags: [],
  endpoint: `GET /${check}`,
  outcome: 'passed',
  violations: [],
  durationMs: 12,
  status: 200,
  requestId: `id-${check}`,
  latenessMs: 0,
  loopLagMs: 0,
  lane: 'a',
  states: {},
  ...over,
});

const round = [
  finished('pairs'),
  finished('stream', {
    outcome: 'inconclusive',
    reason: 'our own request budget ran out (429)',
    status: 429,
  }),
  finished('sol-complete', {
    outcome: 'failed',
    durationMs: 1_204,
    violations: [
      { path: 'body.orderBook', rule: 'the body follows its schema', got: 'missing', allowed: 'an object' },
      {
        path: 'body.degraded',
        rule: 'what is not from CoinAPI is marked degraded',
        got: 'false',
        allowed: 'what is not from CoinAPI is marked degraded',
      },
    ],
  }),
];

test('what failed comes first, with what is expected, what was got and its request; what is well takes a line', () => {
  expect(renderChecks(round)).toBe(
    [
      'FAILED   sol-complete  GET /sol-complete  200  1.2 s',
      '         body.orderBook: expected an object, got missing',
      '         body.degraded: what is not from CoinAPI is marked degraded, got false',
      '         request  id-sol-complete',
      'UNKNOWN  stream        GET /stream  429  12 ms',
      '         says nothing about the target: our own request budget ran out (429)',
      '         request  id-stream',
      'ok       pairs         GET /pairs  200  12 ms',
      '',
      '1 passed, 1 failed, 1 inconclusive',
    ].join('\n'),
  );
});

test('two-am: a failure is said in one line, and what the answer said stands below it', () => {
  const failed = finished('prices', {
    outcome: 'failed',
    status: 503,
    violations: [{ path: 'status', rule: 'the status is as expected', got: '503', allowed: '200' }],
    excerpt: 'PROVIDER_UNAVAILABLE: \u001B[31mno price source is available',
  });
  const lines = renderChecks([failed]).split('\n');
  expect(lines[1]?.trim()).toBe('status: expected 200, got 503');
  expect(lines[2]?.trim()).toBe('it said  PROVIDER_UNAVAILABLE: [31mno price source is available');
  expect(renderChecks([failed], { bodies: false })).not.toContain('PROVIDER_UNAVAILABLE');
});

test('only the outcome is painted', () => {
  const painted = renderChecks(round, { paint: (outcome, text) => `<${outcome}>${text}</>` });
  expect(painted.match(/<[^/][^>]*>[^<]*<\/>/g)).toEqual([
    '<failed>FAILED </>',
    '<inconclusive>UNKNOWN</>',
    '<passed>ok     </>',
  ]);
});

test('nothing at all is said as such', () => {
  expect(renderChecks([]).trim()).toBe('0 passed, 0 failed, 0 inconclusive');
});
