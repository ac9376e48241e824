import { createServer, request as ask } from 'node:http';
import { createConnection, createServer as listen } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface Liar extends AsyncDisposable {
  readonly url: string;
}

/** Stands between Siaga and Toxiproxy, and claims to have done what matches without passing it on. */
export async function startLiar(
  toxiproxy: string,
  swallows: (method: string, path: string) => boolean,
): Promise<Liar> {
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      if (swallows(method, url)) return void response.writeHead(method === 'DELETE' ? 204 : 200).end(body);
      const passed = ask(
        `${toxiproxy}${url}`,
        { method, headers: { ...headers, host: new URL(toxiproxy).host } },
        (answer) => {
          response.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(response);
        },
      );
      passed.on('error', () => response.destroy());
      passed.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Takes over an address, and passes bytes straight on to another. */
export async function startForward(at: string, to: string): Promise<AsyncDisposable> {
  const [host, port] = to.split(':');
  const server = listen((client) => {
    const upstream = createConnection({ host: host ?? '', port: Number(port) });
    for (const socket of [client, upstream]) socket.on('error', () => client.destroy());
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(Number(at.split(':')[1]), '127.0.0.1', resolve));
  return {
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}
