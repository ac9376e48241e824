import { WebSocket } from 'ws';
import type { Logger } from 'pino';
import type { Metrics } from '../metrics.ts';
import type { Adapter, Trade } from './types.ts';

const firstRetryMs = 100;
const maxRetryMs = 1_000;
const silenceMs = 3_000;
const handshakeMs = 2_000;

export interface StreamOptions {
  readonly adapter: Adapter;
  readonly url: URL;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly onOpen: () => void;
  readonly onTrade: (trade: Trade) => void;
}

/** A provider's trade stream that comes back by itself: after 100 ms, then ever later, at most after 1 s. */
export class ProviderStream {
  readonly #options: StreamOptions;
  #socket: WebSocket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running = false;
  #attempts = 0;
  #startedAt = 0;

  constructor(options: StreamOptions) {
    this.#options = options;
    options.metrics.streamConnected.set({ provider: options.adapter.name }, 0);
  }

  /** When it was last started, epoch ms. */
  get startedAt(): number {
    return this.#startedAt;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#startedAt = Date.now();
    this.#connect();
  }

  stop(): void {
    this.#running = false;
    clearTimeout(this.#timer);
    this.#socket?.terminate();
  }

  #connect(): void {
    const { adapter, url, metrics, logger, onOpen } = this.#options;
    const socket = new WebSocket(url, { handshakeTimeout: handshakeMs, maxPayload: 65_536 });
    this.#socket = socket;
    socket.on('open', () => {
      this.#attempts = 0;
      metrics.streamConnected.set({ provider: adapter.name }, 1);
      this.#expectMessage(socket);
      onOpen();
    });
    socket.on('message', (data) => this.#receive(socket, String(data)));
    socket.on('error', (error) => logger.debug({ err: error, provider: adapter.name }, 'Stream error'));
    socket.on('close', () => this.#closed(socket));
  }

  // A link that is open but says nothing is as dead as a closed one.
  #expectMessage(socket: WebSocket): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => socket.terminate(), silenceMs);
  }

  #receive(socket: WebSocket, message: string): void {
    const { adapter, metrics, logger, onTrade } = this.#options;
    this.#expectMessage(socket);
    try {
      for (const trade of adapter.streamed(JSON.parse(message))) {
        metrics.streamMessages.inc({ provider: adapter.name });
        onTrade(trade);
      }
    } catch (error) {
      logger.warn({ err: error, provider: adapter.name }, 'Unreadable stream message');
    }
  }

  #closed(socket: WebSocket): void {
    // A socket of before a stop and a new start has nothing to say any more.
    if (socket !== this.#socket) return;
    this.#options.metrics.streamConnected.set({ provider: this.#options.adapter.name }, 0);
    clearTimeout(this.#timer);
    if (!this.#running) return;
    const waitMs = Math.min(maxRetryMs, firstRetryMs * 2 ** this.#attempts);
    this.#attempts += 1;
    this.#timer = setTimeout(() => this.#connect(), waitMs);
  }
}
