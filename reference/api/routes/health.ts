import type { FastifyInstance } from 'fastify';
import type { Services } from '../services.ts';

interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

/**
 * At start an instance is ready once Postgres, Redis and a price source were reachable together and its caches are filled. From then on it
 * is ready while it can read stored data at all: losing one of Postgres and Redis degrades answers, losing both
 * ends them. Providers do not count later: taking an instance out of service would not bring them back.
 */
export function createReadiness(services: Services): () => Readiness {
  let wasReady = false;
  return () => {
    const { postgres, redis, priceSource } = states(services);
    const missing = [
      ...(postgres ? [] : ['Postgres is not reachable']),
      ...(redis ? [] : ['Redis is not reachable']),
      ...(priceSource ? [] : ['no price source is reachable']),
      ...(services.warmUp.done ? [] : ['the caches are still being filled']),
    ];
    wasReady ||= missing.length === 0;
    return { ready: wasReady && (postgres || redis), reasons: missing };
  };
}

function states({ connectionProbe, cache, market }: Services) {
  const priceSource = market.isUsable('okx') || market.isUsable('coinapi');
  return { postgres: connectionProbe.up, redis: cache.up, priceSource };
}

export function addHealthRoutes(app: FastifyInstance, services: Services): void {
  const readiness = createReadiness(services);
  app.get('/health/live', (request) => ({ status: 'live', requestId: request.id }));
  app.get('/health/ready', (request, reply) => {
    const { ready, reasons } = readiness();
    const dependencies = states(services);
    const body = { status: ready ? 'ready' : 'unready', reasons, dependencies, requestId: request.id };
    return reply.code(ready ? 200 : 503).send(body);
  });
  app.get('/metrics', async (_request, reply) => {
    const { metrics, market } = services;
    const standing = market.standing();
    metrics.fallbackActive.set(standing.kind === 'serving' && standing.source !== 'coinapi' ? 1 : 0);
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
}
