import { round } from './types.ts';
import type { Book, Level, Trade } from '../market/types.ts';

export interface OrderBookView {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly bestBid: number;
  readonly bestAsk: number;
  readonly mid: number;
  readonly spread: number;
  /** The spread in hundredths of a percent of the mid price. */
  readonly spreadBps: number;
  readonly depth: { readonly bid: number; readonly ask: number };
  /** (bids − asks) ÷ (bids + asks) by size: 1 is all bids, −1 all asks. */
  readonly imbalance: number;
  /** What was really traded lately: aggressive volume by side and its volume-weighted price. */
  readonly traded: { readonly buy: number; readonly sell: number; readonly vwap: number | null };
}

const shownLevels = 10;

/**
 * An order book as traders read it, with the trades that consumed it.
 * @throws {RangeError} for a book that is empty on one side or crossed.
 */
export function viewOrderBook(book: Book, trades: readonly Trade[]): OrderBookView {
  const bids = book.bids.toSorted((a, b) => b.price - a.price);
  const asks = book.asks.toSorted((a, b) => a.price - b.price);
  const [bid, ask] = [bids[0], asks[0]];
  if (bid === undefined || ask === undefined) throw new RangeError('the order book is empty on one side');
  if (bid.price >= ask.price) throw new RangeError('the order book is crossed');
  const mid = (bid.price + ask.price) / 2;
  const depth = { bid: total(bids), ask: total(asks) };
  return {
    bids: bids.slice(0, shownLevels),
    asks: asks.slice(0, shownLevels),
    bestBid: bid.price,
    bestAsk: ask.price,
    mid: round(mid, 8),
    spread: round(ask.price - bid.price, 8),
    spreadBps: round(((ask.price - bid.price) / mid) * 10_000, 4),
    depth: { bid: round(depth.bid, 4), ask: round(depth.ask, 4) },
    imbalance: round((depth.bid - depth.ask) / (depth.bid + depth.ask), 4),
    traded: tradedVolume(trades),
  };
}

function total(levels: readonly Level[]): number {
  return levels.reduce((sum, level) => sum + level.size, 0);
}

function tradedVolume(trades: readonly Trade[]): OrderBookView['traded'] {
  const of = (side: Trade['side']): number => total(trades.filter((trade) => trade.side === side));
  const [buy, sell] = [of('buy'), of('sell')];
  const value = trades.reduce((sum, trade) => sum + trade.price * trade.size, 0);
  const vwap = buy + sell === 0 ? null : round(value / (buy + sell), 8);
  return { buy: round(buy, 4), sell: round(sell, 4), vwap };
}
