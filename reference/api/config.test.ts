import { describe, expect, it } from 'vitest';
import { describeProblem } from '../shared/environment.ts';
import { readConfig } from './config.ts';

const valid = {
  DATABASE_URL: 'postgres://siaga@127.0.0.1:5432/siaga',
  REDIS_URL: 'redis://127.0.0.1:6379',
  COINAPI_URL: 'http://127.0.0.1:4001',
  OKX_URL: 'http://127.0.0.1:4002',
  REFERENCE_ADMIN_TOKEN: 'a-secret',
};

function problemsOf(change: Record<string, string | undefined>): string[] {
  const result = readConfig({ ...valid, ...change });
  return result.kind === 'invalid' ? result.problems.map(describeProblem) : [];
}

describe('the configuration', () => {
  it('needs the addresses of its dependencies and the admin token, all named at once', () => {
    const result = readConfig({});
    const names = result.kind === 'invalid' ? result.problems.map((problem) => problem.name) : [];
    expect(names).toEqual(['DATABASE_URL', 'REDIS_URL', 'COINAPI_URL', 'OKX_URL', 'REFERENCE_ADMIN_TOKEN']);
  });

  it('divides the sixty seconds to half-open by the speed, and nothing else', () => {
    const [slow, fast] = [readConfig(valid), readConfig({ ...valid, REFERENCE_SPEED: '30' })];
    if (slow.kind === 'invalid' || fast.kind === 'invalid') throw new Error('should be valid');
    expect(slow.config.halfOpenAfterMs).toBe(60_000);
    expect(fast.config).toEqual({ ...slow.config, halfOpenAfterMs: 2_000 });
  });

  it.each([
    ['PORT', 'http', 'PORT: got "http", allowed is a whole number from 0 to 65535'],
    ['DB_POOL_SIZE', '0', 'DB_POOL_SIZE: got "0", allowed is a whole number from 1 to 200'],
    ['REFERENCE_SPEED', '0', 'REFERENCE_SPEED: got "0", allowed is a number from 0.1 to 60'],
    ['FALLBACK_PROVIDER', 'kraken', 'FALLBACK_PROVIDER: got "kraken", allowed is okx | cache'],
    [
      'RATE_LIMIT_CLIENTS',
      'x',
      'RATE_LIMIT_CLIENTS: got "x", allowed is NAME=LIMIT;w=SECONDS;burst=COUNT,… with each name once',
    ],
  ])('refuses %s=%s', (name, value, message) => {
    expect(problemsOf({ [name]: value })).toEqual([message]);
  });

  it('never shows what may be a secret', () => {
    expect(problemsOf({ DATABASE_URL: 'siaga:hunter2@db' }).join()).not.toContain('hunter2');
  });
});
