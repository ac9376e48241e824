import type { RateLimitPolicy } from './policy.ts';

/** What a request was told about its budget. Times are whole seconds, rounded up. */
export interface RateLimitDecision {
  readonly allowed: boolean;
  readonly remaining: number;
  readonly resetSeconds: number;
  readonly retryAfterSeconds: number;
}

const maxClients = 10_000;

/**
 * Generic cell rate algorithm: one time stamp a client instead of a counter a window, so there is no window's
 * edge at which twice the budget passes. A client that has used its burst gets a request each window/limit.
 */
export class RateLimiter {
  // When each client's budget is full again, in epoch ms.
  readonly #fullAt = new Map<string, number>();

  take(client: string, policy: RateLimitPolicy, nowMs: number): RateLimitDecision {
    const costMs = (policy.windowSeconds * 1_000) / policy.limit;
    const burstMs = costMs * policy.burst;
    const before = Math.max(this.#fullAt.get(client) ?? 0, nowMs);
    const after = before + costMs;
    // Times that are sums of fractions can miss the burst by a millionth.
    const allowed = after - nowMs <= burstMs + 1e-6;
    if (allowed) this.#remember(client, after);
    const usedMs = (allowed ? after : before) - nowMs;
    return {
      allowed,
      remaining: Math.max(0, Math.floor((burstMs - usedMs) / costMs + 1e-9)),
      resetSeconds: Math.ceil(usedMs / 1_000),
      retryAfterSeconds: allowed ? 0 : Math.max(1, Math.ceil((after - nowMs - burstMs) / 1_000)),
    };
  }

  get clients(): number {
    return this.#fullAt.size;
  }

  // Taking an entry out and putting it in again keeps the longest unseen in front, where it is forgotten first.
  #remember(client: string, fullAt: number): void {
    this.#fullAt.delete(client);
    this.#fullAt.set(client, fullAt);
    const [longestUnseen] = this.#fullAt.keys();
    if (this.#fullAt.size > maxClients && longestUnseen !== undefined) this.#fullAt.delete(longestUnseen);
  }
}
