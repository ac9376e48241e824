import { findPair } from './pairs.ts';
import { priceAt, round, unit } from './price.ts';
import type { ProviderName } from './price.ts';

export interface BookLevel {
  readonly price: number;
  readonly size: number;
}

export interface ProviderBook {
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
  readonly timeMs: number;
}

const levels = 20;
const halfSpread = 0.0001;
const step = 0.00012;

/** Twenty levels a side around the price of that moment, best first. */
export function bookAt(provider: ProviderName, pair: string, timeMs: number): ProviderBook {
  const mid = priceAt(provider, pair, timeMs);
  const side = (name: 'bid' | 'ask'): BookLevel[] =>
    Array.from({ length: levels }, (_, depth) => level(provider, pair, timeMs, mid, name, depth));
  return { bids: side('bid'), asks: side('ask'), timeMs };
}

function level(
  provider: ProviderName,
  pair: string,
  timeMs: number,
  mid: number,
  side: 'bid' | 'ask',
  depth: number,
): BookLevel {
  const info = findPair(pair);
  const away = halfSpread + depth * step;
  const second = Math.floor(timeMs / 1_000);
  const chance = unit(`${provider}/${pair}/${side}/${depth}/${second}`);
  return {
    price: round(mid * (side === 'bid' ? 1 - away : 1 + away), info.decimals + 1),
    size: round(info.size * (1 + depth * 0.4) * (0.4 + 1.2 * chance), 4),
  };
}
