import { dialects } from './dialect.ts';
import { pairs } from './pairs.ts';
import { lastTradeNumber, tradeNumber } from './trades.ts';
import type { WebSocket } from 'ws';
import type { ProviderName } from './price.ts';

const tickMs = 40;
const maxBufferedBytes = 1_048_576;

/** Sends every trade to every client when its time comes. Returns a function that stops it. */
export function startTape(provider: ProviderName, clients: () => Iterable<WebSocket>): () => void {
  const sent = new Map(pairs.map(({ pair }) => [pair, lastTradeNumber(pair, Date.now())]));
  const timer = setInterval(() => {
    const now = Date.now();
    for (const { pair } of pairs) {
      const newest = lastTradeNumber(pair, now);
      if (newest === sent.get(pair)) continue;
      sent.set(pair, newest);
      broadcast(clients(), JSON.stringify(dialects[provider].streamed(tradeNumber(provider, pair, newest))));
    }
  }, tickMs);
  return () => clearInterval(timer);
}

// A client that does not read is let go, or its unread trades would fill the memory.
function broadcast(clients: Iterable<WebSocket>, message: string): void {
  for (const client of clients) {
    if (client.readyState !== client.OPEN) continue;
    if (client.bufferedAmount > maxBufferedBytes) client.terminate();
    else client.send(message);
  }
}
