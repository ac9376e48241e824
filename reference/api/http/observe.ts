import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../metrics.ts';

/** Puts the id on every answer, and counts, times and logs it. */
export function observeRequests(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unmatched';
    const labels = { method: request.method, route, status: reply.statusCode };
    metrics.httpRequests.inc(labels);
    metrics.httpDuration.observe(labels, reply.elapsedTime / 1_000);
    request.log.info({ ...labels, durationMs: Math.round(reply.elapsedTime) }, 'Request completed');
    done();
  });
}
