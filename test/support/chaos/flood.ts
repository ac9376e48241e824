import { createConnection, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Running } from './shop.ts';

const standsAfterMs = 700;

/** A dependency that tells its price as the other one does, and at `/flood` sends without end. */
export interface Flood extends Running {
  /** Until the flood stands: whoever asked for it does not read, and all that is between is full. */
  isHeld(): Promise<void>;
}

export async function startFlood(price: number): Promise<Flood> {
  const body = JSON.stringify({ price });
  const answer = `HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  const chunk = Buffer.alloc(1_048_576);
  const sockets = new Set<{ destroy(): void }>();
  let pushedAt = Infinity;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    const push = () => {
      pushedAt = performance.now();
      while (socket.writable && socket.write(chunk));
    };
    socket.once('data', (head) => {
      if (!head.toString().includes('/flood')) return void socket.end(answer);
      socket.on('drain', push);
      push();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address,
    url: `http://${address}`,
    async isHeld() {
      while (!(performance.now() - pushedAt > standsAfterMs)) await sleep(50);
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * A client that asks for the flood and does not read: back-pressure all the way, so that Toxiproxy cannot take a
 * latency toxic out any more. The next attempt wedges it.
 */
export function holdFlood(listen: string): Disposable {
  const [host = '', port = ''] = listen.split(':');
  const client = createConnection({ host, port: Number(port) });
  client.on('error', () => undefined);
  client.write('GET /flood HTTP/1.1\r\n\r\n');
  client.pause();
  return { [Symbol.dispose]: () => client.destroy() };
}
