import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server on loopback, closed with its scope. */
export interface Running extends AsyncDisposable {
  readonly address: string;
  readonly url: string;
}

/** A dependency with a price: answers everything with `{"price": …}`. */
export const startDependency = (price: number): Promise<Running> =>
  listen((_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ price }));
  });

export interface ShopOptions {
  /** Where the price comes from: the listener of a proxy. */
  readonly source: string;
  /** What is answered when the source fails; without it the shop fails too. */
  readonly fallback?: { readonly price: number };
  /** Marks a fallback answer degraded. Default true. */
  readonly honest?: boolean;
  /** A toggle that takes no other value any more once it was changed. */
  readonly stuck?: string;
  /** Asks its source by way of a circuit breaker, which `/metrics` tells of by a gauge. Default false. */
  readonly fused?: boolean;
  /** What `/metrics` tells of its vault. Default: that it is reachable. */
  readonly vault?: () => boolean;
  /** How long it takes over an answer besides, in ms. Default 0. */
  readonly takesMs?: number;
  /** How long it waits for its source, in ms. Default 300. */
  readonly withinMs?: number;
}

/** The shop's toggles: `GET /toggles` tells them, `POST /toggles` changes some. `FALLBACK` `off` is no fallback. */
export const normalToggles = { FALLBACK: 'on', SAVING: 'off' };

/**
 * A small system with one dependency: `GET /price` asks it within a time limit, falls back, and says so. It counts its
 * calls in `/metrics`, as the target of an experiment must.
 */
export async function startShop(options: ShopOptions): Promise<Running> {
  const counts = { ok: 0, error: 0, seconds: 0 };
  let toggles: Readonly<Record<string, string>> = normalToggles;
  const fuse = new Fuse();
  return listen(async (request, response) => {
    if (request.url === '/metrics') {
      const own = options.fused ? fuseMetrics(fuse, options.vault?.() ?? true) : '';
      return void response.end(metrics(counts) + own);
    }
    if (request.url === '/toggles') {
      toggles = await switched(request, toggles, options.stuck);
      return void response.end(JSON.stringify(toggles));
    }
    const began = performance.now();
    const asks = options.fused !== true || fuse.lets();
    const price = asks ? await ask(options).catch(() => undefined) : undefined;
    if (asks) {
      fuse.told(price !== undefined);
      counts[price === undefined ? 'error' : 'ok'] += 1;
      counts.seconds += (performance.now() - began) / 1_000;
    }
    const { fallback, takesMs = 0, ...rest } = options;
    await sleep(takesMs);
    const on = toggles['FALLBACK'] === 'on' || toggles['SAVING'] === 'on';
    answer(response, fallback && on ? { ...rest, fallback } : rest, price);
  });
}

/**
 * The shop as the project `strangers` knows it. It waits long for its source: that a machine is busy is not that its
 * source is gone.
 */
export const startStall = (options: Omit<ShopOptions, 'fallback' | 'fused' | 'withinMs'>): Promise<Running> =>
  startShop({ ...options, fallback: { price: 101 }, fused: true, withinMs: 5_000 });

/**
 * Goes out after three failures in a row. After a while it lets a call through now and then, and closes once five of
 * them were answered: it is half-open for long enough to be seen so.
 */
class Fuse {
  position: 'closed' | 'half-open' | 'out' = 'closed';
  #failed = 0;
  #answered = 0;
  #nextAt = 0;

  lets(): boolean {
    if (this.position === 'closed') return true;
    if (performance.now() < this.#nextAt) return false;
    if (this.position === 'out') this.#answered = 0;
    this.position = 'half-open';
    this.#nextAt = performance.now() + trialMs;
    return true;
  }

  told(answered: boolean): void {
    this.#failed = answered ? 0 : this.#failed + 1;
    if (this.position === 'closed' ? this.#failed >= 3 : !answered) this.#goOut();
    else if (this.position === 'half-open' && ++this.#answered >= 5) this.position = 'closed';
  }

  #goOut(): void {
    this.position = 'out';
    this.#nextAt = performance.now() + fuseMs;
  }
}

const trialMs = 500;
const fuseMs = 3_000;
const positions = { closed: 10, 'half-open': 20, out: 30 } as const;

const fuseMetrics = ({ position }: Fuse, vault: boolean): string => `
# TYPE fuse_position gauge
fuse_position{circuit="prices"} ${positions[position]}
# TYPE vault_reachable gauge
vault_reachable ${vault ? 1 : 0}
`;

async function switched(
  request: IncomingMessage,
  toggles: Readonly<Record<string, string>>,
  stuck: string | undefined,
): Promise<Readonly<Record<string, string>>> {
  if (request.method !== 'POST') return toggles;
  let text = '';
  for await (const chunk of request) text += String(chunk);
  const wanted = { ...toggles, ...(JSON.parse(text) as Record<string, string>) };
  const kept = stuck === undefined ? undefined : toggles[stuck];
  const moved = stuck !== undefined && kept !== (normalToggles as Record<string, string>)[stuck];
  return moved ? { ...wanted, [stuck]: kept ?? '' } : wanted;
}

function answer(
  response: ServerResponse,
  { fallback, honest = true }: ShopOptions,
  price: number | undefined,
): void {
  response.setHeader('content-type', 'application/json');
  const found = price ?? fallback?.price;
  response.statusCode = found === undefined ? 503 : 200;
  const degraded = price === undefined && honest;
  response.end(JSON.stringify({ price: found, degraded, source: degraded ? 'fallback' : 'primary' }));
}

async function ask({ source, withinMs = 300 }: ShopOptions): Promise<number> {
  const response = await fetch(`http://${source}/price`, {
    signal: AbortSignal.timeout(withinMs),
    headers: { connection: 'close' },
  });
  return ((await response.json()) as { price: number }).price;
}

const metrics = ({ ok, error, seconds }: { ok: number; error: number; seconds: number }): string => `
# TYPE shop_calls_total counter
shop_calls_total{dependency="source",outcome="ok"} ${ok}
shop_calls_total{dependency="source",outcome="error"} ${error}
# TYPE shop_call_seconds histogram
shop_call_seconds_bucket{dependency="source",le="+Inf"} ${ok + error}
shop_call_seconds_sum{dependency="source"} ${seconds}
shop_call_seconds_count{dependency="source"} ${ok + error}
`;

async function listen(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Running> {
  const server: Server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { address: `127.0.0.1:${port}`, url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: close };
}
