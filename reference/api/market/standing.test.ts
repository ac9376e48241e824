import { describe, expect, it } from 'vitest';
import { chooseSource, isDegraded } from './standing.ts';
import type { Toggles } from '../toggles.ts';
import type { Source } from './types.ts';

const normal: Toggles = {
  coinapiEnabled: true,
  fallbackProvider: 'okx',
  degradedMode: false,
  screenerMaxConcurrency: 4,
  screenerTtlSeconds: 60,
  rateLimitPolicy: { limit: 60, windowSeconds: 60, burst: 10 },
  fallbackEnabled: true,
};
const off = { ...normal, coinapiEnabled: false };
const manual = { ...normal, fallbackEnabled: false };
const toCache = { ...normal, fallbackProvider: 'cache' } as const;

interface Row {
  readonly toggles: Toggles;
  readonly coinapi: boolean;
  readonly okx: boolean;
  readonly serves: Source | 'nobody';
}

describe('the source that serves', () => {
  it.each<[string, Row]>([
    ['CoinAPI, when all is well', { toggles: normal, coinapi: true, okx: true, serves: 'coinapi' }],
    ['OKX, when CoinAPI is down', { toggles: normal, coinapi: false, okx: true, serves: 'okx' }],
    ['the cache, when both are down', { toggles: normal, coinapi: false, okx: false, serves: 'cache' }],
    [
      'the cache at once, when it is the fallback',
      { toggles: toCache, coinapi: false, okx: true, serves: 'cache' },
    ],
    ['OKX, when CoinAPI is switched off', { toggles: off, coinapi: true, okx: true, serves: 'okx' }],
    [
      'the fallback that an operator chose, though the automatic one is off',
      { toggles: { ...off, fallbackEnabled: false }, coinapi: true, okx: true, serves: 'okx' },
    ],
    ['CoinAPI, without automatic fallback', { toggles: manual, coinapi: true, okx: true, serves: 'coinapi' }],
    [
      'nobody, when it is down without fallback',
      { toggles: manual, coinapi: false, okx: true, serves: 'nobody' },
    ],
  ])('is %s', (_name, { toggles, coinapi, okx, serves }) => {
    const standing = chooseSource(toggles, { coinapi, okx });
    expect(standing.kind === 'serving' ? standing.source : 'nobody').toBe(serves);
  });
});

describe('an answer is degraded', () => {
  it.each<[Source, boolean, boolean]>([
    ['coinapi', false, false],
    ['okx', false, true],
    ['cache', false, true],
    ['coinapi', true, true],
  ])('from %s with FEATURE_DEGRADED_MODE=%s: %s', (source, degradedMode, degraded) => {
    expect(isDegraded({ ...normal, degradedMode }, source)).toBe(degraded);
  });
});
