import type { ProviderName } from './market/types.ts';
import type { MarketStore } from './store/market-store.ts';

const budgetMs = 2_000;
const retryMs = 250;
const sources = ['coinapi', 'okx'] as const;

/** Reads once what users will ask for, so that the first of them finds connections open and the last resort filled. */
export class WarmUp {
  readonly #store: MarketStore;
  readonly #stopped = new AbortController();
  #done = false;

  constructor(store: MarketStore) {
    this.#store = store;
  }

  get done(): boolean {
    return this.#done;
  }

  start(): void {
    void this.#untilDone();
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #untilDone(): Promise<void> {
    while (!this.#done && !this.#stopped.signal.aborted) {
      this.#done = await this.#once().then(
        () => true,
        () => false,
      );
      if (!this.#done) await new Promise((resolve) => setTimeout(resolve, retryMs).unref());
    }
  }

  async #once(): Promise<void> {
    const { value: pairs } = await this.#store.pairs(budgetMs);
    // The two sources side by side, each one read after the other: no surge that would count as slow queries.
    await Promise.all(
      sources.map((source) =>
        this.#fill(
          source,
          pairs.map(({ pair }) => pair),
        ),
      ),
    );
  }

  async #fill(source: ProviderName, pairs: readonly string[]): Promise<void> {
    await this.#store.trades(source, 'SOL-USDT', budgetMs);
    for (const pair of pairs) await this.#store.candles(source, pair, budgetMs);
  }
}
