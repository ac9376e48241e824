import type { PhaseTimings } from '../event/catalogue.ts';

/** One HTTP request on the wire. Nothing of it is retried but a request that a reused connection lost unseen. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Over the whole exchange, from the first look-up to the last byte. */
  readonly timeoutMs: number;
  /** Reading stops here. */
  readonly maxBytes: number;
  /** PEM file of a certificate authority to trust besides the usual ones. */
  readonly ca?: string;
  /** Whether sending it twice changes nothing. Default false. */
  readonly repeatable?: boolean;
}

export type Phase = keyof PhaseTimings;

/** What every exchange tells. */
export interface Measured {
  readonly durationMs: number;
  readonly phases: PhaseTimings;
  /** The longest this process's event loop was late meanwhile: above a budget the figures are ours, not the target's. */
  readonly loopLagMs: number;
}

export interface Answered {
  readonly kind: 'answered';
  readonly status: number;
  /** Lower-case names; repeated ones joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** At most `maxBytes`. */
  readonly body: Uint8Array;
  /** SHA-256 of what was read, hex. */
  readonly sha256: string;
  /** There was more than `maxBytes`; the rest was not read. */
  readonly cut: boolean;
}

/** How an exchange ended. Every way a target can fail is data, never a rejection. */
export type HttpExchange = Measured &
  (
    | Answered
    | { readonly kind: 'timed-out'; readonly waitingFor: Phase }
    /** No whole answer: `code` is Node's (`ECONNREFUSED`, `CERT_HAS_EXPIRED`, `HPE_INVALID_CONSTANT`). */
    | {
        readonly kind: 'broken';
        readonly code: string;
        readonly message: string;
        readonly waitingFor: Phase;
        /** Bytes of the body that had arrived. */
        readonly received: number;
      }
    /** The caller's signal. */
    | { readonly kind: 'interrupted' }
  );

export interface HttpProbe {
  /** One exchange. Follows no redirect. Rejects only where the request itself is wrong (a bad URL or CA file). */
  ask(request: HttpRequest, signal?: AbortSignal): Promise<HttpExchange>;
  /** Closes idle connections; a process can end after it. */
  close(): void;
}

export interface SocketRequest {
  /** Connections are kept and reused by this name. */
  readonly lane: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent one after another: each waits for its answer. */
  readonly messages: readonly { readonly id: string; readonly text: string }[];
  /** Field of the answer that carries the id. */
  readonly correlate: string;
  /** For connecting, and then for each message. */
  readonly timeoutMs: number;
  readonly ca?: string;
}

/** How one message fared. */
export type SocketReply =
  | { readonly kind: 'replied'; readonly durationMs: number; readonly text: string }
  | { readonly kind: 'timed-out'; readonly durationMs: number; readonly waitingFor: 'connect' | 'processing' }
  | {
      readonly kind: 'broken';
      readonly durationMs: number;
      readonly code: string;
      readonly message: string;
      /** Of an answer that refused the handshake. */
      readonly status?: number;
    }
  | { readonly kind: 'interrupted'; readonly durationMs: number };

/** Replies in the order of the messages; the first that is no reply is the last. */
export interface SocketExchange {
  readonly replies: readonly SocketReply[];
  readonly loopLagMs: number;
}

export interface SocketProbe {
  /** Connects where the lane has no connection, and keeps it for the next run. */
  converse(request: SocketRequest, signal?: AbortSignal): Promise<SocketExchange>;
  close(): void;
}
