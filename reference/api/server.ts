import Fastify, { LogController } from 'fastify';
import { addErrorHandling, answerBrokenRequest, answerError } from './http/errors.ts';
import { observeRequests } from './http/observe.ts';
import { limitRates } from './http/rate-limit.ts';
import { requestIdOf } from './http/request-id.ts';
import { addAdminRoutes } from './routes/admin.ts';
import { addHealthRoutes } from './routes/health.ts';
import { addMarketRoutes } from './routes/market.ts';
import { addScreenerRoute } from './routes/screener.ts';
import { addStreamRoute } from './routes/stream.ts';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { Services } from './services.ts';

const maxConnections = 4_000;

/** The HTTP and WebSocket server of the API. Nothing listens yet. */
export async function createServer(services: Services, logger: FastifyBaseLogger): Promise<FastifyInstance> {
  const app: FastifyInstance = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: requestIdOf,
    bodyLimit: 65_536,
    requestTimeout: 10_000,
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: answerError,
    forceCloseConnections: true,
  });
  app.server.maxConnections = maxConnections;
  app.removeContentTypeParser('text/plain');
  addErrorHandling(app);
  observeRequests(app, services.metrics);
  limitRates(app, {
    clients: services.config.clients,
    otherPolicy: () => services.toggles.current.rateLimitPolicy,
    metrics: services.metrics,
  });
  await addStreamRoute(app, services);
  addMarketRoutes(app, services);
  addScreenerRoute(app, services);
  addHealthRoutes(app, services);
  addAdminRoutes(app, services);
  return app;
}
