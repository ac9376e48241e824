import { describe, expect, it } from 'vitest';
import { ToggleBoard, changeToggles, readToggles, togglesFrom } from './toggles.ts';
import type { ToggleTexts } from './toggles.ts';

const normal: ToggleTexts = {
  FEATURE_COINAPI_ENABLED: 'true',
  FALLBACK_PROVIDER: 'okx',
  FEATURE_DEGRADED_MODE: 'false',
  SCREENER_MAX_CONCURRENCY: '4',
  SCREENER_TTL_SECONDS: '60',
  RATE_LIMIT_POLICY: '60;w=60;burst=10',
  FALLBACK_ENABLED: 'true',
};

describe('toggles', () => {
  it('have the normal values of the runbook (R18)', () => {
    expect(togglesFrom({})).toEqual({ kind: 'changed', texts: normal });
  });

  it('come from the environment', () => {
    const found = togglesFrom({ FEATURE_COINAPI_ENABLED: 'false', SCREENER_TTL_SECONDS: '90', HOME: '/' });
    expect(found).toEqual({
      kind: 'changed',
      texts: { ...normal, FEATURE_COINAPI_ENABLED: 'false', SCREENER_TTL_SECONDS: '90' },
    });
  });

  it.each([
    ['FEATURE_COINAPI_ENABLED', 'TRUE', 'true | false'],
    ['FEATURE_COINAPI_ENABLED', '', 'true | false'],
    ['FALLBACK_PROVIDER', 'coinapi', 'okx | cache'],
    ['SCREENER_MAX_CONCURRENCY', '1', 'a whole number from 2 to 8'],
    ['SCREENER_MAX_CONCURRENCY', '9', 'a whole number from 2 to 8'],
    ['SCREENER_MAX_CONCURRENCY', '2.5', 'a whole number from 2 to 8'],
    ['SCREENER_TTL_SECONDS', '59', 'a whole number from 60 to 120'],
    ['SCREENER_TTL_SECONDS', '121', 'a whole number from 60 to 120'],
  ])('refuse %s=%j and say what is allowed', (name, got, allowed) => {
    expect(togglesFrom({ [name]: got })).toEqual({ kind: 'refused', problems: [{ name, got, allowed }] });
  });

  it.each([
    ['SCREENER_MAX_CONCURRENCY', '2'],
    ['SCREENER_MAX_CONCURRENCY', '8'],
    ['SCREENER_TTL_SECONDS', '120'],
    ['FALLBACK_PROVIDER', 'cache'],
  ])('accept the bound %s=%s', (name, value) => {
    expect(togglesFrom({ [name]: value })).toMatchObject({ kind: 'changed', texts: { [name]: value } });
  });

  it('change together or not at all', () => {
    const board = new ToggleBoard(normal);
    const result = board.apply({ FEATURE_DEGRADED_MODE: 'true', FALLBACK_PROVIDER: 'binance', OTHER: 'x' });
    expect(result).toMatchObject({
      kind: 'refused',
      problems: [{ name: 'FALLBACK_PROVIDER' }, { name: 'OTHER' }],
    });
    expect(board.texts).toEqual(normal);
  });

  it('take texts only, so that true and "true" cannot be two things', () => {
    expect(changeToggles(normal, { FEATURE_DEGRADED_MODE: true })).toMatchObject({
      kind: 'refused',
      problems: [{ name: 'FEATURE_DEGRADED_MODE', got: 'true' }],
    });
  });

  it('tell their listeners, once they are in force', () => {
    const board = new ToggleBoard(normal);
    const seen: boolean[] = [];
    board.onChange((toggles) => seen.push(toggles.coinapiEnabled, board.current.coinapiEnabled));
    board.apply({ FEATURE_COINAPI_ENABLED: 'false' });
    board.apply({ FEATURE_COINAPI_ENABLED: 'maybe' });
    expect(seen).toEqual([false, false]);
  });

  it('are read as values', () => {
    expect(readToggles(normal)).toEqual({
      coinapiEnabled: true,
      fallbackProvider: 'okx',
      degradedMode: false,
      screenerMaxConcurrency: 4,
      screenerTtlSeconds: 60,
      rateLimitPolicy: { limit: 60, windowSeconds: 60, burst: 10 },
      fallbackEnabled: true,
    });
  });
});
