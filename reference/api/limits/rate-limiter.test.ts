import { describe, expect, it } from 'vitest';
import { formatPolicy, parseClients, parsePolicy } from './policy.ts';
import { RateLimiter } from './rate-limiter.ts';

const policy = { limit: 60, windowSeconds: 60, burst: 10 };

function takeMany(limiter: RateLimiter, client: string, times: number, nowMs: number): number {
  return Array.from({ length: times }, () => limiter.take(client, policy, nowMs)).filter((one) => one.allowed)
    .length;
}

describe('a rate limit of 60;w=60;burst=10', () => {
  it('lets ten pass at once and not an eleventh', () => {
    expect(takeMany(new RateLimiter(), 'a', 30, 0)).toBe(10);
  });

  it('lets one pass a second once the burst is used', () => {
    const limiter = new RateLimiter();
    takeMany(limiter, 'a', 10, 0);
    expect(limiter.take('a', policy, 999).allowed).toBe(false);
    expect(limiter.take('a', policy, 1_000).allowed).toBe(true);
    expect(limiter.take('a', policy, 1_001).allowed).toBe(false);
  });

  it('lets no more than the limit and one burst pass in any minute', () => {
    const limiter = new RateLimiter();
    let passed = 0;
    for (let now = 0; now < 60_000; now += 100) passed += limiter.take('a', policy, now).allowed ? 1 : 0;
    expect(passed).toBe(69);
  });

  it('is not consumed by refused requests', () => {
    const limiter = new RateLimiter();
    takeMany(limiter, 'a', 1_000, 0);
    expect(limiter.take('a', policy, 1_000).allowed).toBe(true);
  });

  it('has a budget for each client', () => {
    const limiter = new RateLimiter();
    takeMany(limiter, 'a', 10, 0);
    expect(limiter.take('b', policy, 0).allowed).toBe(true);
  });

  it('says what remains, when all is back, and when to try again', () => {
    const limiter = new RateLimiter();
    expect(limiter.take('a', policy, 0)).toEqual({
      allowed: true,
      remaining: 9,
      resetSeconds: 1,
      retryAfterSeconds: 0,
    });
    takeMany(limiter, 'a', 9, 0);
    expect(limiter.take('a', policy, 0)).toEqual({
      allowed: false,
      remaining: 0,
      resetSeconds: 10,
      retryAfterSeconds: 1,
    });
  });

  it('remembers a bounded number of clients', () => {
    const limiter = new RateLimiter();
    for (let client = 0; client < 25_000; client += 1) limiter.take(`${client}`, policy, 0);
    expect(limiter.clients).toBeLessThanOrEqual(10_000);
  });
});

describe('a policy in text', () => {
  it('reads and writes the same form', () => {
    expect(parsePolicy('60;w=60;burst=10')).toEqual(policy);
    expect(formatPolicy(policy)).toBe('60;w=60;burst=10');
  });

  it.each([
    '',
    '60',
    '60;w=60',
    '0;w=60;burst=1',
    '60;w=0;burst=1',
    '5;w=60;burst=6',
    '60;w=60;burst=10;x',
    ' 60;w=60;burst=10',
  ])('is refused when it is %j', (text) => expect(parsePolicy(text)).toBeUndefined());

  it('gives budgets by name', () => {
    const clients = parseClients('load=6000;w=60;burst=100, probe=60;w=60;burst=10');
    expect([...(clients?.keys() ?? [])]).toEqual(['load', 'probe']);
    expect(clients?.get('probe')).toEqual(policy);
    expect(parseClients('')).toEqual(new Map());
  });

  it.each(['load', 'load=60', '=60;w=60;burst=10', 'a=60;w=60;burst=10,a=60;w=60;burst=10'])(
    'gives no budgets from %j',
    (text) => expect(parseClients(text)).toBeUndefined(),
  );
});
