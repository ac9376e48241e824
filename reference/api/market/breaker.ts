import { BrokenCircuitError, CircuitState, ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel';
import type { CircuitBreakerPolicy } from 'cockatiel';
import type { Logger } from 'pino';
import type { Metrics } from '../metrics.ts';
import type { ProviderName } from './types.ts';

export type BreakerState = 'closed' | 'half_open' | 'open';

const stateNumber: Record<BreakerState, number> = { closed: 0, half_open: 1, open: 2 };
const failuresToOpen = 5;

/** A call was not made because the breaker does not let users' calls through. */
export class BreakerOpen extends Error {
  constructor(name: string) {
    super(`Circuit is open: ${name}`);
    this.name = 'BreakerOpen';
  }
}

export interface BreakerOptions {
  readonly name: ProviderName;
  readonly halfOpenAfterMs: number;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/**
 * A circuit breaker that opens after five failures in a row. Users' calls pass only while it is closed; the way
 * back, through half-open, is walked by `trial` alone, so it needs no traffic and costs no user a slow answer.
 */
export class Breaker {
  readonly name: ProviderName;
  readonly #counter = new ConsecutiveBreaker(failuresToOpen);
  readonly #policy: CircuitBreakerPolicy;
  readonly #metrics: Metrics;
  readonly #logger: Logger;
  #state: BreakerState = 'closed';

  constructor({ name, halfOpenAfterMs, metrics, logger }: BreakerOptions) {
    this.name = name;
    this.#metrics = metrics;
    this.#logger = logger;
    this.#policy = circuitBreaker(handleAll, { breaker: this.#counter, halfOpenAfter: halfOpenAfterMs });
    this.#policy.onStateChange((state) => this.#enter(state));
    this.#policy.onFailure(() => metrics.breakerFailures.inc({ name }));
    metrics.breakerState.set({ name }, 0);
    metrics.breakerFailures.inc({ name }, 0);
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** @throws {BreakerOpen} at once while the breaker is not closed. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    if (this.#state !== 'closed') throw new BreakerOpen(this.name);
    return this.#policy.execute(call);
  }

  /**
   * Runs a trial call where the breaker wants one: while closed, and once its time for half-open has come.
   * @throws {BreakerOpen} while it is too early for that.
   */
  async trial<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await this.#policy.execute(call);
    } catch (error) {
      throw error instanceof BrokenCircuitError ? new BreakerOpen(this.name) : error;
    }
  }

  /** Closes it by hand and forgets the failures counted so far. */
  reset(): void {
    this.#policy.isolate().dispose();
    this.#counter.success();
  }

  #enter(state: CircuitState): void {
    // Isolated is only the step that `reset` takes on its way to closed.
    const next = state === CircuitState.Isolated ? this.#state : stateName(state);
    if (next === this.#state) return;
    const [name, from] = [this.name, this.#state];
    this.#state = next;
    this.#metrics.breakerState.set({ name }, stateNumber[next]);
    this.#metrics.breakerTransitions.inc({ name, from, to: next });
    if (next === 'open') this.#logger.warn({ breaker: name, from }, 'Circuit is open');
    else this.#logger.info({ breaker: name, from, to: next }, `Circuit is ${next.replace('_', '-')}`);
  }
}

function stateName(state: CircuitState): BreakerState {
  if (state === CircuitState.Closed) return 'closed';
  return state === CircuitState.HalfOpen ? 'half_open' : 'open';
}
