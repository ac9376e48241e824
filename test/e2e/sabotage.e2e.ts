import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeJson } from '../support/rig/interceptor.ts';
import type { Answer, Rule } from '../support/rig/interceptor.ts';
import { setUpRig } from '../support/rig/rig.ts';
import type { Rig } from '../support/rig/rig.ts';
import { checksIn } from '../support/rig/siaga.ts';

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

describe('siaga check fails exactly the check that is about', () => {
  const rows: readonly (readonly [name: string, rule: Rule, failed: object])[] = [
    ['nothing', {}, {}],
    [
      'RateLimit headers that are stripped',
      { answer: (answer) => without(answer, /^ratelimit/) },
      { 'pairs-supported': [] },
    ],
    [
      'a screener that answers HTML with 200',
      { instead: ({ path }) => (path === '/api/screener/screen' ? html : undefined) },
      { screener: [] },
    ],
    [
      'an orderBook that is missing',
      changeJson('/api/sol/complete', ({ orderBook: _, ...body }) => body),
      { 'sol-complete': [] },
    ],
    [
      'an asOf six seconds old',
      changeJson('/api/sol/complete', (body) => ({ ...body, asOf: Number(body['serverTime']) - 6_000 })),
      { freshness: [] },
    ],
    ['an echo 400 ms late', { holdMessageMs: (text) => (isEcho(text) ? 400 : 0) }, { stream: [] }],
  ];
  it.each(rows)('%s', async (_, rule, failed) => {
    using _lie = rig.interceptor.use(rule);
    const envelope = await rig.run(['check', '--no-stay']);
    const found = checksIn(envelope).filter(({ outcome }) => outcome !== 'passed');
    expect(Object.fromEntries(found.map(({ name, violations }) => [name, violations]))).toEqual(failed);
    expect(envelope).toMatchObject({ exitCode: Object.keys(failed).length > 0 ? 1 : 0 });
    await rig.expectClean();
  });
});
