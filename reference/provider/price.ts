import { findPair } from './pairs.ts';

export type ProviderName = 'coinapi' | 'okx';

/** Waves of smooth noise: how far the price may move from its base, and how long one swing takes. */
const waves = [
  { amplitude: 0.02, periodMs: 1_800_000 },
  { amplitude: 0.008, periodMs: 300_000 },
  { amplitude: 0.003, periodMs: 45_000 },
  { amplitude: 0.001, periodMs: 5_000 },
] as const;

/** OKX stands this much above CoinAPI, far outside the noise of either, so a reader can tell them apart. */
const premium: Record<ProviderName, number> = { coinapi: 1, okx: 1.008 };
const ownNoise = 0.0004;

/**
 * The price of a pair at a provider at a moment: a walk within ±3.2 % of the pair's base. It depends on its
 * arguments alone, so every instance and every restart agrees about past and present.
 */
export function priceAt(provider: ProviderName, pair: string, timeMs: number): number {
  const { base, decimals } = findPair(pair);
  const shared = waves.reduce((sum, wave) => sum + wave.amplitude * swing(pair, wave.periodMs, timeMs), 0);
  const own = ownNoise * swing(`${provider}/${pair}`, 1_700, timeMs);
  return round(base * premium[provider] * (1 + shared + own), decimals);
}

export function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}

/** Smooth noise from −1 to 1: random values at fixed moments, joined by a curve. */
function swing(key: string, periodMs: number, timeMs: number): number {
  const step = Math.floor(timeMs / periodMs);
  const part = timeMs / periodMs - step;
  const eased = part * part * (3 - 2 * part);
  const from = unit(`${key}/${periodMs}/${step}`);
  const to = unit(`${key}/${periodMs}/${step + 1}`);
  return (from + (to - from) * eased) * 2 - 1;
}

/** A number from 0 to 1 that depends on the text alone (FNV-1a, then mixed). */
export function unit(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000;
}
