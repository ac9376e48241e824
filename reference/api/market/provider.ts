import { count } from '../dependency.ts';
import { BreakerOpen } from './breaker.ts';
import { getJson } from './http.ts';
import { Tape } from './tape.ts';
import type { Metrics } from '../metrics.ts';
import type { Breaker } from './breaker.ts';
import type { Adapter, Quote, Trade } from './types.ts';

/** A user's request waits this long for a provider; after that the next source serves it. */
export const callTimeoutMs = 300;
const quoteMaxAgeMs = 250;

export interface ProviderOptions {
  readonly adapter: Adapter;
  readonly baseUrl: string;
  readonly breaker: Breaker;
  readonly metrics: Metrics;
}

interface RecentQuote {
  readonly startedAt: number;
  readonly quote: Promise<Quote>;
}

/** One market-data provider: its calls, the breaker around them, and the trades it streamed. */
export class Provider {
  readonly breaker: Breaker;
  readonly tape = new Tape();
  readonly #options: ProviderOptions;
  readonly #recent = new Map<string, RecentQuote>();
  #quotedAt = 0;

  constructor(options: ProviderOptions) {
    this.#options = options;
    this.breaker = options.breaker;
  }

  get name(): Adapter['name'] {
    return this.#options.adapter.name;
  }

  /** The newest message of this provider, streamed or asked for, epoch ms; 0 before the first. */
  get newestAt(): number {
    return Math.max(this.#quotedAt, this.tape.newestAt);
  }

  /** The quote of a pair, at most 250 ms old. Requests at the same time share one call. */
  quote(pair: string): Promise<Quote> {
    const now = Date.now();
    const recent = this.#recent.get(pair);
    if (recent !== undefined && now - recent.startedAt < quoteMaxAgeMs) return recent.quote;
    const quote = this.#fetchQuote(pair);
    this.#recent.set(pair, { startedAt: now, quote });
    quote.catch(() => this.#recent.delete(pair));
    return quote;
  }

  /** The pairs it lists. */
  pairs(): Promise<readonly string[]> {
    return this.#guarded(async () =>
      this.#options.adapter.pairs(await this.#get('/v1/pairs', callTimeoutMs)),
    );
  }

  /** Its newest trades, at most 1,000. */
  trades(pair: string, limit: number): Promise<readonly Trade[]> {
    const path = `/v1/trades/${pair}?limit=${limit}`;
    return this.#guarded(async () =>
      this.#options.adapter.trades(await this.#get(path, callTimeoutMs), pair),
    );
  }

  /** Asks for one ticker past the breaker; how long it took is for the caller to judge. */
  async ping(pair: string, timeoutMs: number): Promise<void> {
    const ticker = this.#options.adapter.ticker(await this.#get(`/v1/ticker/${pair}`, timeoutMs));
    this.#quotedAt = Math.max(this.#quotedAt, ticker.ts);
  }

  async #fetchQuote(pair: string): Promise<Quote> {
    const { adapter } = this.#options;
    const [ticker, book] = await Promise.all([
      this.#guarded(async () => adapter.ticker(await this.#get(`/v1/ticker/${pair}`, callTimeoutMs))),
      this.#guarded(async () => adapter.book(await this.#get(`/v1/orderbook/${pair}`, callTimeoutMs))),
    ]);
    const asOf = Math.max(ticker.ts, book.ts);
    this.#quotedAt = Math.max(this.#quotedAt, asOf);
    return { provider: adapter.name, pair, ticker, book, asOf };
  }

  async #guarded<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await this.breaker.run(call);
    } catch (error) {
      if (error instanceof BreakerOpen) count(this.#options.metrics, this.name, 'rejected');
      throw error;
    }
  }

  #get(path: string, timeoutMs: number): Promise<unknown> {
    const { metrics, baseUrl } = this.#options;
    return getJson(metrics, this.name, new URL(path, baseUrl), timeoutMs);
  }
}
