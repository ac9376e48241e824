import { describe, expect, it } from 'vitest';
import { cumulativeVolumeDelta } from './cvd.ts';
import type { Trade } from '../market/types.ts';

function trade(side: Trade['side'], size: number, ts: number): Trade {
  return { id: ts, pair: 'SOL-USDT', price: 100, size, side, ts };
}

describe('cumulative volume delta', () => {
  it('is the bought volume minus the sold volume', () => {
    const cvd = cumulativeVolumeDelta([trade('buy', 5, 1), trade('sell', 2, 2), trade('buy', 1, 3)]);
    expect(cvd).toMatchObject({ value: 4, buyVolume: 6, sellVolume: 2, trades: 3 });
  });

  it('runs along with the trades', () => {
    const cvd = cumulativeVolumeDelta([trade('buy', 5, 1), trade('sell', 7, 2), trade('buy', 1, 3)]);
    expect(cvd.series.map((point) => point.value)).toEqual([5, -2, -1]);
  });

  it('is zero without trades', () => {
    expect(cumulativeVolumeDelta([])).toEqual({
      value: 0,
      buyVolume: 0,
      sellVolume: 0,
      trades: 0,
      series: [],
    });
  });

  it('shows at most thirty points, the last of them the whole', () => {
    const cvd = cumulativeVolumeDelta(Array.from({ length: 1_001 }, (_, index) => trade('buy', 1, index)));
    expect(cvd.series.length).toBeLessThanOrEqual(30);
    expect(cvd.series.at(-1)).toEqual({ ts: 1_000, value: 1_001 });
  });
});
