import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignedSecrets, createSecrets, hideByForm, redacted, redactor, urlSecrets } from './redact.ts';

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

it('hostile 8: what is too short or too ordinary to be a secret stays, so that a report can be read', () => {
  const text = 'true, 80 of 5432 at 127.0.0.1, p95 = 12.5 ms, postgres, rest.latency';
  const found = ['', 'a', '123', 'true', '80', '5432', '12.5', '127.0.0.1', 'postgres', 'rest', 'latency'];
  expect(redactor(found, ['postgres', 'rest.latency'])(text)).toBe(text);
  expect(redactor(['-100123456'])('chat -100123456')).toBe(`chat ${redacted}`);
});

describe('secrets of a process', () => {
  it('are hidden from the moment they are known, but for names', () => {
    const secrets = createSecrets(['samples']);
    secrets.keep(['samples', 'redacted', 'hunter22']);
    expect(secrets.hide('samples hunter22 staging')).toBe(`samples ${redacted} staging`);
    secrets.keep(['staging'], ['staging']);
    secrets.keep(['hunter23']);
    expect(secrets.hide('samples hunter22 staging hunter23')).toBe(`samples ${redacted} staging ${redacted}`);
  });

  it.each([
    ['the userinfo of a URL', 'at https://me:pw@host/x', `at https://${redacted}@host/x`],
    ['an Authorization header', 'Bearer abc.def-123', `Bearer ${redacted}`],
    [
      'an assignment',
      'sh: DB_PASSWORD=hunter2; api-key=x1',
      `sh: DB_PASSWORD=${redacted}; api-key=${redacted}`,
    ],
    [
      'an address without any',
      'mail a@b.c, //x/y@z, https://host/@me',
      'mail a@b.c, //x/y@z, https://host/@me',
    ],
    ['words', 'basic authentication, a token, key = 3', 'basic authentication, a token, key = 3'],
  ])('%s', (_, text, hidden) => {
    expect(hideByForm(text)).toBe(hidden);
    const json = JSON.stringify({ text, more: ['a@b', text] });
    expect(JSON.parse(hideByForm(json))).toEqual({ text: hidden, more: ['a@b', hidden] });
  });

  it.each([
    ['DB_PASSWORD', 'hunter', ['hunter']],
    ['MODE', 'heavy', []],
    ['SIG', 'a1b2c3', ['a1b2c3']],
    ['UPSTREAM', 'https://me:pw12@h/x?sig=abc', ['pw12', 'abc']],
  ])('of an assignment %s=%s', (name, value, found) => {
    expect(assignedSecrets(name, value)).toEqual(found);
  });

  it('of a URL, as it is written and decoded', () => {
    expect(urlSecrets('https://h/path?key=a%2Fb&flag')).toEqual(['a%2Fb', 'a/b']);
    expect(urlSecrets('no url')).toEqual([]);
    expect(urlSecrets('https://t0ken@h')).toEqual(['t0ken']);
    expect(urlSecrets('redis://default:pw-1@h')).toEqual(['pw-1']);
  });
});
