import type { IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { WebSocket } from 'ws';
import type { SocketReply } from '../check/ports.ts';

export interface StepOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly waitingFor: 'connect' | 'processing';
}

type Ending = SocketReply extends infer R ? (R extends unknown ? Omit<R, 'durationMs'> : never) : never;

/**
 * One thing awaited of a connection, ended by `done`, the connection's own end, the timeout or the signal,
 * whichever comes first. `begin` returns how to stop listening.
 */
export function step(
  socket: WebSocket,
  { timeoutMs, signal, waitingFor }: StepOptions,
  begin: (done: (text: string) => void) => () => void,
): Promise<SocketReply> {
  const begun = performance.now();
  return new Promise((resolve) => {
    const cleanup: (() => void)[] = [];
    const end = (ending: Ending) => {
      for (const undo of cleanup) undo();
      resolve({ ...ending, durationMs: Math.round((performance.now() - begun) * 100) / 100 });
    };
    const timer = setTimeout(() => end({ kind: 'timed-out', waitingFor }), timeoutMs);
    cleanup.push(
      () => clearTimeout(timer),
      onInterrupt(signal, () => end({ kind: 'interrupted' })),
    );
    cleanup.push(onFailure(socket, end));
    cleanup.push(begin((text) => end({ kind: 'replied', text })));
  });
}

function onInterrupt(signal: AbortSignal | undefined, interrupt: () => void): () => void {
  if (signal?.aborted) queueMicrotask(interrupt);
  signal?.addEventListener('abort', interrupt, { once: true });
  return () => signal?.removeEventListener('abort', interrupt);
}

function onFailure(socket: WebSocket, end: (ending: Ending) => void): () => void {
  const error = ({ code = 'ECONNRESET', message }: NodeJS.ErrnoException) =>
    end({ kind: 'broken', code, message: message || code });
  const close = (code: number, reason: Buffer) =>
    end({ kind: 'broken', code: `WS_${code}`, message: `closed with ${code} ${String(reason)}`.trim() });
  const refused = (_: unknown, { statusCode: status = 0 }: IncomingMessage) =>
    end({ kind: 'broken', code: 'WS_REFUSED', message: `the handshake was answered ${status}`, status });
  socket.on('error', error).on('close', close).on('unexpected-response', refused);
  return () => socket.off('error', error).off('close', close).off('unexpected-response', refused);
}
