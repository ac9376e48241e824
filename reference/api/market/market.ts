import { Breaker } from './breaker.ts';
import { coinapiAdapter } from './coinapi.ts';
import { okxAdapter } from './okx.ts';
import { Prober } from './prober.ts';
import { Provider } from './provider.ts';
import { allowedSources, chooseSource } from './standing.ts';
import { ProviderStream } from './stream.ts';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Metrics } from '../metrics.ts';
import type { Cache } from '../store/cache.ts';
import type { Ingest } from '../store/ingest.ts';
import type { ToggleBoard, Toggles } from '../toggles.ts';
import type { Standing } from './standing.ts';
import type { ProviderName, Source, Trade } from './types.ts';

/** A stream that said nothing for this long is stale, and the next source takes over. */
const staleMs = 2_000;
const missedTrades = 120;

/** A provider with its stream and its prober. */
export interface Feed {
  readonly provider: Provider;
  readonly stream: ProviderStream;
  readonly prober: Prober;
}

export interface MarketParts {
  readonly config: Config;
  readonly toggles: ToggleBoard;
  readonly cache: Cache;
  readonly ingest: Ingest;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

type TradeListener = (trade: Trade, source: ProviderName) => void;

/** The two providers, and which of them serves now. */
export class Market {
  readonly feeds: Readonly<Record<ProviderName, Feed>>;
  readonly #parts: MarketParts;
  readonly #listeners = new Set<TradeListener>();

  constructor(parts: MarketParts) {
    this.#parts = parts;
    this.feeds = { coinapi: this.#feed('coinapi'), okx: this.#feed('okx') };
    parts.toggles.onChange((toggles) => this.#follow(toggles));
  }

  get toggles(): Toggles {
    return this.#parts.toggles.current;
  }

  get providers(): readonly Provider[] {
    return [this.feeds.coinapi.provider, this.feeds.okx.provider];
  }

  start(): void {
    for (const { prober } of Object.values(this.feeds)) prober.start();
    this.feeds.okx.stream.start();
    this.#follow(this.toggles);
  }

  stop(): void {
    for (const { prober, stream } of Object.values(this.feeds)) {
      prober.stop();
      stream.stop();
    }
  }

  /** Which source serves what is computed from streamed and stored data. */
  standing(): Standing {
    return chooseSource(this.toggles, { coinapi: this.isUsable('coinapi'), okx: this.isUsable('okx') });
  }

  /** The sources a request may use, best first. */
  allowed(): readonly Source[] {
    return allowedSources(this.toggles);
  }

  isUsable(name: ProviderName): boolean {
    const { provider, stream } = this.feeds[name];
    // A stream that was just started gets the same time as one that fell silent.
    const heardAt = Math.max(provider.tape.newestAt, stream.startedAt);
    return provider.breaker.state === 'closed' && Date.now() - heardAt < staleMs;
  }

  /** The newest message of a source, epoch ms. That of the cache is the newest that any provider ever sent us. */
  newestOf(source: Source): number {
    if (source === 'cache') return Math.max(...this.providers.map((provider) => provider.newestAt));
    const { provider } = this.feeds[source];
    return provider.tape.newestAt > 0 ? provider.tape.newestAt : provider.newestAt;
  }

  onTrade(listener: TradeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  // A provider that is switched off is not called, and its stream is a call.
  #follow(toggles: Toggles): void {
    if (toggles.coinapiEnabled) this.feeds.coinapi.stream.start();
    else this.feeds.coinapi.stream.stop();
  }

  #feed(name: ProviderName): Feed {
    const { config, metrics, logger, ingest } = this.#parts;
    const adapter = name === 'coinapi' ? coinapiAdapter : okxAdapter;
    const baseUrl = config.providerUrls[name];
    const breaker = new Breaker({ name, halfOpenAfterMs: config.halfOpenAfterMs, metrics, logger });
    const provider = new Provider({ adapter, baseUrl, breaker, metrics });
    const url = new URL('/v1/stream', baseUrl.replace(/^http/, 'ws'));
    const keep = (trade: Trade): void => {
      provider.tape.add(trade);
      ingest.add(name, trade);
    };
    const onTrade = (trade: Trade): void => {
      keep(trade);
      for (const listener of this.#listeners) listener(trade, name);
    };
    const onOpen = (): void => void catchUp(provider, keep);
    const stream = new ProviderStream({ adapter, url, metrics, logger, onOpen, onTrade });
    return { provider, stream, prober: new Prober(provider) };
  }
}

/** Asks for what the stream missed while it was away, pair by pair, until the provider fails. */
async function catchUp(provider: Provider, keep: (trade: Trade) => void): Promise<void> {
  try {
    for (const pair of await provider.pairs()) {
      // One call at a time: catching up must not crowd out the calls users wait for.
      // oxlint-disable-next-line no-await-in-loop
      const missed = await provider.trades(pair, missedTrades);
      for (const trade of missed.toSorted((a, b) => a.ts - b.ts)) keep(trade);
    }
  } catch {
    // What was missed stays missing; the stream itself goes on.
  }
}
