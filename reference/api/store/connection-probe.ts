import pg from 'pg';
import type { Metrics } from '../metrics.ts';

const everyMs = 1_000;
const timeoutMs = 5_000;

/** Opens a connection of its own again and again: a pool full of live connections says nothing about new ones. */
export class ConnectionProbe {
  readonly #connectionString: string;
  readonly #metrics: Metrics;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #up = false;

  constructor(connectionString: string, metrics: Metrics) {
    this.#connectionString = connectionString;
    this.#metrics = metrics;
    // Nothing is known yet: a 0 would say that the database is down.
    metrics.databaseUp.remove();
  }

  get up(): boolean {
    return this.#up;
  }

  start(): void {
    void this.#probe();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #probe(): Promise<void> {
    const startedAt = performance.now();
    this.#up = await canConnect(this.#connectionString);
    this.#metrics.databaseUp.set(this.#up ? 1 : 0);
    this.#metrics.connectionTime.set(performance.now() - startedAt);
    if (!this.#up) this.#metrics.databaseErrors.inc();
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#probe(), everyMs);
  }
}

async function canConnect(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: timeoutMs });
  // The connection may be cut after it was opened; that is not for this probe to report.
  client.on('error', () => undefined);
  try {
    await client.connect();
    void client.end().catch(() => undefined);
    return true;
  } catch {
    void client.end().catch(() => undefined);
    return false;
  }
}
