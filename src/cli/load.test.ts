import { describe, expect, test } from 'vitest';
import { collectEnv } from './load.ts';

describe('hostile 4: -e', () => {
  const own = { TOKEN: 'from-the-environment', EMPTY: '' };

  test.each([
    ['TOKEN', { TOKEN: 'from-the-environment' }],
    ['EMPTY', { EMPTY: '' }],
    ['TOKEN=given', { TOKEN: 'given' }],
    ['TOKEN=', { TOKEN: '' }],
    ['A=b=c\nd', { A: 'b=c\nd' }],
  ])('%j', (text, found) => {
    expect(collectEnv(text, { EARLIER: '1' }, own)).toEqual({ EARLIER: '1', ...found });
  });

  test.each([
    ['MISSING', 'MISSING is not set'],
    ['=value', 'allowed: NAME or NAME=VALUE'],
    ['', 'allowed: NAME or NAME=VALUE'],
    ['a-b=secret-value', 'allowed: NAME or NAME=VALUE'],
  ])('%j is refused, and a value is not repeated', (text, says) => {
    expect(() => collectEnv(text, {}, own)).toThrow(says);
    expect(() => collectEnv(text, {}, own)).not.toThrow('secret-value');
  });
});
