import { WebSocket } from 'ws';
import type { SocketExchange, SocketProbe, SocketReply, SocketRequest } from '../check/ports.ts';
import { trusted } from './http.ts';
import { watchLag } from './loop-lag.ts';
import type { IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';

const maxMessageBytes = 1_048_576;

interface Connection {
  readonly socket: WebSocket;
  readonly url: string;
}

/** WebSockets on `ws`: one connection a lane, kept between runs, opened anew after it failed. */
export function createSocketProbe(): SocketProbe {
  const lanes = new Map<string, Connection>();
  return {
    converse: (request, signal) => converse(lanes, request, signal),
    close() {
      for (const { socket } of lanes.values()) socket.terminate();
      lanes.clear();
    },
  };
}

async function converse(
  lanes: Map<string, Connection>,
  request: SocketRequest,
  signal: AbortSignal | undefined,
): Promise<SocketExchange> {
  const endLagWatch = watchLag();
  const replies: SocketReply[] = [];
  const socket = connectionOf(lanes, request);
  const opened = await open(socket, request.timeoutMs, signal);
  if (opened.kind !== 'replied') replies.push(opened);
  while (replies.length < request.messages.length && (replies.at(-1)?.kind ?? 'replied') === 'replied') {
    replies.push(await roundTrip(socket, request, replies.length, signal));
  }
  // After anything but an answer, a later one could still arrive: the next run starts on a clean connection.
  if (replies.at(-1)?.kind !== 'replied') drop(lanes, request.lane);
  return { replies, loopLagMs: endLagWatch() };
}

function connectionOf(lanes: Map<string, Connection>, request: SocketRequest): WebSocket {
  const { lane, url, headers, ca } = request;
  const kept = lanes.get(lane);
  if (kept?.url === url && kept.socket.readyState === WebSocket.OPEN) return kept.socket;
  drop(lanes, lane);
  const socket = new WebSocket(url, {
    headers,
    perMessageDeflate: false,
    maxPayload: maxMessageBytes,
    followRedirects: false,
    ...(ca !== undefined && { ca: trusted(ca) }),
  });
  // Whoever waits listens for errors too; an idle connection's own are seen by the next run.
  socket.on('error', () => {});
  lanes.set(lane, { socket, url });
  return socket;
}

function drop(lanes: Map<string, Connection>, lane: string): void {
  lanes.get(lane)?.socket.terminate();
  lanes.delete(lane);
}

async function open(
  socket: WebSocket,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<SocketReply> {
  if (socket.readyState === WebSocket.OPEN) return { kind: 'replied', durationMs: 0, text: '' };
  return step(socket, { timeoutMs, signal, waitingFor: 'connect' }, (done) => {
    const settle = () => done('');
    socket.once('open', settle);
    return () => socket.off('open', settle);
  });
}

async function roundTrip(
  socket: WebSocket,
  { messages, correlate, timeoutMs }: SocketRequest,
  index: number,
  signal: AbortSignal | undefined,
): Promise<SocketReply> {
  const message = messages[index] ?? { id: '', text: '' };
  return step(socket, { timeoutMs, signal, waitingFor: 'processing' }, (done) => {
    const listen = (data: WebSocket.RawData, binary: boolean) => {
      const text = binary ? '' : String(data);
      if (answers(text, correlate, message.id)) done(text);
    };
    socket.on('message', listen);
    socket.send(message.text);
    return () => socket.off('message', listen);
  });
}

// Streams push much that is no answer: only what mentions the id is parsed.
function answers(text: string, correlate: string, id: string): boolean {
  if (!text.includes(id)) return false;
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null && (body as Record<string, unknown>)[correlate] === id;
  } catch {
    return false;
  }
}

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
