import websocket from '@fastify/websocket';
import { ApiError } from '../http/errors.ts';
import { RateLimiter } from '../limits/rate-limiter.ts';
import { isDegraded } from '../market/standing.ts';
import type { FastifyInstance } from 'fastify';
import type { WebSocket } from 'ws';
import type { Market } from '../market/market.ts';
import type { ProviderName, Trade } from '../market/types.ts';
import type { Services } from '../services.ts';

const maxPayload = 4_096;
const maxClients = 1_000;
const maxBufferedBytes = 1_048_576;
const heartbeatMs = 15_000;
const messagePolicy = { limit: 6_000, windowSeconds: 60, burst: 200 };

/** Close codes of RFC 6455. */
const closeCode = { policy: 1008, overloaded: 1013 } as const;

/** `/ws/stream`: every trade of the source that serves, and an echo with server time for who asks. */
export async function addStreamRoute(app: FastifyInstance, { market, metrics }: Services): Promise<void> {
  await app.register(websocket, { options: { maxPayload } });
  const alive = new Set<WebSocket>();
  const clients = new Set<WebSocket>();
  const forget = market.onTrade((trade, from) => broadcast(clients, market, trade, from));
  const heartbeat = setInterval(() => beat(clients, alive), heartbeatMs);
  app.addHook('preClose', () => {
    forget();
    clearInterval(heartbeat);
    for (const client of clients) client.terminate();
  });
  const welcome = (socket: WebSocket): void => {
    if (clients.size >= maxClients) return socket.close(closeCode.overloaded, 'too many clients');
    clients.add(socket);
    alive.add(socket);
    metrics.streamClients.set(clients.size);
    socket.on('pong', () => alive.add(socket));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      clients.delete(socket);
      alive.delete(socket);
      metrics.streamClients.set(clients.size);
    });
    answerEchoes(socket, market);
  };
  app.route({ method: 'GET', url: '/ws/stream', handler: refusePlainHttp, wsHandler: welcome });
}

function refusePlainHttp(): never {
  throw new ApiError(426, 'UPGRADE_REQUIRED', 'this address speaks WebSocket');
}

function broadcast(clients: ReadonlySet<WebSocket>, market: Market, trade: Trade, from: ProviderName): void {
  const standing = market.standing();
  if (clients.size === 0 || standing.kind === 'unavailable' || standing.source !== from) return;
  const { pair, price, size, side } = trade;
  const shown = { type: 'trade', pair, price, size, side, ...freshness(market, trade.ts) };
  const message = JSON.stringify(shown);
  for (const client of clients) send(client, message);
}

// A client that stopped answering pings, or reading, is let go.
function beat(clients: ReadonlySet<WebSocket>, alive: Set<WebSocket>): void {
  for (const client of clients) {
    if (!alive.delete(client)) client.terminate();
    else client.ping();
  }
}

function send(client: WebSocket, message: string): void {
  if (client.readyState !== client.OPEN) return;
  if (client.bufferedAmount > maxBufferedBytes) client.terminate();
  else client.send(message);
}

function answerEchoes(socket: WebSocket, market: Market): void {
  const limiter = new RateLimiter();
  socket.on('message', (data) => {
    if (!limiter.take('socket', messagePolicy, Date.now()).allowed) {
      return socket.close(closeCode.policy, 'too many messages');
    }
    send(socket, JSON.stringify(answer(String(data), market)));
  });
}

function answer(message: string, market: Market): object {
  const id = echoId(message);
  if (id === undefined) {
    const wanted = 'send {"type":"echo","id":…}';
    return { type: 'error', error: { code: 'INVALID_MESSAGE', message: wanted } };
  }
  const standing = market.standing();
  const source = standing.kind === 'serving' ? standing.source : 'coinapi';
  return { type: 'echo', id, ...freshness(market, market.newestOf(source)) };
}

function freshness(market: Market, asOf: number) {
  const standing = market.standing();
  const source = standing.kind === 'serving' ? standing.source : 'coinapi';
  return { source, degraded: isDegraded(market.toggles, source), serverTime: Date.now(), asOf };
}

function echoId(message: string): string | number | undefined {
  try {
    const parsed: unknown = JSON.parse(message);
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    const { type, id } = parsed as { type?: unknown; id?: unknown };
    return type === 'echo' && (typeof id === 'string' || typeof id === 'number') ? id : undefined;
  } catch {
    return undefined;
  }
}
