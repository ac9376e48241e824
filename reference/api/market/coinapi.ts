import { Unreadable, amount, isoTime, list, record, side, text } from './reading.ts';
import type { Adapter, Level, Trade } from './types.ts';

/** CoinAPI: bare objects, symbols such as COINAPI_SPOT_SOL_USDT, times as ISO 8601. */
export const coinapiAdapter: Adapter = {
  name: 'coinapi',
  ticker(body) {
    const ticker = record(body, 'ticker');
    return {
      price: amount(ticker['price'], 'price'),
      bid: amount(ticker['bid_price'], 'bid_price'),
      ask: amount(ticker['ask_price'], 'ask_price'),
      ts: isoTime(ticker['time_exchange'], 'time_exchange'),
    };
  },
  book(body) {
    const book = record(body, 'book');
    return {
      bids: list(book['bids'], 'bids').map(level),
      asks: list(book['asks'], 'asks').map(level),
      ts: isoTime(book['time_exchange'], 'time_exchange'),
    };
  },
  trades: (body) => list(body, 'trades').map(trade),
  pairs: (body) => list(body, 'pairs').map((item) => pairOf(record(item, 'pair')['symbol_id'])),
  streamed: (message) => (record(message, 'message')['type'] === 'trade' ? [trade(message)] : []),
};

function trade(item: unknown): Trade {
  const fields = record(item, 'trade');
  return {
    id: amount(fields['sequence'], 'sequence'),
    pair: pairOf(fields['symbol_id']),
    price: amount(fields['price'], 'price'),
    size: amount(fields['size'], 'size'),
    side: side(fields['taker_side'], 'taker_side'),
    ts: isoTime(fields['time_exchange'], 'time_exchange'),
  };
}

function level(item: unknown): Level {
  const fields = record(item, 'level');
  return { price: amount(fields['price'], 'price'), size: amount(fields['size'], 'size') };
}

function pairOf(symbol: unknown): string {
  const [, kind, base, quote] = text(symbol, 'symbol_id').split('_');
  if (kind !== 'SPOT' || base === undefined || quote === undefined)
    throw new Unreadable('symbol_id', 'a spot symbol');
  return `${base}-${quote}`;
}
