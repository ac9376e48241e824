import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redacted, redactor } from './redact.ts';

const token = '123456789:AAH-x_9/zq+W="<&é';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('a redactor removes a secret', () => {
  const redact = redactor([token]);
  it.each([
    ['as it is', token],
    ['percent-encoded', encodeURIComponent(token)],
    [
      'percent-encoded in lower case',
      encodeURIComponent(token).replaceAll(/%../g, (code) => code.toLowerCase()),
    ],
    ['percent-encoded in every byte', Buffer.from(token).toString('hex').replaceAll(/../g, '%$&')],
    ['JSON-escaped', JSON.stringify(token).slice(1, -1)],
    [
      'JSON-escaped beyond ASCII',
      JSON.stringify(token)
        .slice(1, -1)
        .replace('é', String.raw`\u00e9`),
    ],
    ['as HTML entities', token.replace('"', '&quot;').replace('<', '&lt;').replace('&é', '&amp;&#233;')],
    ['in hex', Buffer.from(token).toString('hex')],
    ['in upper-case hex', Buffer.from(token).toString('hex').toUpperCase()],
  ])('%s', (_, written) => {
    expect(redact(`https://host/bot${written}/send`)).toBe(`https://host/bot${redacted}/send`);
  });

  it.each(['', 'u', 'us', 'user:'])('in base64 behind %j', (before) => {
    const text = redact(`Basic ${base64(`${before}${token}:more`)}`);
    expect(text).toContain(redacted);
    const left = text.replace(redacted, '').replace('Basic ', '');
    expect(left.length).toBeLessThan(base64(`${before}:more`).length + 8);
  });

  it('in URL-safe base64', () => {
    expect(redact(Buffer.from(token).toString('base64url'))).not.toContain('MTIzNDU2');
  });
});

it('leaves a text without secrets as it is', () => {
  const text = 'p95 = 820 ms, error rate 2.8 %';
  expect(redactor([token])(text)).toBe(text);
  expect(redactor([])(text)).toBe(text);
});

it('ignores what is too short to be a secret', () => {
  expect(redactor(['', 'a', '123'])('a banana, 123')).toBe('a banana, 123');
});

it('leaves no rest of a secret that holds another', () => {
  expect(redactor(['abcd', 'abcdefgh'])('xabcdefghx abcd')).toBe(`x${redacted}x ${redacted}`);
});

it('removes any secret from any text, however it is encoded', () => {
  const secret = fc.string({ minLength: 6, maxLength: 40, unit: 'grapheme-ascii' });
  fc.assert(
    fc.property(secret, fc.string(), (text, around) => {
      const redact = redactor([text]);
      const writings = [text, encodeURIComponent(text), JSON.stringify(text).slice(1, -1)];
      for (const written of writings) {
        expect(redact(`${around}${written}${around}`)).toContain(redacted);
        expect(redact(written)).toBe(redacted);
      }
    }),
  );
});
