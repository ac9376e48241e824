import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeJson } from '../../support/rig/interceptor.ts';
import type { Answer, Rule } from '../../support/rig/interceptor.ts';
import { setUpRig } from '../../support/rig/rig.ts';
import type { Rig } from '../../support/rig/rig.ts';
import { checksIn } from '../../support/rig/siaga.ts';

let rig: Rig;
beforeAll(async () => void (rig = await setUpRig()));
afterAll(() => rig[Symbol.asyncDispose]());

const html: Answer = {
  status: 200,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: Buffer.from('<!doctype html><title>Welcome</title>'),
};

const without = (answer: Answer, pattern: RegExp): Answer => ({
  ...answer,
  headers: Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !pattern.test(name))),
});

const isEcho = (text: string): boolean => text.includes('"echo"');

interface Violation {
  readonly path: string;
  readonly rule: string;
  readonly got: unknown;
  readonly allowed: string;
}

describe('siaga check fails exactly the check that is about', () => {
  const rows: readonly (readonly [what: string, rule: Rule, failed: Record<string, Violation[]>])[] = [
    ['nothing: the unsabotaged twin', {}, {}],
    [
      'RateLimit headers that are stripped',
      { answer: (answer) => without(answer, /^ratelimit/) },
      {
        'pairs-supported': [
          {
            path: 'headers.ratelimit',
            rule: 'the header is present',
            got: 'none of them',
            allowed:
              'ratelimit + ratelimit-policy, or ratelimit-limit + ratelimit-remaining + ratelimit-reset',
          },
        ],
      },
    ],
    [
      'a screener that answers HTML with 200',
      { instead: ({ path }) => (path === '/api/screener/screen' ? html : undefined) },
      {
        screener: [
          {
            path: 'content-type',
            rule: 'the content type is as expected',
            got: 'text/html; charset=utf-8',
            allowed: 'application/json',
          },
          {
            path: 'body',
            rule: 'the body is JSON, not HTML',
            got: 'HTML',
            allowed: 'JSON',
          },
        ],
      },
    ],
    [
      'an orderBook that is missing',
      changeJson('/api/sol/complete', ({ orderBook: _, ...body }) => body),
      {
        'sol-complete': [
          {
            path: 'body.orderBook',
            rule: 'the body follows its schema',
            got: 'missing',
            allowed: 'Invalid input: expected object, received undefined',
          },
        ],
      },
    ],
    [
      'an asOf six seconds old',
      changeJson('/api/sol/complete', (body) => ({ ...body, asOf: Number(body['serverTime']) - 6_000 })),
      {
        freshness: [
          {
            path: 'body.asOf',
            rule: 'data is at most 5s old',
            got: '6000 ms old',
            allowed: 'data is at most 5s old',
          },
        ],
      },
    ],
    [
      'an echo 400 ms late',
      { holdMessageMs: (text) => (isEcho(text) ? 400 : 0) },
      {
        stream: [
          {
            path: 'durationMs',
            rule: 'the answer comes in time',
            got: expect.stringMatching(/^[4-9]\d\d ms$/),
            allowed: 'at most 350 ms',
          },
        ],
      },
    ],
  ];
  it.each(rows)('%s', async (_, rule, failed) => {
    using _lie = rig.interceptor.use(rule);
    const envelope = await rig.run(['check', '--no-stay']);
    const found = checksIn(envelope).filter(({ outcome }) => outcome !== 'passed');
    expect(Object.fromEntries(found.map(({ name, violations }) => [name, violations]))).toEqual(failed);
    const codes = Object.keys(failed).length > 0 ? [1, 'failed'] : [0, 'passed'];
    expect([envelope.exitCode, envelope.verdict]).toEqual(codes);
    await rig.expectClean();
  });
});
