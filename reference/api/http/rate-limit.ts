import { formatPolicy } from '../limits/policy.ts';
import { RateLimiter } from '../limits/rate-limiter.ts';
import { ApiError } from './errors.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RateLimitDecision } from '../limits/rate-limiter.ts';
import type { RateLimitPolicy } from '../limits/policy.ts';
import type { Metrics } from '../metrics.ts';

export interface RateLimitOptions {
  readonly clients: ReadonlyMap<string, RateLimitPolicy>;
  readonly otherPolicy: () => RateLimitPolicy;
  readonly metrics: Metrics;
}

interface Budget {
  readonly client: string;
  /** What stands in metrics: addresses would make a series for every caller. */
  readonly label: string;
  readonly policy: RateLimitPolicy;
}

/** Limits everything under /api/ and /ws/. Health and metrics are not user traffic. */
export function limitRates(app: FastifyInstance, options: RateLimitOptions): void {
  const limiter = new RateLimiter();
  app.addHook('onRequest', (request, reply, done) => {
    if (!/^\/(api|ws)(\/|$|\?)/.test(request.url)) return done();
    const budget = budgetOf(request, options);
    const decision = limiter.take(budget.client, budget.policy, Date.now());
    describe(reply, budget.policy, decision);
    if (decision.allowed) return done();
    options.metrics.rateLimited.inc({ client: budget.label });
    done(new ApiError(429, 'RATE_LIMITED', `the budget is ${formatPolicy(budget.policy)}`));
  });
}

// A name that was not announced gets no budget of its own: it would be a way around the limit.
function budgetOf(request: FastifyRequest, { clients, otherPolicy }: RateLimitOptions): Budget {
  const name = request.headers['x-client-id'];
  const policy = typeof name === 'string' ? clients.get(name) : undefined;
  if (typeof name === 'string' && policy !== undefined) return { client: `id:${name}`, label: name, policy };
  return { client: `ip:${request.ip}`, label: 'other', policy: otherPolicy() };
}

/** Both families of headers: the single fields of the IETF draft and the three separate ones. */
function describe(reply: FastifyReply, policy: RateLimitPolicy, decision: RateLimitDecision): void {
  const { remaining, resetSeconds: reset } = decision;
  reply.headers({
    'ratelimit-policy': formatPolicy(policy),
    ratelimit: `limit=${policy.limit}, remaining=${remaining}, reset=${reset}`,
    'ratelimit-limit': policy.limit,
    'ratelimit-remaining': remaining,
    'ratelimit-reset': reset,
  });
  if (!decision.allowed) reply.header('retry-after', decision.retryAfterSeconds);
}
