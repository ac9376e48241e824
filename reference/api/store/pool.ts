import pg from 'pg';
import { count, measured } from '../dependency.ts';
import { NoPermit, Semaphore } from '../limits/semaphore.ts';
import type { Logger } from 'pino';
import type { Metrics } from '../metrics.ts';

const slowMs = 100;
const connectMs = 5_000;
const queuedPerConnection = 10;
const warmEveryMs = 1_000;
const complainEveryMs = 1_000;

/** One statement, sent in one round trip. The name makes Postgres keep its plan. */
export interface Query {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** A read was not answered within its budget. The query itself may still be running. */
export class ReadTooSlow extends Error {
  constructor(name: string, budgetMs: number) {
    super(`${name} was not read within ${budgetMs} ms`);
    this.name = 'ReadTooSlow';
  }
}

export interface PoolOptions {
  readonly connectionString: string;
  readonly size: number;
  readonly statementTimeoutMs: number;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** A pool of Postgres connections with a bounded queue, in which a reader waits no longer than its budget. */
export class DatabasePool {
  readonly #options: PoolOptions;
  readonly #pool: pg.Pool;
  readonly #permits: Semaphore;
  readonly #warming: NodeJS.Timeout;
  #complainedAt = -Infinity;

  constructor(options: PoolOptions) {
    const { connectionString, size, statementTimeoutMs, metrics, logger } = options;
    this.#options = options;
    this.#permits = new Semaphore(size, size * queuedPerConnection);
    this.#pool = new pg.Pool({
      connectionString,
      max: size,
      idleTimeoutMillis: 0,
      connectionTimeoutMillis: connectMs,
      statement_timeout: statementTimeoutMs,
      query_timeout: statementTimeoutMs + 1_000,
      keepAlive: true,
      application_name: 'reference-api',
    });
    this.#pool.on('error', (error) => {
      metrics.databaseErrors.inc();
      logger.warn({ err: error }, 'An idle database connection was lost');
    });
    // A connection that is cut while it is lent out reports to its query and here; unheard, it would end the process.
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
    metrics.poolSize.set(size);
    metrics.poolInUse.set(0);
    metrics.poolWaiting.set(0);
    this.#warming = setInterval(() => this.#warm(), warmEveryMs);
  }

  /**
   * Runs a query. The reader gets its rows or an error within `budgetMs`; the query goes on to its own end.
   * @throws {ReadTooSlow} past the budget, {NoPermit} when no connection became free in time.
   */
  async read<Row>(query: Query, budgetMs: number): Promise<readonly Row[]> {
    const startedAt = performance.now();
    const release = await this.#admit(budgetMs);
    const rows = this.#run<Row>(query).finally(() => {
      release();
      this.#showUse();
    });
    this.#showUse();
    return within(
      rows,
      budgetMs - (performance.now() - startedAt),
      () => new ReadTooSlow(query.name, budgetMs),
    );
  }

  async close(): Promise<void> {
    clearInterval(this.#warming);
    await this.#pool.end();
  }

  async #admit(budgetMs: number): Promise<() => void> {
    try {
      const admitted = this.#permits.acquire(budgetMs);
      this.#showUse();
      return await admitted;
    } catch (error) {
      this.#showUse();
      if (error instanceof NoPermit) this.#complain(error);
      throw error;
    }
  }

  async #run<Row>(query: Query): Promise<readonly Row[]> {
    const client = await this.#connect();
    const startedAt = performance.now();
    try {
      const result = await measured(this.#options.metrics, 'postgres', () =>
        client.query<Row & pg.QueryResultRow>({ ...query, values: [...query.values] }),
      );
      client.release();
      return result.rows;
    } catch (error) {
      this.#options.metrics.databaseErrors.inc();
      // Postgres answered with an error: the connection is sound. Anything else leaves it in doubt.
      client.release(!(error instanceof pg.DatabaseError));
      throw error;
    } finally {
      this.#time(query, performance.now() - startedAt);
    }
  }

  async #connect(): Promise<pg.PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (error) {
      this.#options.metrics.databaseErrors.inc();
      count(this.#options.metrics, 'postgres', 'error');
      throw error;
    }
  }

  #time(query: Query, durationMs: number): void {
    const { metrics, logger } = this.#options;
    metrics.queryDuration.observe(durationMs / 1_000);
    if (durationMs <= slowMs) return;
    metrics.slowQueries.inc();
    const shown = `${Math.round(durationMs)}ms > ${slowMs}ms`;
    logger.warn({ query: query.name, durationMs }, `Slow query detected (${shown})`);
  }

  #complain(error: NoPermit): void {
    const { metrics, logger } = this.#options;
    metrics.poolExhausted.inc();
    count(metrics, 'postgres', 'rejected');
    const now = performance.now();
    if (now - this.#complainedAt < complainEveryMs) return;
    this.#complainedAt = now;
    const { inUse, waiting } = this.#permits;
    logger.error({ inUse, waiting, reason: error.reason }, 'Connection pool exhausted');
  }

  #showUse(): void {
    this.#options.metrics.poolInUse.set(this.#permits.inUse);
    this.#options.metrics.poolWaiting.set(this.#permits.waiting);
  }

  // Connections are opened ahead: opening one takes several round trips, the worst thing to need on a slow day.
  #warm(): void {
    const missing = Math.min(this.#options.size - this.#pool.totalCount, 4);
    if (missing <= 0) return;
    // The pool hands out what is idle before it opens anything, so the idle ones are borrowed for an instant too.
    for (let taken = this.#pool.idleCount + missing; taken > 0; taken -= 1) {
      this.#pool.connect().then(
        (client) => client.release(),
        () => undefined,
      );
    }
  }
}

/** The value of a promise, or an error after `ms`. The promise is left to its own end, its late failure unheard. */
export function within<T>(promise: Promise<T>, ms: number, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), Math.max(0, ms));
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
