import { createHash, timingSafeEqual } from 'node:crypto';
import { describeProblem } from '../../shared/environment.ts';
import { ApiError } from '../http/errors.ts';
import type { FastifyInstance } from 'fastify';
import type { Breaker } from '../market/breaker.ts';
import type { Services } from '../services.ts';

export function addAdminRoutes(app: FastifyInstance, services: Services): void {
  app.register(
    (admin, _options, done) => {
      admin.addHook('onRequest', (request, _reply, next) => {
        const allowed = isBearer(request.headers.authorization, services.config.adminToken);
        next(allowed ? undefined : new ApiError(401, 'UNAUTHORIZED', 'a bearer token is needed'));
      });
      addToggles(admin, services);
      addBreakers(admin, services);
      done();
    },
    { prefix: '/admin' },
  );
}

// Hashes have one length, so the comparison tells nothing about how much of a guess was right.
function isBearer(header: string | undefined, token: string): boolean {
  // The scheme is case-insensitive, and one or more spaces follow it (RFC 9110, 11.4).
  const given = /^bearer +(.*)$/i.exec(header ?? '')?.[1];
  return given !== undefined && timingSafeEqual(hash(given), hash(token));
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function addToggles(admin: FastifyInstance, { toggles }: Services): void {
  admin.get('/toggles', () => toggles.texts);
  admin.patch<{ Body: Record<string, unknown> }>(
    '/toggles',
    { schema: { body: { type: 'object', minProperties: 1 } } },
    (request) => {
      const result = toggles.apply(request.body);
      if (result.kind === 'refused') {
        const message = result.problems.map(describeProblem).join('; ');
        throw new ApiError(400, 'INVALID_TOGGLE', message, { problems: result.problems });
      }
      request.log.warn({ change: request.body }, 'Toggles changed');
      return result.texts;
    },
  );
}

function shown(breaker: Breaker) {
  return { name: breaker.name, state: breaker.state };
}

function addBreakers(admin: FastifyInstance, { market }: Services): void {
  admin.get('/breakers', (request) => ({
    breakers: market.providers.map((provider) => shown(provider.breaker)),
    requestId: request.id,
  }));
  admin.post<{ Params: { name: string } }>('/breakers/:name/reset', (request) => {
    const found = market.providers.find((provider) => provider.name === request.params.name);
    if (found === undefined) {
      const allowed = market.providers.map((provider) => provider.name);
      throw new ApiError(404, 'UNKNOWN_BREAKER', 'there is no such breaker', { allowed });
    }
    found.breaker.reset();
    request.log.warn({ breaker: found.name }, 'Circuit was reset by hand');
    return { ...shown(found.breaker), requestId: request.id };
  });
}
