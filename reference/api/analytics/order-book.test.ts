import { describe, expect, it } from 'vitest';
import { viewOrderBook } from './order-book.ts';
import type { Book, Trade } from '../market/types.ts';

const book: Book = {
  bids: [
    { price: 98, size: 5 },
    { price: 99, size: 1 },
  ],
  asks: [
    { price: 102, size: 1 },
    { price: 101, size: 1 },
  ],
  ts: 1,
};

describe('an order book', () => {
  it('is sorted from the best price on', () => {
    const view = viewOrderBook(book, []);
    expect([view.bestBid, view.bestAsk]).toEqual([99, 101]);
    expect(view.bids.map((level) => level.price)).toEqual([99, 98]);
    expect(view.asks.map((level) => level.price)).toEqual([101, 102]);
  });

  it('has a mid price and a spread, also in basis points of it', () => {
    expect(viewOrderBook(book, [])).toMatchObject({ mid: 100, spread: 2, spreadBps: 200 });
  });

  it('has depth on each side and the imbalance between them', () => {
    expect(viewOrderBook(book, [])).toMatchObject({ depth: { bid: 6, ask: 2 }, imbalance: 0.5 });
  });

  it('tells what was traded, by side, and at which average price', () => {
    const trades: Trade[] = [
      { id: 1, pair: 'SOL-USDT', price: 100, size: 3, side: 'buy', ts: 1 },
      { id: 2, pair: 'SOL-USDT', price: 104, size: 1, side: 'sell', ts: 2 },
    ];
    expect(viewOrderBook(book, trades).traded).toEqual({ buy: 3, sell: 1, vwap: 101 });
    expect(viewOrderBook(book, []).traded).toEqual({ buy: 0, sell: 0, vwap: null });
  });

  it.each([
    ['empty on one side', { ...book, asks: [] }],
    ['crossed', { ...book, bids: [{ price: 101, size: 1 }] }],
  ])('is refused when it is %s', (reason, broken) => {
    expect(() => viewOrderBook(broken, [])).toThrow(reason);
  });
});
