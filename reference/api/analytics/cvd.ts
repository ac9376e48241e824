import { round } from './types.ts';
import type { Trade } from '../market/types.ts';

export interface CumulativeVolumeDelta {
  /** Volume of aggressive buys minus that of aggressive sells. */
  readonly value: number;
  readonly buyVolume: number;
  readonly sellVolume: number;
  readonly trades: number;
  /** The running delta at the end of up to thirty equal parts, oldest first. */
  readonly series: readonly { readonly ts: number; readonly value: number }[];
}

const points = 30;

/** Cumulative volume delta of trades, oldest first. */
export function cumulativeVolumeDelta(trades: readonly Trade[]): CumulativeVolumeDelta {
  let [buyVolume, sellVolume] = [0, 0];
  const series: { ts: number; value: number }[] = [];
  const every = Math.max(1, Math.ceil(trades.length / points));
  trades.forEach((trade, index) => {
    if (trade.side === 'buy') buyVolume += trade.size;
    else sellVolume += trade.size;
    const isLast = index === trades.length - 1;
    if ((index + 1) % every === 0 || isLast)
      series.push({ ts: trade.ts, value: round(buyVolume - sellVolume, 4) });
  });
  return {
    value: round(buyVolume - sellVolume, 4),
    buyVolume: round(buyVolume, 4),
    sellVolume: round(sellVolume, 4),
    trades: trades.length,
    series,
  };
}
