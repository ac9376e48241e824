import type { MessageRequested } from '../event/message.ts';

/** How one attempt to send ended. */
export type Delivery =
  | { readonly outcome: 'delivered' }
  /** May work later: 408, 429, 5xx, a timeout, no connection. `afterMs` is what the other side asked for. */
  | { readonly outcome: 'retry'; readonly reason: string; readonly afterMs?: number }
  /** Will not work: any other 4xx. */
  | { readonly outcome: 'refused'; readonly reason: string };

/** A way to reach people. */
export interface MessageChannel {
  /** As in the configuration. */
  readonly name: string;
  /** A message that failed so often is given up, as one that was refused. Default: it is tried until it is delivered. */
  readonly mostAttempts?: number;
  /**
   * Sends once, bounded in time. Resolves however it ended; rejects only when `signal` aborts. Reasons never hold a
   * secret.
   */
  send(message: MessageRequested, signal: AbortSignal): Promise<Delivery>;
}

/** Calls a URL of a heartbeat service, once, bounded in time. */
export interface HeartbeatCaller {
  call(url: string, signal?: AbortSignal): Promise<Delivery>;
}
