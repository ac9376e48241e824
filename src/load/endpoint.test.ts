import { expect, test } from 'vitest';
import { EndpointNames } from './endpoint-tally.ts';

const point = (tags: Record<string, string>) => ({ metric: 'http_req_duration', at: 0, value: 1, tags });

test.each([
  ['our own tag first', { endpoint: 'GET /api', name: 'x', method: 'POST' }, 'GET /api'],
  [
    'the path of a URL, without its query',
    { method: 'GET', name: 'https://u:p@h/a/b?token=1', url: '' },
    'GET /a/b',
  ],
  ['a name the script gave', { method: 'POST', name: 'items', url: 'http://h/items/7' }, 'POST items'],
  ['nothing at all', {}, 'GET unknown'],
  ['no control characters', { endpoint: 'a\u001B[2Jb' }, 'a [2Jb'],
])('%s', (_, tags, name) => {
  expect(new EndpointNames().of(point(tags))).toBe(name);
});

test('names are bounded: a URL per request does not fill the memory', () => {
  const names = new EndpointNames();
  const all = new Set(Array.from({ length: 1_000 }, (_, n) => names.of(point({ endpoint: `GET /${n}` }))));
  expect(all.size).toBe(201);
  expect(names.of(point({ endpoint: 'GET /0' }))).toBe('GET /0');
});
