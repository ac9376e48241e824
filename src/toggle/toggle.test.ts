import { describe, expect, test } from 'vitest';
import { SiagaError } from '../kernel/errors.ts';
import { compareToggles } from './compare.ts';
import { parseToggles } from './parse.ts';
import { readToggles } from './read.ts';

const normal = { FEATURE_COINAPI_ENABLED: 'true', SCREENER_MAX_CONCURRENCY: '4' };

describe('toggles against the normal ones', () => {
  test.each<[string, Record<string, string>, string[]]>([
    ['as they should be', { ...normal }, []],
    ['written another way', { FEATURE_COINAPI_ENABLED: ' TRUE ', SCREENER_MAX_CONCURRENCY: '04' }, []],
    ['with others that nobody asked for', { ...normal, OTHER: 'x' }, []],
    ['one left changed', { ...normal, SCREENER_MAX_CONCURRENCY: '2' }, ['SCREENER_MAX_CONCURRENCY=2≠4']],
    [
      'all of them changed, in the order of the runbook',
      { SCREENER_MAX_CONCURRENCY: '2', FEATURE_COINAPI_ENABLED: 'false' },
      ['FEATURE_COINAPI_ENABLED=false≠true', 'SCREENER_MAX_CONCURRENCY=2≠4'],
    ],
    [
      'one that the system does not tell',
      { FEATURE_COINAPI_ENABLED: 'true' },
      ['SCREENER_MAX_CONCURRENCY=not told≠4'],
    ],
    [
      'a name every object has',
      { constructor: 'x' },
      ['FEATURE_COINAPI_ENABLED=not told≠true', 'SCREENER_MAX_CONCURRENCY=not told≠4'],
    ],
  ])('%s', (_name, got, expected) => {
    expect(compareToggles(got, normal).map((each) => `${each.name}=${each.got}≠${each.normal}`)).toEqual(
      expected,
    );
  });
});

test.each<[string, Record<string, string> | undefined]>([
  ['{"A":"1","B":2,"C":true,"D":{"x":1},"E":null}', { A: '1', B: '2', C: 'true' }],
  ['{}', {}],
  ['[]', undefined],
  ['"a"', undefined],
  ['null', undefined],
  ['<html>', undefined],
])('toggles in %s', (text, expected) => {
  expect(parseToggles(text)).toEqual(expected);
});

const place = 'http://127.0.0.1:3000/toggles';
const answering = (text: string) => ({ place, read: async () => parseToggles(text) ?? {} });

describe('reading', () => {
  test('tells what is abnormal', async () => {
    const read = await readToggles(
      { place, read: async () => ({ ...normal, SCREENER_MAX_CONCURRENCY: '2' }) },
      normal,
    );
    expect(read).toMatchObject({
      ok: true,
      abnormal: [{ name: 'SCREENER_MAX_CONCURRENCY', got: '2', normal: '4' }],
    });
  });

  test.each<[string, string, object]>([
    [
      'one that is not told is unknown, never abnormal',
      '{"FEATURE_COINAPI_ENABLED":true}',
      { ok: false, abnormal: [], reason: `SCREENER_MAX_CONCURRENCY was not reported by ${place}` },
    ],
    [
      'none of them, by an answer without any',
      '{}',
      {
        ok: false,
        values: {},
        abnormal: [],
        reason: `FEATURE_COINAPI_ENABLED, SCREENER_MAX_CONCURRENCY were not reported by ${place}`,
      },
    ],
    [
      'what is told beside it stands, normal or not',
      '{"FEATURE_COINAPI_ENABLED":"false"}',
      {
        ok: false,
        values: { FEATURE_COINAPI_ENABLED: 'false' },
        abnormal: [{ name: 'FEATURE_COINAPI_ENABLED', got: 'false', normal: 'true' }],
      },
    ],
    [
      'a value that is no plain one is not told',
      '{"FEATURE_COINAPI_ENABLED":{"on":true},"SCREENER_MAX_CONCURRENCY":null}',
      { ok: false, values: {}, abnormal: [] },
    ],
    [
      'a number and a boolean are told as they are written',
      '{"FEATURE_COINAPI_ENABLED":true,"SCREENER_MAX_CONCURRENCY":4}',
      { ok: true, abnormal: [] },
    ],
    [
      'an empty text is a value, and not the normal one',
      '{"FEATURE_COINAPI_ENABLED":"","SCREENER_MAX_CONCURRENCY":4}',
      { ok: true, abnormal: [{ name: 'FEATURE_COINAPI_ENABLED', got: '', normal: 'true' }] },
    ],
  ])('A7: %s', async (_, text, expected) => {
    expect(await readToggles(answering(text), normal)).toMatchObject(expected);
  });

  test('of a system that does not answer is not ok, and nothing in it is called normal', async () => {
    const error = new SiagaError('toggles-unreadable', { what: 'the system does not answer', exitCode: 3 });
    const read = await readToggles({ place, read: () => Promise.reject(error) }, normal);
    expect(read).toEqual({ values: {}, abnormal: [], ok: false, reason: 'the system does not answer' });
  });

  test('that was interrupted rejects with the reason', async () => {
    const signal = AbortSignal.abort(new Error('Ctrl-C'));
    const silent = { place, read: () => Promise.reject(new Error('x')) };
    await expect(readToggles(silent, normal, signal)).rejects.toThrow('Ctrl-C');
  });
});
