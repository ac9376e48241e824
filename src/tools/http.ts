import { request as requestHttp } from 'node:http';

export interface Reply {
  readonly status: number;
  readonly body: string;
}

export interface Ask {
  readonly method?: string;
  readonly json?: unknown;
  readonly timeoutMs: number;
  /** Default 1 MB; the rest is left out. */
  readonly maxBytes?: number;
  /** Path of a unix socket that is asked instead of the URL's host. */
  readonly socketPath?: string | undefined;
}

/**
 * One request on a connection of its own, so that nothing keeps the process alive afterwards, and never by a proxy of
 * the environment: what it means lies on this machine, or is measured from here. Rejects with an AbortError where no
 * answer came in time.
 */
export function ask(
  url: string,
  { method = 'GET', json, timeoutMs, socketPath, maxBytes = 1_000_000 }: Ask,
): Promise<Reply> {
  const body = json === undefined ? undefined : JSON.stringify(json);
  const headers =
    body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const send = url.startsWith('https:') ? process.getBuiltinModule('node:https').request : requestHttp;
  return new Promise((done, fail) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const request = send(url, { method, headers, agent: false, signal, socketPath }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        if (text.length < maxBytes) text += chunk;
      });
      response.on('error', fail);
      response.on('end', () => done({ status: response.statusCode ?? 0, body: text }));
    });
    request.on('error', fail);
    request.end(body);
  });
}
