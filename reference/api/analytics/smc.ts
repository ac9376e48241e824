import { fairValueGaps } from './gaps.ts';
import type { FairValueGap } from './gaps.ts';
import type { Candle } from './types.ts';

export type Direction = 'bullish' | 'bearish';

/** A high above, or a low below, both candles on either side of it. */
export interface Swing {
  readonly kind: 'high' | 'low';
  readonly index: number;
  readonly ts: number;
  readonly price: number;
}

/** A close beyond the last swing: a break of structure with the trend, a change of character against it. */
export interface StructureBreak {
  readonly kind: 'break-of-structure' | 'change-of-character';
  readonly direction: Direction;
  readonly ts: number;
  readonly level: number;
  readonly index: number;
}

/** The last opposite candle before a break; mitigated once the price has come back into it. */
export interface OrderBlock {
  readonly direction: Direction;
  readonly ts: number;
  readonly high: number;
  readonly low: number;
  readonly mitigated: boolean;
}

export interface SmartMoneyConcepts {
  readonly trend: Direction | 'undecided';
  readonly swings: readonly Swing[];
  readonly breaks: readonly StructureBreak[];
  readonly orderBlocks: readonly OrderBlock[];
  readonly fairValueGaps: readonly FairValueGap[];
}

const reach = 2;
const shown = 8;

/** Smart-money concepts of candles, oldest first. Of each kind the newest eight are kept. */
export function smartMoneyConcepts(candles: readonly Candle[]): SmartMoneyConcepts {
  const swings = findSwings(candles);
  const breaks = findBreaks(candles, swings);
  return {
    trend: breaks.at(-1)?.direction ?? 'undecided',
    swings: swings.slice(-shown),
    breaks: breaks.slice(-shown),
    orderBlocks: findOrderBlocks(candles, breaks).slice(-shown),
    fairValueGaps: fairValueGaps(candles).slice(-shown),
  };
}

export function findSwings(candles: readonly Candle[]): Swing[] {
  return candles.flatMap((candle, index): Swing[] => {
    const around = [
      ...candles.slice(Math.max(0, index - reach), index),
      ...candles.slice(index + 1, index + 1 + reach),
    ];
    if (around.length < reach * 2) return [];
    const at = { index, ts: candle.ts };
    const found: Swing[] = [];
    if (around.every((other) => other.high < candle.high))
      found.push({ kind: 'high', price: candle.high, ...at });
    if (around.every((other) => other.low > candle.low))
      found.push({ kind: 'low', price: candle.low, ...at });
    return found;
  });
}

export function findBreaks(candles: readonly Candle[], swings: readonly Swing[]): StructureBreak[] {
  const breaks: StructureBreak[] = [];
  let [high, low]: (Swing | undefined)[] = [undefined, undefined];
  candles.forEach((candle, index) => {
    // A swing is known only once the candles after it have closed.
    for (const swing of swings.filter((one) => one.index + reach === index)) {
      if (swing.kind === 'high') high = swing;
      else low = swing;
    }
    const before = breaks.at(-1)?.direction;
    if (high !== undefined && candle.close > high.price) {
      breaks.push(breakOf(high, 'bullish', before, candle, index));
      high = undefined;
    } else if (low !== undefined && candle.close < low.price) {
      breaks.push(breakOf(low, 'bearish', before, candle, index));
      low = undefined;
    }
  });
  return breaks;
}

function breakOf(
  swing: Swing,
  direction: Direction,
  before: Direction | undefined,
  candle: Candle,
  index: number,
): StructureBreak {
  const turned = before !== undefined && before !== direction;
  const kind = turned ? 'change-of-character' : 'break-of-structure';
  return { kind, direction, ts: candle.ts, level: swing.price, index };
}

export function findOrderBlocks(candles: readonly Candle[], breaks: readonly StructureBreak[]): OrderBlock[] {
  return breaks.flatMap(({ direction, index }): OrderBlock[] => {
    const isOpposite = (candle: Candle): boolean =>
      direction === 'bullish' ? candle.close < candle.open : candle.close > candle.open;
    const block = candles.slice(0, index).findLast(isOpposite);
    if (block === undefined) return [];
    const after = candles.slice(index + 1);
    const mitigated = after.some((candle) => candle.low <= block.high && candle.high >= block.low);
    return [{ direction, ts: block.ts, high: block.high, low: block.low, mitigated }];
  });
}
