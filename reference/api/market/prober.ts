import { BreakerOpen } from './breaker.ts';
import { callTimeoutMs } from './provider.ts';
import type { Provider } from './provider.ts';

const everyMs = 500;
const timeoutMs = 1_500;
const pair = 'BTC-USDT';

/** What the last probe of a provider found. `latencyMs` is the time to the answer, or to the failure. */
export type ProbeResult =
  | { readonly kind: 'none' }
  | { readonly kind: 'up' | 'down'; readonly latencyMs: number; readonly at: number };

/** Asks a provider for a ticker twice a second, one call at a time. */
export class Prober {
  readonly #provider: Provider;
  #result: ProbeResult = { kind: 'none' };
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(provider: Provider) {
    this.#provider = provider;
  }

  get result(): ProbeResult {
    return this.#result;
  }

  start(): void {
    void this.#probe();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #probe(): Promise<void> {
    await this.#tryOnce();
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#probe(), everyMs);
  }

  // The same call serves as the breaker's trial when it wants one. When it does not, the provider's health is
  // still worth knowing: an operator must see whether the vendor or only the breaker is down.
  async #tryOnce(): Promise<void> {
    try {
      await this.#provider.breaker.trial(() => this.#call());
    } catch (error) {
      if (error instanceof BreakerOpen) await this.#call().catch(() => undefined);
    }
  }

  async #call(): Promise<void> {
    const startedAt = performance.now();
    try {
      await this.#provider.ping(pair, timeoutMs);
      this.#record('up', startedAt);
    } catch (error) {
      this.#record('down', startedAt);
      throw error;
    }
    // An answer that no user's call would have waited for must not close the breaker.
    if (performance.now() - startedAt > callTimeoutMs) throw new Error('answered too late');
  }

  #record(kind: 'up' | 'down', startedAt: number): void {
    this.#result = { kind, latencyMs: Math.round(performance.now() - startedAt), at: Date.now() };
  }
}
