import { describe, expect, it } from 'vitest';
import { candlesFrom, mergeTrades } from './candles.ts';
import type { Trade } from '../market/types.ts';

function trade(ts: number, price: number, side: Trade['side'] = 'buy', size = 1): Trade {
  return { id: ts, pair: 'SOL-USDT', price, size, side, ts };
}

describe('candles', () => {
  it('hold the first, highest, lowest and last price of their interval, and its volume', () => {
    const candles = candlesFrom([trade(0, 10), trade(1, 14, 'sell', 2), trade(2, 8), trade(4, 11)], 5);
    expect(candles).toEqual([{ ts: 0, open: 10, high: 14, low: 8, close: 11, volume: 5, buyVolume: 3 }]);
  });

  it('begin at multiples of the interval, whose end belongs to the next', () => {
    expect(candlesFrom([trade(4, 1), trade(5, 2), trade(17, 3)], 5).map((candle) => candle.ts)).toEqual([
      0, 5, 15,
    ]);
  });

  it('do not depend on the order of the trades', () => {
    expect(candlesFrom([trade(3, 7), trade(1, 5), trade(2, 6)], 10)).toMatchObject([{ open: 5, close: 7 }]);
  });
});

describe('stored and streamed trades', () => {
  it('become one list with each trade once, oldest first', () => {
    const merged = mergeTrades([trade(1, 1), trade(2, 2)], [trade(4, 4), trade(2, 2), trade(3, 3)]);
    expect(merged.map((one) => one.id)).toEqual([1, 2, 3, 4]);
  });
});
