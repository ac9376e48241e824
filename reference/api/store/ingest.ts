import type { Logger } from 'pino';
import type { ProviderName, Trade } from '../market/types.ts';
import type { Metrics } from '../metrics.ts';
import type { DatabasePool } from './pool.ts';

const flushEveryMs = 1_000;
const pruneEveryMs = 60_000;
const waitMs = 4_000;
const maxBuffered = 3_000;
const maxBatch = 500;

interface SourcedTrade extends Trade {
  readonly source: ProviderName;
}

/** Stores streamed trades, a batch a second in one round trip. Trades that cannot be stored in time are dropped. */
export class Ingest {
  readonly #pool: DatabasePool;
  readonly #metrics: Metrics;
  readonly #logger: Logger;
  #buffer: SourcedTrade[] = [];
  #timers: NodeJS.Timeout[] = [];
  #flushing = false;

  constructor(pool: DatabasePool, metrics: Metrics, logger: Logger) {
    this.#pool = pool;
    this.#metrics = metrics;
    this.#logger = logger;
  }

  start(): void {
    this.#timers = [
      setInterval(() => void this.#flush(), flushEveryMs),
      setInterval(() => void this.#prune(), pruneEveryMs),
    ];
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  add(source: ProviderName, trade: Trade): void {
    this.#buffer.push({ source, ...trade });
    const excess = this.#buffer.length - maxBuffered;
    if (excess <= 0) return;
    this.#buffer.splice(0, excess);
    this.#metrics.tradesDropped.inc(excess);
  }

  async #flush(): Promise<void> {
    if (this.#flushing || this.#buffer.length === 0) return;
    this.#flushing = true;
    const batch = this.#buffer.splice(0, maxBatch);
    try {
      await this.#pool.read(ingestQuery(batch), waitMs);
      this.#metrics.tradesStored.inc(batch.length);
    } catch (error) {
      this.#logger.warn({ err: error, trades: batch.length }, 'Trades could not be stored');
      this.#buffer = [...batch, ...this.#buffer].slice(-maxBuffered);
    } finally {
      this.#flushing = false;
    }
  }

  async #prune(): Promise<void> {
    const text = `WITH old AS (DELETE FROM trades WHERE ts < now() - interval '2 hours')
      DELETE FROM candles WHERE minute < now() - interval '2 hours'`;
    await this.#pool.read({ name: 'prune', text, values: [] }, waitMs).catch((error: unknown) => {
      this.#logger.warn({ err: error }, 'Old trades could not be removed');
    });
  }
}

function ingestQuery(batch: readonly SourcedTrade[]) {
  return { name: 'ingest', text: 'SELECT ingest_trades($1::json)', values: [JSON.stringify(batch)] };
}
