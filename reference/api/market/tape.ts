import type { Trade } from './types.ts';

const keptPerPair = 400;

/** The newest trades that a provider streamed, a bounded number for each pair. */
export class Tape {
  readonly #trades = new Map<string, Trade[]>();
  #newestAt = 0;

  add(trade: Trade): void {
    const kept = this.#trades.get(trade.pair) ?? [];
    const last = kept.at(-1);
    if (last !== undefined && trade.id <= last.id) return;
    kept.push(trade);
    if (kept.length > keptPerPair) kept.shift();
    this.#trades.set(trade.pair, kept);
    this.#newestAt = Math.max(this.#newestAt, trade.ts);
  }

  /** Oldest first. */
  trades(pair: string): readonly Trade[] {
    return this.#trades.get(pair) ?? [];
  }

  last(pair: string): Trade | undefined {
    return this.#trades.get(pair)?.at(-1);
  }

  /** The newest trade of any pair, epoch ms; 0 before the first. */
  get newestAt(): number {
    return this.#newestAt;
  }
}
