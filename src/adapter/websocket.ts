import { WebSocket } from 'ws';
import type { SocketExchange, SocketProbe, SocketReply, SocketRequest } from '../check/ports.ts';
import { trusted } from './http.ts';
import { watchLag } from './loop-lag.ts';
import { step } from './websocket-step.ts';

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
