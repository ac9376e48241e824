import type { Candle } from './types.ts';

/** A range that three candles in a row jumped over; filled once later candles have traded all through it. */
export interface FairValueGap {
  readonly direction: 'bullish' | 'bearish';
  readonly ts: number;
  readonly top: number;
  readonly bottom: number;
  readonly filled: boolean;
}

export function fairValueGaps(candles: readonly Candle[]): FairValueGap[] {
  return candles.flatMap((third, index): FairValueGap[] => {
    const [first, middle] = [candles[index - 2], candles[index - 1]];
    if (first === undefined || middle === undefined) return [];
    const after = candles.slice(index + 1);
    if (third.low > first.high) {
      const filled = after.some((candle) => candle.low <= first.high);
      return [{ direction: 'bullish', ts: middle.ts, top: third.low, bottom: first.high, filled }];
    }
    if (third.high < first.low) {
      const filled = after.some((candle) => candle.high >= first.low);
      return [{ direction: 'bearish', ts: middle.ts, top: first.low, bottom: third.high, filled }];
    }
    return [];
  });
}
