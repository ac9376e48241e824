import { Redis } from 'ioredis';
import { count, measured } from '../dependency.ts';
import type { Logger } from 'pino';
import type { Metrics } from '../metrics.ts';

const commandMs = 100;
const pingEveryMs = 500;
const maxRetryMs = 1_000;
const failedPingsToReconnect = 4;

/** Redis as a cache that may vanish: every command is bounded, none is queued, and no failure reaches a reader. */
export class Cache {
  readonly #redis: Redis;
  readonly #metrics: Metrics;
  readonly #timer: NodeJS.Timeout;
  #up = false;
  #failedPings = 0;

  constructor(url: string, metrics: Metrics, logger: Logger) {
    this.#metrics = metrics;
    this.#redis = new Redis(url, {
      enableOfflineQueue: false,
      commandTimeout: commandMs,
      connectTimeout: 1_000,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      retryStrategy: (attempt) => Math.min(maxRetryMs, 50 * 2 ** Math.min(attempt, 10)),
    });
    this.#redis.on('error', (error) => logger.debug({ err: error }, 'Redis connection failed'));
    this.#redis.on('ready', () => void this.#ping());
    this.#redis.on('close', () => this.#show(false));
    metrics.redisUp.set(0);
    this.#timer = setInterval(() => void this.#ping(), pingEveryMs);
  }

  get up(): boolean {
    return this.#up;
  }

  /** The value under a key; undefined where there is none, it is not JSON, or Redis does not answer. */
  async get(key: string): Promise<unknown> {
    try {
      const found = await this.#command(() => this.#redis.get(key));
      const value: unknown = found === null ? undefined : JSON.parse(found);
      this.#metrics.cacheRequests.inc({ result: value === undefined ? 'miss' : 'hit' });
      return value;
    } catch {
      this.#metrics.cacheRequests.inc({ result: 'error' });
      return undefined;
    }
  }

  /** Puts a value under a key for a time. Failing to is no error: the next one will. */
  async put(key: string, value: unknown, ttlMs: number): Promise<void> {
    await this.#command(() => this.#redis.set(key, JSON.stringify(value), 'PX', ttlMs)).catch(
      () => undefined,
    );
  }

  close(): void {
    clearInterval(this.#timer);
    this.#redis.disconnect();
  }

  // While pings fail no command is tried: each would cost a reader its timeout.
  async #command<T>(call: () => Promise<T>): Promise<T> {
    if (!this.#up) {
      count(this.#metrics, 'redis', 'rejected');
      throw new Error('Redis is down');
    }
    return measured(this.#metrics, 'redis', call);
  }

  async #ping(): Promise<void> {
    try {
      await measured(this.#metrics, 'redis', () => this.#redis.ping());
      this.#failedPings = 0;
      this.#show(true);
    } catch {
      this.#show(false);
      this.#failedPings += 1;
      // A link on which nothing comes back would keep every command sent on it; a new one starts empty.
      if (this.#failedPings % failedPingsToReconnect === 0) this.#redis.disconnect(true);
    }
  }

  #show(up: boolean): void {
    this.#up = up;
    this.#metrics.redisUp.set(up ? 1 : 0);
  }
}
