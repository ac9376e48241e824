import type { Cache } from './cache.ts';
import type { DatabasePool, Query } from './pool.ts';

const keptMs = 3_600_000;
const rewriteEveryMs = 1_000;

/** Neither the database nor the cache could give what was asked for. */
export class StoreUnavailable extends Error {
  constructor(key: string, cause: unknown) {
    super(`neither the database nor the cache has ${key}`, { cause });
    this.name = 'StoreUnavailable';
  }
}

export interface StoredRead<T> {
  readonly value: T;
  readonly from: 'database' | 'cache';
}

/** Reads that go to the database each time, and to its last good answer in the cache when it fails or is late. */
export class LastGood {
  readonly #pool: DatabasePool;
  readonly #cache: Cache;
  readonly #writtenAt = new Map<string, number>();

  constructor(pool: DatabasePool, cache: Cache) {
    this.#pool = pool;
    this.#cache = cache;
  }

  /**
   * `check` turns a value of the cache into a T or throws: what lies in a cache is not to be trusted.
   * @throws {StoreUnavailable} when both fail.
   */
  async read<Row, T>(request: {
    readonly key: string;
    readonly query: Query;
    readonly budgetMs: number;
    readonly shape: (rows: readonly Row[]) => T;
    readonly check: (cached: unknown) => T;
  }): Promise<StoredRead<T>> {
    const { key, query, budgetMs, shape } = request;
    try {
      if (budgetMs <= 0) throw new Error('no time left to ask the database');
      const value = shape(await this.#pool.read<Row>(query, budgetMs));
      this.#remember(key, value);
      return { value, from: 'database' };
    } catch (error) {
      return { value: await this.#recall(key, request.check, error), from: 'cache' };
    }
  }

  async #recall<T>(key: string, check: (cached: unknown) => T, cause: unknown): Promise<T> {
    const cached = await this.#cache.get(key);
    if (cached === undefined) throw new StoreUnavailable(key, cause);
    try {
      return check(cached);
    } catch (error) {
      throw new StoreUnavailable(key, error);
    }
  }

  // One write a second for a key is enough for a last resort. Keys are those of known pairs, so they are few.
  #remember(key: string, value: unknown): void {
    const now = performance.now();
    if (now - (this.#writtenAt.get(key) ?? -Infinity) < rewriteEveryMs) return;
    this.#writtenAt.set(key, now);
    void this.#cache.put(key, value, keptMs);
  }
}
