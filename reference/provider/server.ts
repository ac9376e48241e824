import websocket from '@fastify/websocket';
import Fastify, { LogController } from 'fastify';
import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import { bookAt } from './book.ts';
import { dialects } from './dialect.ts';
import { isPair } from './pairs.ts';
import { startTape } from './stream.ts';
import { tradesBefore } from './trades.ts';
import type { FastifyBaseLogger, FastifyInstance, FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import type { ProviderName } from './price.ts';

type PairRoute = { Params: { pair: string } };

/** The HTTP API and trade stream of one provider. Nothing listens yet. */
export async function createProvider(provider: ProviderName, logger: Logger): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
  });
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  countRequests(app, registry);
  await app.register(websocket, { options: { maxPayload: 1_024 } });
  addMarketRoutes(app, provider);
  addStream(app, provider, registry);
  app.get('/health', () => ({ status: 'up', provider }));
  app.get('/metrics', async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(dialects[provider].failure('not found')));
  return app;
}

function countRequests(app: FastifyInstance, registry: Registry): void {
  const requests = new Counter({
    name: 'provider_requests_total',
    help: 'Requests this provider answered',
    labelNames: ['route', 'status'],
    registers: [registry],
  });
  app.addHook('onResponse', (request, reply, done) => {
    requests.inc({ route: request.routeOptions.url ?? 'unmatched', status: reply.statusCode });
    done();
  });
}

function addMarketRoutes(app: FastifyInstance, provider: ProviderName): void {
  const dialect = dialects[provider];
  const unknown = (reply: FastifyReply): unknown => reply.code(404).send(dialect.failure('unknown pair'));
  app.get('/v1/pairs', () => dialect.pairs());
  app.get<PairRoute>('/v1/ticker/:pair', ({ params }, reply) =>
    isPair(params.pair) ? dialect.ticker(params.pair, Date.now()) : unknown(reply),
  );
  app.get<PairRoute>('/v1/orderbook/:pair', ({ params: { pair } }, reply) =>
    isPair(pair) ? dialect.book(pair, bookAt(provider, pair, Date.now())) : unknown(reply),
  );
  app.get<PairRoute & { Querystring: { limit: number } }>(
    '/v1/trades/:pair',
    { schema: { querystring: { type: 'object', properties: { limit: limitSchema } } } },
    ({ params: { pair }, query }, reply) =>
      isPair(pair) ? dialect.trades(tradesBefore(provider, pair, Date.now(), query.limit)) : unknown(reply),
  );
}

const limitSchema = { type: 'integer', minimum: 1, maximum: 1_000, default: 100 } as const;

function addStream(app: FastifyInstance, provider: ProviderName, registry: Registry): void {
  const clients = new Gauge({
    name: 'provider_stream_clients',
    help: 'Clients connected to the trade stream',
    registers: [registry],
    collect() {
      this.set(app.websocketServer.clients.size);
    },
  });
  clients.set(0);
  const stop = startTape(provider, () => app.websocketServer.clients);
  app.addHook('preClose', () => {
    stop();
    for (const client of app.websocketServer.clients) client.terminate();
  });
  app.get('/v1/stream', { websocket: true }, (socket) => {
    socket.on('error', () => socket.terminate());
  });
}
