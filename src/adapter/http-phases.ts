import type http from 'node:http';
import { isIP, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { PhaseTimings } from '../event/catalogue.ts';
import type { Phase } from '../check/ports.ts';

/** Follows one request through its phases. A reused connection has neither look-up nor connect. */
export class PhaseWatch {
  readonly #begun = performance.now();
  #figures: PhaseTimings = {};
  #current: Phase = 'connect';
  #since = this.#begun;

  /** The phase that goes on. */
  get current(): Phase {
    return this.#current;
  }

  get figures(): PhaseTimings {
    return this.#figures;
  }

  get elapsedMs(): number {
    return round(performance.now() - this.#begun);
  }

  follow(request: http.ClientRequest, url: URL): void {
    this.#figures = {};
    request.once('socket', (socket) => {
      if (request.reusedSocket) this.#start('processing');
      else this.#followConnect(socket, url);
    });
    request.once('response', () => this.enter('transfer'));
  }

  #followConnect(socket: Socket, url: URL): void {
    this.#start(isIP(url.hostname.replace(/^\[|\]$/g, '')) ? 'connect' : 'dns');
    socket.once('lookup', (error: Error | null) => error ?? this.enter('connect'));
    socket.once('connect', () => this.enter(url.protocol === 'https:' ? 'tls' : 'processing'));
    socket.once('secureConnect', () => this.enter('processing'));
  }

  #start(phase: Phase): void {
    this.#current = phase;
    this.#since = performance.now();
  }

  /** Ends the phase that went on and starts another. */
  enter(phase: Phase): void {
    this.end();
    this.#start(phase);
  }

  /** Ends the phase that went on. */
  end(): void {
    this.#figures = { ...this.#figures, [this.#current]: round(performance.now() - this.#since) };
  }
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}
