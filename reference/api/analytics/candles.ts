import type { Trade } from '../market/types.ts';
import type { Candle } from './types.ts';

/** Candles of epoch-aligned intervals, oldest first. Intervals without a trade have no candle. */
export function candlesFrom(trades: readonly Trade[], intervalMs: number): Candle[] {
  const candles: Candle[] = [];
  for (const trade of trades.toSorted((a, b) => a.ts - b.ts)) {
    const ts = Math.floor(trade.ts / intervalMs) * intervalMs;
    const last = candles.at(-1);
    if (last?.ts === ts) candles[candles.length - 1] = extend(last, trade);
    else candles.push(open(ts, trade));
  }
  return candles;
}

/** Stored and streamed trades as one list, each trade once, oldest first. */
export function mergeTrades(stored: readonly Trade[], streamed: readonly Trade[]): Trade[] {
  const byId = new Map([...stored, ...streamed].map((trade) => [trade.id, trade]));
  return [...byId.values()].toSorted((a, b) => a.ts - b.ts);
}

function open(ts: number, { price, size, side }: Trade): Candle {
  const buyVolume = side === 'buy' ? size : 0;
  return { ts, open: price, high: price, low: price, close: price, volume: size, buyVolume };
}

function extend(candle: Candle, { price, size, side }: Trade): Candle {
  return {
    ...candle,
    high: Math.max(candle.high, price),
    low: Math.min(candle.low, price),
    close: price,
    volume: candle.volume + size,
    buyVolume: candle.buyVolume + (side === 'buy' ? size : 0),
  };
}
