import { describe, expect, it } from 'vitest';
import { coinapiAdapter } from '../api/market/coinapi.ts';
import { okxAdapter } from '../api/market/okx.ts';
import { Unreadable } from '../api/market/reading.ts';
import { bookAt } from './book.ts';
import { dialects } from './dialect.ts';
import { pairs } from './pairs.ts';
import { priceAt } from './price.ts';
import { lastTradeNumber, tradeNumber, tradesBefore } from './trades.ts';

const start = Date.UTC(2026, 0, 1);
const moments = Array.from({ length: 400 }, (_, index) => start + index * 7_919);

function wire(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe('prices', () => {
  it('are the same for everyone who asks about the same moment', () => {
    expect(moments.map((at) => priceAt('okx', 'SOL-USDT', at))).toEqual(
      moments.map((at) => priceAt('okx', 'SOL-USDT', at)),
    );
  });

  it('stay within 3.3 % of the base of their pair', () => {
    for (const { pair, base } of pairs) {
      const far = moments.map((at) => Math.abs(priceAt('coinapi', pair, at) / base - 1));
      expect(Math.max(...far)).toBeLessThan(0.033);
    }
  });

  it('move', () => {
    expect(new Set(moments.map((at) => priceAt('coinapi', 'SOL-USDT', at))).size).toBeGreaterThan(300);
  });

  it('of OKX stand 0.8 % above those of CoinAPI, give or take 0.1 %', () => {
    for (const at of moments) {
      const premium = priceAt('okx', 'SOL-USDT', at) / priceAt('coinapi', 'SOL-USDT', at) - 1;
      expect(premium).toBeGreaterThan(0.007);
      expect(premium).toBeLessThan(0.009);
    }
  });
});

describe('trades', () => {
  it('have happened by the time they are listed, newest first', () => {
    const listed = tradesBefore('coinapi', 'SOL-USDT', start, 3);
    expect(listed.map((trade) => trade.id)).toEqual(
      [0, 1, 2].map((back) => lastTradeNumber('SOL-USDT', start) - back),
    );
    expect(listed.every((trade) => trade.timeMs <= start && trade.timeMs > start - 2_000)).toBe(true);
  });

  it('are bought and sold', () => {
    const sides = tradesBefore('coinapi', 'SOL-USDT', start, 200).map((trade) => trade.side);
    expect(new Set(sides)).toEqual(new Set(['buy', 'sell']));
  });
});

describe('what a provider says is understood', () => {
  const trade = tradeNumber('okx', 'SOL-USDT', 3_590_463_655);
  const understood = {
    id: trade.id,
    pair: trade.pair,
    price: trade.price,
    size: trade.size,
    side: trade.side,
    ts: trade.timeMs,
  };
  it.each([
    ['CoinAPI', dialects.coinapi, coinapiAdapter],
    ['OKX', dialects.okx, okxAdapter],
  ])('of %s', (_name, dialect, adapter) => {
    const book = bookAt('okx', 'SOL-USDT', start);
    expect(adapter.trades(wire(dialect.trades([trade])), 'SOL-USDT')).toEqual([understood]);
    expect(adapter.streamed(wire(dialect.streamed(trade)))).toEqual([understood]);
    expect(adapter.book(wire(dialect.book('SOL-USDT', book)))).toEqual({
      bids: book.bids,
      asks: book.asks,
      ts: start,
    });
    expect(adapter.pairs(wire(dialect.pairs()))).toEqual(pairs.map(({ pair }) => pair));
    expect(adapter.ticker(wire(dialect.ticker('SOL-USDT', start)))).toMatchObject({ ts: start });
  });

  it.each([
    ['CoinAPI', dialects.coinapi, coinapiAdapter],
    ['OKX', dialects.okx, okxAdapter],
  ])('and nothing else is taken for an answer of %s', (_name, dialect, adapter) => {
    for (const body of [dialect.failure('no'), '<html>', null, [], { price: 'much' }]) {
      expect(() => adapter.ticker(body)).toThrow(Unreadable);
    }
  });
});
