import { list, text } from './reading.ts';
import type { Cache } from '../store/cache.ts';
import type { Market } from './market.ts';
import type { ProviderName } from './types.ts';

const ttlMs = 30_000;

/** Which pairs a provider lists. This changes rarely, so the cache answers before the provider is asked. */
export class Listings {
  readonly #market: Market;
  readonly #cache: Cache;

  constructor(market: Market, cache: Cache) {
    this.#market = market;
    this.#cache = cache;
  }

  /** Undefined when neither the cache nor the provider can tell. */
  async of(provider: ProviderName): Promise<ReadonlySet<string> | undefined> {
    const key = `cache:${provider}:pairs`;
    const cached = readListing(await this.#cache.get(key));
    if (cached !== undefined) return cached;
    try {
      const listed = await this.#market.feeds[provider].provider.pairs();
      void this.#cache.put(key, listed, ttlMs);
      return new Set(listed);
    } catch {
      return undefined;
    }
  }
}

function readListing(cached: unknown): ReadonlySet<string> | undefined {
  try {
    return new Set(list(cached, 'pairs').map((pair) => text(pair, 'pair')));
  } catch {
    return undefined;
  }
}
