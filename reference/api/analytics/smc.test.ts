import { describe, expect, it } from 'vitest';
import { fairValueGaps } from './gaps.ts';
import { findBreaks, findOrderBlocks, findSwings, smartMoneyConcepts } from './smc.ts';
import type { Candle } from './types.ts';

/** Candles that each open one short of their close, with a wick of a half on either side. */
function closing(...closes: number[]): Candle[] {
  return closes.map((close, index) => {
    const open = close < (closes[index - 1] ?? close) ? close + 1 : close - 1;
    return candle(index, open, Math.max(open, close) + 0.5, Math.min(open, close) - 0.5, close);
  });
}

function candle(ts: number, open: number, high: number, low: number, close: number): Candle {
  return { ts, open, high, low, close, volume: 1, buyVolume: 1 };
}

describe('swings', () => {
  it('are highs and lows beyond the two candles on either side', () => {
    const bars = [1, 2, 9, 2, 1, -9, 1, 2].map((middle, ts) =>
      candle(ts, middle, middle + 1, middle - 1, middle),
    );
    expect(findSwings(bars)).toEqual([
      { kind: 'high', index: 2, ts: 2, price: 10 },
      { kind: 'low', index: 5, ts: 5, price: -10 },
    ]);
  });

  it('are not seen at the edges, nor where two candles share the high', () => {
    const shared = [1, 9, 9, 1, 1].map((middle, ts) => candle(ts, middle, middle, middle, middle));
    expect(findSwings(shared)).toEqual([]);
    expect(findSwings(closing(9, 1, 1))).toEqual([]);
  });
});

describe('breaks of structure', () => {
  // A swing high of 20.5 at index 2, broken by the close at index 6.
  const upward = closing(10, 15, 20, 14, 12, 16, 25);

  it('happen when a candle closes beyond the last known swing', () => {
    expect(findBreaks(upward, findSwings(upward))).toEqual([
      { kind: 'break-of-structure', direction: 'bullish', ts: 6, level: 20.5, index: 6 },
    ]);
  });

  it('do not look ahead: a candle that will be a swing itself still breaks the one before', () => {
    const peak = closing(10, 15, 20, 14, 12, 25, 14, 12);
    expect(findBreaks(peak, findSwings(peak))).toMatchObject([
      { direction: 'bullish', index: 5, level: 20.5 },
    ]);
  });

  it('do not happen when only the wick passes the swing', () => {
    const wick = [...closing(10, 15, 20, 14, 12, 16), candle(6, 16, 30, 15, 20)];
    expect(findBreaks(wick, findSwings(wick))).toEqual([]);
  });

  it('count once for a swing', () => {
    const onward = [...upward, candle(7, 25, 31, 24, 30), candle(8, 30, 36, 29, 35)];
    expect(findBreaks(onward, findSwings(onward))).toHaveLength(1);
  });

  it('are a change of character when they go against the last one', () => {
    const turned = closing(10, 15, 20, 14, 12, 16, 25, 24, 18, 22, 24, 5);
    const kinds = findBreaks(turned, findSwings(turned)).map(({ kind, direction }) => `${direction} ${kind}`);
    expect(kinds).toEqual(['bullish break-of-structure', 'bearish change-of-character']);
  });

  it('decide the trend', () => {
    expect(smartMoneyConcepts(upward).trend).toBe('bullish');
    expect(smartMoneyConcepts([]).trend).toBe('undecided');
  });
});

describe('order blocks', () => {
  const upward = closing(10, 15, 20, 14, 12, 16, 25);
  const breaks = findBreaks(upward, findSwings(upward));

  it('are the last opposite candle before a break', () => {
    expect(findOrderBlocks(upward, breaks)).toEqual([
      { direction: 'bullish', ts: 4, high: 13.5, low: 11.5, mitigated: false },
    ]);
  });

  it('are mitigated once the price is back in them', () => {
    const back = [...upward, candle(7, 25, 26, 13, 20)];
    expect(findOrderBlocks(back, breaks)).toMatchObject([{ mitigated: true }]);
  });
});

describe('fair value gaps', () => {
  const up = [candle(0, 10, 11, 9, 10), candle(1, 10, 20, 10, 19), candle(2, 19, 22, 15, 21)];
  const down = [candle(0, 21, 22, 15, 19), candle(1, 19, 20, 10, 10), candle(2, 10, 11, 9, 10)];

  it('are what three candles in a row leave untouched', () => {
    expect(fairValueGaps(up)).toEqual([{ direction: 'bullish', ts: 1, top: 15, bottom: 11, filled: false }]);
    expect(fairValueGaps(down)).toEqual([
      { direction: 'bearish', ts: 1, top: 15, bottom: 11, filled: false },
    ]);
  });

  it('are filled once a later candle has gone all through', () => {
    expect(fairValueGaps([...up, candle(3, 21, 21, 12, 20)])[0]).toMatchObject({ filled: false });
    expect(fairValueGaps([...up, candle(3, 21, 21, 11, 20)])[0]).toMatchObject({ filled: true });
  });
});
