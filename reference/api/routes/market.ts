import { candlesFrom, mergeTrades } from '../analytics/candles.ts';
import { cumulativeVolumeDelta } from '../analytics/cvd.ts';
import { viewOrderBook } from '../analytics/order-book.ts';
import { smartMoneyConcepts } from '../analytics/smc.ts';
import { envelope, standingEnvelope, withCache } from '../http/envelope.ts';
import type { FastifyInstance } from 'fastify';
import type { Services } from '../services.ts';

const solPair = 'SOL-USDT';
const candleMs = 5_000;

export function addMarketRoutes(app: FastifyInstance, services: Services): void {
  addPairs(app, services);
  addComplete(app, services);
  addCoinapiHealth(app, services);
}

function addPairs(app: FastifyInstance, { market, store, listings }: Services): void {
  app.get('/api/pairs/supported', async (request) => {
    const { value: pairs, from } = await store.pairs();
    const frame = standingEnvelope(request, market, from === 'cache');
    const listed = await listings.of(frame.source === 'okx' ? 'okx' : 'coinapi');
    const supported = listed === undefined ? pairs : pairs.filter(({ pair }) => listed.has(pair));
    return { pairs: supported, count: supported.length, ...frame };
  });
}

function addComplete(app: FastifyInstance, { market, store, quotes }: Services): void {
  app.get('/api/sol/complete', async (request) => {
    const { quote, source } = await quotes.get(solPair);
    const stored = await store.trades(quote.provider, solPair);
    const trades = mergeTrades(stored.value, market.feeds[quote.provider].provider.tape.trades(solPair));
    return {
      pair: solPair,
      price: quote.ticker.price,
      bid: quote.ticker.bid,
      ask: quote.ticker.ask,
      smc: smartMoneyConcepts(candlesFrom(trades, candleMs)),
      cvd: cumulativeVolumeDelta(trades),
      orderBook: viewOrderBook(quote.book, trades),
      sources: { price: source, trades: stored.from },
      ...envelope(request, market, withCache(source, stored.from === 'cache'), quote.asOf),
    };
  });
}

function addCoinapiHealth(app: FastifyInstance, { market }: Services): void {
  app.get('/api/coinapi/health', (request) => {
    const { provider, prober } = market.feeds.coinapi;
    const probe = prober.result;
    const frame = standingEnvelope(request, market);
    const active = frame.source !== 'coinapi';
    return {
      status: market.toggles.coinapiEnabled ? (probe.kind === 'up' ? 'up' : 'down') : 'disabled',
      reachable: probe.kind === 'up',
      latency_ms: probe.kind === 'none' ? null : probe.latencyMs,
      probedAt: probe.kind === 'none' ? null : probe.at,
      breaker: provider.breaker.state,
      fallback: {
        active,
        provider: active ? frame.source : market.toggles.fallbackProvider,
        enabled: market.toggles.fallbackEnabled,
      },
      ...frame,
    };
  });
}
