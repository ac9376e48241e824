import { expect, test } from 'vitest';
import { redactor } from '../../kernel/redact.ts';
import { pointHider } from './hide-points.ts';

const point = (url: string, value = 1.5): string =>
  `{"metric":"http_reqs","type":"Point","data":{"time":"2026-09-13T03:40:16.123456Z","value":${value},"tags":{"url":"${url}","name":"${url}"}}}`;

test('hostile 4: raw points hold no secret and no query, whoever measures keeps the query', () => {
  const hide = pointHider(redactor(['s3cret-token']));
  const { shown, kept } = hide(point('http://h/s3cret-token/x?page=1&sig=s3cret-token'));
  expect(shown).toBe(point('http://h/[redacted]/x?page=1&sig=[redacted]'));
  expect(kept).toBe(point('http://h/[redacted]/x'));
});

test('only time and value differ between two points of one URL', () => {
  let looks = 0;
  const hide = pointHider((text) => {
    looks++;
    return text;
  });
  for (const value of [1, -2.5, 3e-7])
    expect(hide(point('http://h/x', value)).kept).toBe(point('http://h/x', value));
  expect(looks).toBe(2);
});

test('a line of another form is hidden as a whole, and names that never repeat are forgotten', () => {
  const hide = pointHider(redactor(['s3cret-token']));
  for (let n = 0; n < 6_000; n++) hide(`{"n":${n}}`);
  expect(hide('{"type":"Metric","data":{"name":"s3cret-token"}}').kept).not.toContain('s3cret');
});
