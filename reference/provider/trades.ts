import { findPair, pairs } from './pairs.ts';
import { priceAt, round, unit } from './price.ts';
import type { ProviderName } from './price.ts';

export interface ProviderTrade {
  readonly id: number;
  readonly pair: string;
  readonly price: number;
  readonly size: number;
  readonly side: 'buy' | 'sell';
  readonly timeMs: number;
}

/** Each pair trades once in this many milliseconds. */
export const tradeEveryMs = 500;

/** The trade with a given number. Its time, price, size and side follow from the number alone. */
export function tradeNumber(provider: ProviderName, pair: string, id: number): ProviderTrade {
  const info = findPair(pair);
  const timeMs = id * tradeEveryMs + offsetOf(pair);
  const chance = `${provider}/${pair}/${id}`;
  return {
    id,
    pair,
    timeMs,
    price: priceAt(provider, pair, timeMs),
    size: round(info.size * (0.2 + 1.6 * unit(`${chance}/size`)), 4),
    side: unit(`${chance}/side`) < buyShare(pair, timeMs) ? 'buy' : 'sell',
  };
}

/** The newest trade at or before a moment. */
export function lastTradeNumber(pair: string, timeMs: number): number {
  return Math.floor((timeMs - offsetOf(pair)) / tradeEveryMs);
}

/** Up to `limit` trades at or before a moment, newest first, as market-data APIs list them. */
export function tradesBefore(
  provider: ProviderName,
  pair: string,
  timeMs: number,
  limit: number,
): ProviderTrade[] {
  const newest = lastTradeNumber(pair, timeMs);
  return Array.from({ length: limit }, (_, back) => tradeNumber(provider, pair, newest - back));
}

// Pairs trade in turns, so that the stream is even and not a burst twice a second.
function offsetOf(pair: string): number {
  const index = pairs.findIndex((info) => info.pair === pair);
  return Math.floor((index * tradeEveryMs) / pairs.length);
}

// More buyers while the price rises, so that volume delta and price tell one story.
function buyShare(pair: string, timeMs: number): number {
  const before = priceAt('coinapi', pair, timeMs - 20_000);
  const change = priceAt('coinapi', pair, timeMs) / before - 1;
  return Math.min(0.8, Math.max(0.2, 0.5 + change * 120));
}
