import { Agent, createServer, request as send } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket, WebSocketServer } from 'ws';

/** What a client asked. */
export interface Asked {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly body: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
  /** Promises the whole body and closes the connection after this many bytes of it. */
  readonly cutAfter?: number;
}

/** How the interceptor lies. What a rule leaves out stays as it is; with several, each sees what the one before made. */
export interface Rule {
  /** Answers in the server's place, which then never hears of it. */
  readonly instead?: (asked: Asked) => Answer | undefined;
  readonly answer?: (answer: Answer, asked: Asked) => Answer;
  /** Milliseconds by which an answer is held back. */
  readonly holdMs?: (asked: Asked) => number;
  /** Milliseconds by which a message of the server over WebSocket is held back. */
  readonly holdMessageMs?: (text: string) => number;
}

/** A server on loopback between a client and another server, HTTP and WebSocket. */
export interface Interceptor extends AsyncDisposable {
  readonly url: string;
  /** Lies by this rule until disposed. */
  use(rule: Rule): Disposable;
}

export interface InterceptorOptions {
  readonly upstream: string;
  /** PEM texts: serves https with them. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

export async function startInterceptor({ upstream, tls }: InterceptorOptions): Promise<Interceptor> {
  const rules = new Set<Rule>();
  const agent = new Agent({ keepAlive: true });
  const server: Server = tls ? createTlsServer(tls) : createServer();
  const sockets = new WebSocketServer({ noServer: true });
  server.on('request', (request, response) => {
    intercept({ upstream, agent, rules }, request, response).catch(() => response.destroy());
  });
  server.on('upgrade', (request, socket, head) =>
    bridge(sockets, rules, upstream, { request, socket, head }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    use(rule) {
      rules.add(rule);
      return { [Symbol.dispose]: () => void rules.delete(rule) };
    },
    async [Symbol.asyncDispose]() {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      agent.destroy();
    },
  };
}

interface Ways {
  readonly upstream: string;
  readonly agent: Agent;
  readonly rules: ReadonlySet<Rule>;
}

async function intercept(ways: Ways, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = 'GET', url = '/' } = request;
  const asked: Asked = { method, path: url.split('?')[0] ?? '/', body: await bodyOf(request) };
  const rules = [...ways.rules];
  let answer = firstOf(rules, asked) ?? (await pass(ways, request, asked.body));
  for (const rule of rules) answer = rule.answer?.(answer, asked) ?? answer;
  const holdMs = rules.reduce((total, rule) => total + (rule.holdMs?.(asked) ?? 0), 0);
  if (holdMs > 0) await sleep(holdMs);
  reply(response, answer);
}

function firstOf(rules: readonly Rule[], asked: Asked): Answer | undefined {
  for (const rule of rules) {
    const answer = rule.instead?.(asked);
    if (answer) return answer;
  }
  return undefined;
}

// Of one connection only; the length is counted anew.
const ofConnection = ['connection', 'keep-alive', 'transfer-encoding', 'content-length'];

function reply(response: ServerResponse, { status, headers, body, cutAfter }: Answer): void {
  const kept = Object.entries(headers).filter(([name]) => !ofConnection.includes(name));
  response.writeHead(status, { ...Object.fromEntries(kept), 'content-length': body.length });
  if (cutAfter === undefined) return void response.end(body);
  response.write(body.subarray(0, cutAfter), () => response.destroy());
}

function pass({ upstream, agent }: Ways, request: IncomingMessage, body: Buffer): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const { connection: _, 'transfer-encoding': __, ...headers } = request.headers;
  const onward = send(new URL(request.url ?? '/', upstream), {
    method: request.method ?? 'GET',
    headers: { ...headers, 'content-length': String(body.length) },
    agent,
  });
  onward.on('error', reject);
  onward.on('response', (answer) => {
    bodyOf(answer).then(
      (received) =>
        resolve({ status: answer.statusCode ?? 502, headers: { ...answer.headers }, body: received }),
      reject,
    );
  });
  onward.end(body);
  return promise;
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

function bridge(
  sockets: WebSocketServer,
  rules: ReadonlySet<Rule>,
  upstream: string,
  upgrade: Upgrade,
): void {
  const { request, socket, head } = upgrade;
  const clientId = request.headers['x-client-id'];
  const server = new WebSocket(new URL(request.url ?? '/', upstream.replace(/^http/, 'ws')), {
    headers: clientId === undefined ? {} : { 'x-client-id': clientId },
  });
  server.on('error', () => socket.destroy());
  server.once('open', () => {
    sockets.handleUpgrade(request, socket, head, (client) => join(client, server, rules));
  });
}

function join(client: WebSocket, server: WebSocket, rules: ReadonlySet<Rule>): void {
  client.on('message', (data) => server.send(textOf(data)));
  server.on('message', (data) => {
    const text = textOf(data);
    const holdMs = [...rules].reduce((total, rule) => total + (rule.holdMessageMs?.(text) ?? 0), 0);
    if (holdMs > 0) setTimeout(() => client.send(text), holdMs);
    else client.send(text);
  });
  client.on('error', () => client.terminate());
  client.on('close', () => server.terminate());
  server.on('close', () => client.terminate());
}

const textOf = (data: Buffer | ArrayBuffer | Buffer[]): string =>
  Array.isArray(data) ? Buffer.concat(data).toString() : Buffer.from(data as Buffer).toString();

/** A rule's `answer` that changes the JSON of one path. */
export function changeJson(path: string, change: (body: Record<string, unknown>) => object): Rule {
  return {
    answer: (answer, asked) => {
      if (asked.path !== path || answer.status !== 200) return answer;
      const body = JSON.parse(answer.body.toString()) as Record<string, unknown>;
      return { ...answer, body: Buffer.from(JSON.stringify(change(body))) };
    },
  };
}
