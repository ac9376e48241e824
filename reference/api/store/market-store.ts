import { amount, list, record, side, text } from '../market/reading.ts';
import type { Candle } from '../analytics/types.ts';
import type { ProviderName, Trade } from '../market/types.ts';
import type { LastGood, StoredRead } from './last-good.ts';
import type { Query } from './pool.ts';

/** How long a reader waits for the database before it takes the last good answer from the cache. */
export const readBudgetMs = 250;
const storedTrades = 600;
const storedMinutes = 20;

export interface PairRow {
  readonly pair: string;
  readonly base: string;
  readonly quote: string;
}

/** What the API asks of its stored data. */
export class MarketStore {
  readonly #lastGood: LastGood;

  constructor(lastGood: LastGood) {
    this.#lastGood = lastGood;
  }

  pairs(budgetMs = readBudgetMs): Promise<StoredRead<readonly PairRow[]>> {
    return this.#lastGood.read<PairRow, readonly PairRow[]>({
      key: 'cache:db:pairs',
      query: { name: 'pairs', text: 'SELECT pair, base, quote FROM pairs ORDER BY pair', values: [] },
      budgetMs,
      shape: (rows) => rows,
      check: (cached) => list(cached, 'pairs').map(readPair),
    });
  }

  /** The newest stored trades of a pair, oldest first. */
  trades(source: ProviderName, pair: string, budgetMs = readBudgetMs): Promise<StoredRead<readonly Trade[]>> {
    return this.#lastGood.read<TradeRow, readonly Trade[]>({
      key: `cache:db:trades:${source}:${pair}`,
      query: tradesQuery(source, pair),
      budgetMs,
      shape: (rows) => rows.map((row) => ({ ...row, id: Number(row.id), pair })).toReversed(),
      check: (cached) => list(cached, 'trades').map(readTrade),
    });
  }

  /** The newest minutes of a pair, oldest first. `budgetMs` of zero or less goes straight to the cache. */
  candles(source: ProviderName, pair: string, budgetMs: number): Promise<StoredRead<readonly Candle[]>> {
    return this.#lastGood.read<Candle, readonly Candle[]>({
      key: `cache:db:candles:${source}:${pair}`,
      query: candlesQuery(source, pair),
      budgetMs,
      shape: (rows) => rows.toReversed(),
      check: (cached) => list(cached, 'candles').map(readCandle),
    });
  }
}

interface TradeRow {
  readonly id: string;
  readonly price: number;
  readonly size: number;
  readonly side: 'buy' | 'sell';
  readonly ts: number;
}

function tradesQuery(source: ProviderName, pair: string): Query {
  const sql = `SELECT id, price, size, side, (extract(epoch FROM ts) * 1000)::float8 AS ts
    FROM trades WHERE source = $1 AND pair = $2 ORDER BY ts DESC LIMIT ${storedTrades}`;
  return { name: 'newest-trades', text: sql, values: [source, pair] };
}

function candlesQuery(source: ProviderName, pair: string): Query {
  const sql = `SELECT (extract(epoch FROM minute) * 1000)::float8 AS ts, open, high, low, close, volume,
      buy_volume AS "buyVolume"
    FROM candles WHERE source = $1 AND pair = $2 ORDER BY minute DESC LIMIT ${storedMinutes}`;
  return { name: 'newest-candles', text: sql, values: [source, pair] };
}

function readPair(item: unknown): PairRow {
  const row = record(item, 'pair');
  return {
    pair: text(row['pair'], 'pair'),
    base: text(row['base'], 'base'),
    quote: text(row['quote'], 'quote'),
  };
}

function readTrade(item: unknown): Trade {
  const row = record(item, 'trade');
  return {
    id: amount(row['id'], 'id'),
    pair: text(row['pair'], 'pair'),
    price: amount(row['price'], 'price'),
    size: amount(row['size'], 'size'),
    side: side(row['side'], 'side'),
    ts: amount(row['ts'], 'ts'),
  };
}

function readCandle(item: unknown): Candle {
  const row = record(item, 'candle');
  const at = (name: string): number => amount(row[name], name);
  return {
    ts: at('ts'),
    open: at('open'),
    high: at('high'),
    low: at('low'),
    close: at('close'),
    volume: at('volume'),
    buyVolume: row['buyVolume'] === 0 ? 0 : at('buyVolume'),
  };
}
