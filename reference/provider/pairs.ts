/** A tradable pair: the price around which it moves, its decimals, and the size of an ordinary trade. */
export interface PairInfo {
  readonly pair: string;
  readonly base: number;
  readonly decimals: number;
  readonly size: number;
}

export const pairs: readonly PairInfo[] = [
  { pair: 'BTC-USDT', base: 64_000, decimals: 1, size: 0.04 },
  { pair: 'ETH-USDT', base: 3_100, decimals: 2, size: 0.8 },
  { pair: 'SOL-USDT', base: 145, decimals: 3, size: 14 },
  { pair: 'BNB-USDT', base: 580, decimals: 2, size: 3 },
  { pair: 'XRP-USDT', base: 0.52, decimals: 5, size: 4_000 },
  { pair: 'ADA-USDT', base: 0.45, decimals: 5, size: 4_500 },
  { pair: 'DOGE-USDT', base: 0.14, decimals: 6, size: 15_000 },
  { pair: 'AVAX-USDT', base: 35, decimals: 3, size: 60 },
  { pair: 'DOT-USDT', base: 7, decimals: 4, size: 250 },
  { pair: 'LINK-USDT', base: 15, decimals: 4, size: 120 },
  { pair: 'LTC-USDT', base: 82, decimals: 3, size: 20 },
  { pair: 'TRX-USDT', base: 0.12, decimals: 6, size: 16_000 },
];

const byName = new Map(pairs.map((info) => [info.pair, info]));

export function isPair(pair: string): boolean {
  return byName.has(pair);
}

/** @throws {RangeError} for a pair that is not traded. */
export function findPair(pair: string): PairInfo {
  const info = byName.get(pair);
  if (info === undefined) throw new RangeError(`unknown pair ${pair}`);
  return info;
}
