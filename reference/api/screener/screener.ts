import { smartMoneyConcepts } from '../analytics/smc.ts';
import { round } from '../analytics/types.ts';
import { NoPermit, Semaphore } from '../limits/semaphore.ts';
import { readBudgetMs } from '../store/market-store.ts';
import { matches } from './criteria.ts';
import type { Candle } from '../analytics/types.ts';
import type { Market } from '../market/market.ts';
import type { ProviderName, Source } from '../market/types.ts';
import type { Metrics } from '../metrics.ts';
import type { MarketStore } from '../store/market-store.ts';
import type { Criteria, Screened } from './criteria.ts';

const maxQueued = 10_000;

export interface Batch {
  readonly results: readonly Screened[];
  readonly screened: number;
  /** Pairs for which there was no data, or that the batch did not reach before its deadline. */
  readonly skipped: readonly { readonly pair: string; readonly reason: 'no-data' | 'deadline' }[];
  readonly fromCache: boolean;
  readonly durationMs: number;
}

type PairResult =
  | { readonly kind: 'screened'; readonly screened: Screened; readonly fromCache: boolean }
  | { readonly kind: 'skipped'; readonly pair: string; readonly reason: 'no-data' | 'deadline' };

/** Computes pairs for all batches together, as many at a time as the toggle allows. */
export class Screener {
  readonly #market: Market;
  readonly #store: MarketStore;
  readonly #metrics: Metrics;
  readonly #permits: Semaphore;

  constructor(market: Market, store: MarketStore, metrics: Metrics) {
    this.#market = market;
    this.#store = store;
    this.#metrics = metrics;
    this.#permits = new Semaphore(market.toggles.screenerMaxConcurrency, maxQueued);
  }

  /**
   * Screens pairs. The batch ends at the deadline with what it has. `startedAt` (monotonic ms) is when the
   * request began: all its reads share one budget.
   */
  async screen(
    pairs: readonly string[],
    criteria: Criteria,
    source: Source,
    startedAt: number,
  ): Promise<Batch> {
    this.#permits.resize(this.#market.toggles.screenerMaxConcurrency);
    const deadline = startedAt + this.#market.toggles.screenerTtlSeconds * 1_000;
    const found = await Promise.all(pairs.map((pair) => this.#pair(pair, source, startedAt, deadline)));
    const durationMs = performance.now() - startedAt;
    this.#metrics.screenerDuration.observe(durationMs / 1_000);
    return summarise(found, criteria, durationMs);
  }

  async #pair(pair: string, source: Source, startedAt: number, deadline: number): Promise<PairResult> {
    try {
      const release = await this.#permits.acquire(deadline - performance.now());
      try {
        return await this.#compute(pair, source, readBudgetMs - (performance.now() - startedAt));
      } finally {
        release();
      }
    } catch (error) {
      return { kind: 'skipped', pair, reason: error instanceof NoPermit ? 'deadline' : 'no-data' };
    }
  }

  async #compute(pair: string, source: Source, budgetMs: number): Promise<PairResult> {
    const provider: ProviderName = source === 'okx' ? 'okx' : 'coinapi';
    const { value: candles, from } = await this.#store.candles(provider, pair, budgetMs);
    const live =
      source === 'cache' ? undefined : this.#market.feeds[provider].provider.tape.last(pair)?.price;
    const screened = screenPair(pair, candles, live);
    if (screened === undefined) return { kind: 'skipped', pair, reason: 'no-data' };
    return { kind: 'screened', screened, fromCache: from === 'cache' };
  }
}

/** Undefined without candles. */
export function screenPair(
  pair: string,
  candles: readonly Candle[],
  livePrice: number | undefined,
): Screened | undefined {
  const [first, last] = [candles[0], candles.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const price = livePrice ?? last.close;
  const volume = candles.reduce((sum, candle) => sum + candle.volume, 0);
  const bought = candles.reduce((sum, candle) => sum + candle.buyVolume, 0);
  return {
    pair,
    price,
    changePercent: round((price / first.open - 1) * 100, 4),
    volume: round(volume, 4),
    cvd: round(2 * bought - volume, 4),
    trend: smartMoneyConcepts(candles).trend,
  };
}

function summarise(found: readonly PairResult[], criteria: Criteria, durationMs: number): Batch {
  const done = found.filter((one) => one.kind === 'screened');
  const results = done.map((one) => one.screened).filter((one) => matches(criteria, one));
  return {
    results: results.toSorted((a, b) => b.changePercent - a.changePercent).slice(0, criteria.limit ?? 100),
    screened: done.length,
    skipped: found.filter((one) => one.kind === 'skipped').map(({ pair, reason }) => ({ pair, reason })),
    fromCache: done.some((one) => one.fromCache),
    durationMs: Math.round(durationMs),
  };
}
