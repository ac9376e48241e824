import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { excerpt, masked } from './excerpt.ts';

describe('two-am: what a failed answer said', () => {
  test.each<[what: string, body: string, shown: string]>([
    [
      'is shown',
      '{"error":{"code":"PROVIDER_UNAVAILABLE","message":"no price source is available"}}',
      '{"error":{"code":"PROVIDER_UNAVAILABLE","message":"no price source is available"}}',
    ],
    ['is shown as text', 'upstream connect error', 'upstream connect error'],
    [
      'of a web page is its text',
      '<html><head><style>a{}</style><title>502 Bad Gateway</title></head><input value="t0ken"></html>',
      '502 Bad Gateway',
    ],
    ['hides a token', '{"user":"a","accessToken":"abc123"}', '{"user":"a","accessToken":"[redacted]"}'],
    [
      'hides what lies below such a name',
      '{"Authorization":{"Bearer":"abc"}}',
      '{"Authorization":"[redacted]"}',
    ],
    [
      'hides such names in lists',
      '[{"e-mail":"a@b.example"},{"PASSWORD":1}]',
      '[{"e-mail":"[redacted]"},{"PASSWORD":"[redacted]"}]',
    ],
    [
      'hides addresses anywhere',
      '{"message":"no user ann@shop.example"}',
      '{"message":"no user [redacted]"}',
    ],
    [
      'hides assignments in a message',
      '{"message":"bad secret=abc, retry"}',
      '{"message":"bad secret=[redacted], retry"}',
    ],
    [
      'hides them in text',
      'token: abc123; password = "x y", ok',
      'token: [redacted]; password = [redacted], ok',
    ],
    ['hides credentials', 'Authorization: Bearer abc.def now', 'Authorization: [redacted] now'],
    ['hides what breaks off', '{"id":1,"api_key":"abc', '{"id":1,"api_key":[redacted]'],
    [
      'hides all that follows a structure that breaks off',
      '{"session":{"a":1,"b":"abc"',
      '{"session":[redacted]',
    ],
  ])('%s', (_, body, shown) => {
    expect(excerpt(body).replaceAll(/\s+/g, ' ').trim()).toBe(shown);
  });

  test('never says the value of a name that tells it is secret, in whatever structure', () => {
    const name = fc.constantFrom(
      'token',
      'refresh_token',
      'userPassword',
      'Authorization',
      'E-Mail',
      'clientSecret',
    );
    const secret = fc.stringMatching(/^[a-z]{12}$/).map((text) => `zz${text}`);
    const rest = fc.dictionary(fc.stringMatching(/^[a-f]{1,4}$/), fc.integer());
    fc.assert(
      fc.property(name, secret, rest, fc.nat(400), (key, value, around, cut) => {
        const whole = JSON.stringify({ ...around, deep: [{ [key]: value }], ...around });
        expect(excerpt(whole)).not.toContain(value);
        expect(excerpt(whole.slice(0, cut))).not.toContain(value);
        expect(masked(`${key}=${value}`)).not.toContain(value);
      }),
    );
  });

  test.each([
    ['one word', 'a'.repeat(2_000_000)],
    ['many signs', 'a@'.repeat(500_000)],
    ['open tags', '<script'.repeat(200_000)],
    ['deep lists', '['.repeat(60_000)],
    ['deep lists that are closed', `${'['.repeat(30_000)}${']'.repeat(30_000)}`],
  ])('is found in any body: %s', (_, body) => {
    expect(typeof excerpt(body)).toBe('string');
  });
});
