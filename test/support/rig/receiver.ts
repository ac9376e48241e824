import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that somebody outside received. */
export interface Received {
  readonly method: string;
  readonly path: string;
  /** Parsed where it is JSON. */
  readonly body: unknown;
}

/** Telegram's Bot API, a webhook and a heartbeat service on loopback: whatever is sent arrives and is kept. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  /** What came since the last time this was asked. */
  take(): readonly Received[];
}

export async function startReceiver(): Promise<Receiver> {
  let received: Received[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    received.push({
      method: request.method ?? '',
      path: request.url ?? '',
      body: text.startsWith('{') ? JSON.parse(text) : text,
    });
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ ok: true, result: { message_id: received.length } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = received;
      received = [];
      return taken;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
