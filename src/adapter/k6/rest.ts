import { request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';

/** A loopback port that is free now; somebody may take it before it is used. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const boundMs = 1_000;
const body = JSON.stringify({ data: { type: 'status', id: 'default', attributes: { stopped: true } } });

/** Asks a running k6 to end at once. `false` where it does not answer in a second. */
export function stopOverRest(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asking = request(
      {
        host: '127.0.0.1',
        port,
        path: '/v1/status',
        method: 'PATCH',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        signal: AbortSignal.timeout(boundMs),
      },
      (response) => {
        response.on('error', () => resolve(false)).resume();
        resolve(response.statusCode === 200);
      },
    );
    asking.on('error', () => resolve(false));
    asking.end(body);
  });
}
