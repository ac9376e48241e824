import { Listings } from './market/listings.ts';
import { Market } from './market/market.ts';
import { Quotes } from './market/quotes.ts';
import { createMetrics } from './metrics.ts';
import { Screener } from './screener/screener.ts';
import { Cache } from './store/cache.ts';
import { ConnectionProbe } from './store/connection-probe.ts';
import { Ingest } from './store/ingest.ts';
import { LastGood } from './store/last-good.ts';
import { MarketStore } from './store/market-store.ts';
import { DatabasePool } from './store/pool.ts';
import { ToggleBoard } from './toggles.ts';
import { WarmUp } from './warm-up.ts';
import type { Logger } from 'pino';
import type { Config } from './config.ts';

export type Services = ReturnType<typeof createServices>;

/** Every part of the API, joined. Dependencies are dialled at once, but nothing waits for them. */
export function createServices(config: Config, logger: Logger) {
  const metrics = createMetrics();
  const toggles = new ToggleBoard(config.toggles);
  const cache = new Cache(config.redisUrl, metrics, logger);
  const pool = new DatabasePool({
    connectionString: config.databaseUrl,
    size: config.poolSize,
    statementTimeoutMs: config.statementTimeoutMs,
    metrics,
    logger,
  });
  const connectionProbe = new ConnectionProbe(config.databaseUrl, metrics);
  const ingest = new Ingest(pool, metrics, logger);
  const market = new Market({ config, toggles, cache, ingest, metrics, logger });
  const store = new MarketStore(new LastGood(pool, cache));
  const warmUp = new WarmUp(store);
  return {
    config,
    warmUp,
    metrics,
    toggles,
    cache,
    connectionProbe,
    market,
    store,
    quotes: new Quotes(market, cache),
    listings: new Listings(market, cache),
    screener: new Screener(market, store, metrics),
    start(): void {
      connectionProbe.start();
      ingest.start();
      market.start();
      warmUp.start();
    },
    async stop(): Promise<void> {
      warmUp.stop();
      market.stop();
      ingest.stop();
      connectionProbe.stop();
      cache.close();
      await pool.close();
    },
  };
}
