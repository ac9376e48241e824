/** What happened to a price within an interval. `ts` is the interval's start, epoch ms. */
export interface Candle {
  readonly ts: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly buyVolume: number;
}

export function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
