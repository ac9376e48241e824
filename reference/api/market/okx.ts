import { Unreadable, amount, list, record, side, text } from './reading.ts';
import type { Adapter, Level, Trade } from './types.ts';

/** OKX: everything inside `{ code, data: [] }`, numbers and times as texts. */
export const okxAdapter: Adapter = {
  name: 'okx',
  ticker(body) {
    const ticker = record(data(body)[0], 'data[0]');
    return {
      price: amount(ticker['last'], 'last'),
      bid: amount(ticker['bidPx'], 'bidPx'),
      ask: amount(ticker['askPx'], 'askPx'),
      ts: amount(ticker['ts'], 'ts'),
    };
  },
  book(body) {
    const book = record(data(body)[0], 'data[0]');
    return {
      bids: list(book['bids'], 'bids').map(level),
      asks: list(book['asks'], 'asks').map(level),
      ts: amount(book['ts'], 'ts'),
    };
  },
  trades: (body) => data(body).map(trade),
  pairs: (body) => data(body).map((item) => text(record(item, 'pair')['instId'], 'instId')),
  streamed: (message) =>
    'data' in record(message, 'message') ? list(record(message, 'message')['data'], 'data').map(trade) : [],
};

function data(body: unknown): readonly unknown[] {
  const answer = record(body, 'answer');
  if (answer['code'] !== '0') throw new Unreadable('code', '"0"');
  return list(answer['data'], 'data');
}

function trade(item: unknown): Trade {
  const fields = record(item, 'trade');
  return {
    id: amount(fields['tradeId'], 'tradeId'),
    pair: text(fields['instId'], 'instId'),
    price: amount(fields['px'], 'px'),
    size: amount(fields['sz'], 'sz'),
    side: side(fields['side'], 'side'),
    ts: amount(fields['ts'], 'ts'),
  };
}

function level(item: unknown): Level {
  const [price, size] = list(item, 'level');
  return { price: amount(price, 'price'), size: amount(size, 'size') };
}
