import { bookAt } from './book.ts';
import { pairs } from './pairs.ts';
import { priceAt } from './price.ts';
import type { ProviderBook } from './book.ts';
import type { ProviderName } from './price.ts';
import type { ProviderTrade } from './trades.ts';

/** How one provider words its answers. The two differ as the real ones do. */
export interface Dialect {
  ticker(pair: string, timeMs: number): unknown;
  trades(trades: readonly ProviderTrade[]): unknown;
  book(pair: string, book: ProviderBook): unknown;
  pairs(): unknown;
  streamed(trade: ProviderTrade): unknown;
  failure(message: string): unknown;
}

const iso = (timeMs: number): string => new Date(timeMs).toISOString();
const symbol = (pair: string): string => `COINAPI_SPOT_${pair.replace('-', '_')}`;

const coinapi: Dialect = {
  ticker(pair, timeMs) {
    const { bids, asks } = bookAt('coinapi', pair, timeMs);
    return {
      symbol_id: symbol(pair),
      time_exchange: iso(timeMs),
      price: priceAt('coinapi', pair, timeMs),
      bid_price: bids[0]?.price,
      ask_price: asks[0]?.price,
    };
  },
  trades: (trades) => trades.map(coinapiTrade),
  book: (pair, book) => ({
    symbol_id: symbol(pair),
    time_exchange: iso(book.timeMs),
    bids: book.bids,
    asks: book.asks,
  }),
  pairs: () => pairs.map(({ pair }) => ({ symbol_id: symbol(pair), symbol_type: 'SPOT' })),
  streamed: (trade) => ({ type: 'trade', ...coinapiTrade(trade) }),
  failure: (message) => ({ error: message }),
};

function coinapiTrade(trade: ProviderTrade): object {
  return {
    symbol_id: symbol(trade.pair),
    sequence: trade.id,
    time_exchange: iso(trade.timeMs),
    price: trade.price,
    size: trade.size,
    taker_side: trade.side.toUpperCase(),
  };
}

const okx: Dialect = {
  ticker(pair, timeMs) {
    const { bids, asks } = bookAt('okx', pair, timeMs);
    const last = String(priceAt('okx', pair, timeMs));
    const [bidPx, askPx] = [String(bids[0]?.price), String(asks[0]?.price)];
    return okxAnswer([{ instId: pair, last, bidPx, askPx, ts: String(timeMs) }]);
  },
  trades: (trades) => okxAnswer(trades.map(okxTrade)),
  book: (_pair, book) =>
    okxAnswer([{ bids: book.bids.map(okxLevel), asks: book.asks.map(okxLevel), ts: String(book.timeMs) }]),
  pairs: () => okxAnswer(pairs.map(({ pair }) => ({ instId: pair, instType: 'SPOT', state: 'live' }))),
  streamed: (trade) => ({ arg: { channel: 'trades', instId: trade.pair }, data: [okxTrade(trade)] }),
  failure: (message) => ({ code: '51001', msg: message, data: [] }),
};

function okxAnswer(data: readonly unknown[]): object {
  return { code: '0', msg: '', data };
}

function okxTrade(trade: ProviderTrade): object {
  return {
    instId: trade.pair,
    tradeId: String(trade.id),
    px: String(trade.price),
    sz: String(trade.size),
    side: trade.side,
    ts: String(trade.timeMs),
  };
}

function okxLevel(level: { price: number; size: number }): string[] {
  return [String(level.price), String(level.size), '0', '1'];
}

export const dialects: Record<ProviderName, Dialect> = { coinapi, okx };
