import { standingEnvelope } from '../http/envelope.ts';
import { ApiError, providerUnavailable } from '../http/errors.ts';
import { criteriaSchema } from '../screener/criteria.ts';
import type { FastifyInstance } from 'fastify';
import type { Criteria } from '../screener/criteria.ts';
import type { Services } from '../services.ts';

export function addScreenerRoute(app: FastifyInstance, services: Services): void {
  const { market, screener } = services;
  app.post<{ Body: Criteria }>(
    '/api/screener/screen',
    { schema: { body: criteriaSchema } },
    async (request) => {
      const standing = market.standing();
      if (standing.kind === 'unavailable') throw providerUnavailable();
      const startedAt = performance.now();
      const pairs = await choosePairs(services, request.body.pairs);
      const batch = await screener.screen(pairs.names, request.body, standing.source, startedAt);
      const { fromCache, ...shown } = batch;
      return {
        criteria: request.body,
        ...shown,
        ...standingEnvelope(request, market, fromCache || pairs.fromCache),
      };
    },
  );
}

async function choosePairs(
  { store }: Services,
  wanted: readonly string[] | undefined,
): Promise<{ names: readonly string[]; fromCache: boolean }> {
  const { value, from } = await store.pairs();
  const known = value.map(({ pair }) => pair);
  const unknown = wanted?.filter((pair) => !known.includes(pair)) ?? [];
  if (unknown.length > 0) {
    throw new ApiError(400, 'UNKNOWN_PAIR', `not supported: ${unknown.join(', ')}`, { allowed: known });
  }
  return { names: wanted === undefined ? known : [...new Set(wanted)], fromCache: from === 'cache' };
}
