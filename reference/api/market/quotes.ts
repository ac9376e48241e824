import { checkQuote } from './cached-quote.ts';
import type { Cache } from '../store/cache.ts';
import type { Market } from './market.ts';
import type { ProviderName, Quote, Source } from './types.ts';

const keptMs = 3_600_000;
const rewriteEveryMs = 500;

/** No source that may serve could. */
export class NoQuote extends Error {
  constructor(pair: string, causes: readonly unknown[]) {
    super(`no source has a quote for ${pair}`, { cause: new AggregateError(causes) });
    this.name = 'NoQuote';
  }
}

export interface SourcedQuote {
  readonly quote: Quote;
  readonly source: Source;
}

/** Quotes from the best source that answers, within the same request. */
export class Quotes {
  readonly #market: Market;
  readonly #cache: Cache;
  readonly #writtenAt = new Map<string, number>();

  constructor(market: Market, cache: Cache) {
    this.#market = market;
    this.#cache = cache;
  }

  /** @throws {NoQuote} when every allowed source failed. */
  async get(pair: string): Promise<SourcedQuote> {
    const causes: unknown[] = [];
    for (const source of this.#market.allowed()) {
      try {
        // One after the other: the next is asked only when this one failed.
        // oxlint-disable-next-line no-await-in-loop
        return { quote: await this.#from(source, pair), source };
      } catch (error) {
        causes.push(error);
      }
    }
    throw new NoQuote(pair, causes);
  }

  async #from(source: Source, pair: string): Promise<Quote> {
    if (source === 'cache') return this.#recall(pair);
    const quote = await this.#market.feeds[source].provider.quote(pair);
    this.#remember(quote);
    return quote;
  }

  async #recall(pair: string): Promise<Quote> {
    const names: readonly ProviderName[] = ['coinapi', 'okx'];
    const found = await Promise.all(names.map((name) => this.#cache.get(keyOf(name, pair))));
    const quotes = found.map(checkQuote).filter((quote) => quote !== undefined);
    const newest = quotes.toSorted((a, b) => b.asOf - a.asOf)[0];
    if (newest === undefined) throw new Error(`the cache has no quote for ${pair}`);
    return newest;
  }

  #remember(quote: Quote): void {
    const key = keyOf(quote.provider, quote.pair);
    const now = performance.now();
    if (now - (this.#writtenAt.get(key) ?? -Infinity) < rewriteEveryMs) return;
    this.#writtenAt.set(key, now);
    void this.#cache.put(key, quote, keptMs);
  }
}

function keyOf(provider: ProviderName, pair: string): string {
  return `cache:${provider}:quote:${pair}`;
}
