import { readFileSync } from 'node:fs';
import http from 'node:http';
import type https from 'node:https';
import type { HttpExchange, HttpProbe, HttpRequest } from '../check/ports.ts';
import { SiagaError, messageOf } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import { BrokenBody, readBody } from './http-body.ts';
import { PhaseWatch } from './http-phases.ts';
import { watchLag } from './loop-lag.ts';

type Bare<T> = T extends unknown ? Omit<T, 'durationMs' | 'phases' | 'loopLagMs'> : never;
type Ending = Bare<HttpExchange>;
type Halt = 'timed-out' | 'interrupted';

// Loaded only where they are used: many targets are on plain HTTP, and TLS costs a start more than HTTP does.
const secureHttp = () => process.getBuiltinModule('node:https');
const usualAuthorities = () => process.getBuiltinModule('node:tls').rootCertificates;

interface Pool {
  readonly plain: http.Agent;
  secure(): https.Agent;
  destroy(): void;
}

/** HTTP on Node's own client: connections are kept alive and shared, in a pool for each certificate authority. */
export function createHttpProbe(): HttpProbe {
  const pools = new Map<string, Pool>();
  const poolFor = (ca: string | undefined) => {
    const pool = pools.get(ca ?? '') ?? openPool(ca);
    pools.set(ca ?? '', pool);
    return pool;
  };
  return {
    ask: async (request, signal) => ask(request, poolFor(request.ca), signal),
    close() {
      for (const pool of pools.values()) pool.destroy();
      pools.clear();
    },
  };
}

function openPool(ca: string | undefined): Pool {
  const options = { keepAlive: true, maxFreeSockets: 64 };
  const plain = new http.Agent(options);
  let secure: https.Agent | undefined;
  return {
    plain,
    secure() {
      secure ??= new (secureHttp().Agent)({ ...options, ...(ca !== undefined && { ca: trusted(ca) }) });
      return secure;
    },
    destroy() {
      plain.destroy();
      secure?.destroy();
    },
  };
}

/**
 * The usual authorities and the one in a PEM file.
 * @throws {SiagaError} `bad-ca` (exit 2)
 */
export function trusted(path: string): string[] {
  try {
    return [...usualAuthorities(), readFileSync(path, 'utf8')];
  } catch (error) {
    throw new SiagaError('bad-ca', {
      what: 'the certificate authority of the target cannot be read',
      where: path,
      got: messageOf(error),
      allowed: 'a PEM file',
      exitCode: exit.usage,
      cause: error,
    });
  }
}

async function ask(request: HttpRequest, pool: Pool, signal?: AbortSignal): Promise<HttpExchange> {
  const url = parseUrl(request.url);
  const endLagWatch = watchLag();
  const phases = new PhaseWatch();
  const halt = haltOn(request.timeoutMs, signal);
  const attempt = async () => exchange(request, url, pool, phases, halt.signal);
  try {
    const first = await attempt();
    const { reused: _, ...ending } = lostUnseen(first, request) ? await attempt() : first;
    phases.end();
    return {
      ...ending,
      durationMs: phases.elapsedMs,
      phases: phases.figures,
      loopLagMs: endLagWatch(),
    } as HttpExchange;
  } finally {
    endLagWatch();
    halt.dispose();
  }
}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw new SiagaError('bad-url', {
    what: 'this cannot be asked over HTTP',
    got: text.replace(/\?.*/s, ''),
    allowed: 'an absolute http:// or https:// URL',
    exitCode: exit.usage,
  });
}

/** Aborts, with what halted it as the reason, at the timeout or with the caller's signal. */
function haltOn(timeoutMs: number, signal: AbortSignal | undefined) {
  const controller = new AbortController();
  const interrupt = () => controller.abort('interrupted' satisfies Halt);
  const timer = setTimeout(() => controller.abort('timed-out' satisfies Halt), timeoutMs);
  signal?.addEventListener('abort', interrupt, { once: true });
  if (signal?.aborted) interrupt();
  return {
    signal: controller.signal,
    dispose() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', interrupt);
    },
  };
}

type Attempt = Ending & { readonly reused: boolean };

// A server may close an idle connection in the very instant it is used again; that says nothing about the target.
function lostUnseen(attempt: Attempt, request: HttpRequest): boolean {
  if (attempt.kind !== 'broken' || !attempt.reused || request.repeatable !== true) return false;
  return attempt.waitingFor === 'processing' && /^(ECONNRESET|EPIPE)$/.test(attempt.code);
}

async function exchange(
  request: HttpRequest,
  url: URL,
  pool: Pool,
  phases: PhaseWatch,
  halt: AbortSignal,
): Promise<Attempt> {
  const sent = open(request, url, pool).on('error', ignore);
  phases.follow(sent, url);
  const stop = () => sent.destroy();
  halt.addEventListener('abort', stop, { once: true });
  if (halt.aborted) stop();
  try {
    return { ...(await answerTo(sent, request)), reused: sent.reusedSocket };
  } catch (error) {
    sent.destroy();
    return { ...endingOf(error, phases, halt), reused: sent.reusedSocket };
  } finally {
    halt.removeEventListener('abort', stop);
  }
}

function open(request: HttpRequest, url: URL, pool: Pool): http.ClientRequest {
  const { method, headers } = request;
  return url.protocol === 'https:'
    ? secureHttp().request(url, { method, headers, agent: pool.secure() })
    : http.request(url, { method, headers, agent: pool.plain });
}

async function answerTo(sent: http.ClientRequest, request: HttpRequest): Promise<Ending> {
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    sent
      .once('response', resolve)
      .once('error', reject)
      .once('close', () => reject(new Error('closed')));
    sent.end(request.body);
  });
  const { bytes, sha256, cut } = await readBody(response, request.method, request.maxBytes);
  return {
    kind: 'answered',
    status: response.statusCode ?? 0,
    headers: flat(response.headersDistinct),
    body: bytes,
    sha256,
    cut,
  };
}

function flat(headers: NodeJS.Dict<string[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, values]) => [name, values?.join(', ') ?? '']),
  );
}

function endingOf(error: unknown, phases: PhaseWatch, halt: AbortSignal): Ending {
  const waitingFor = phases.current;
  if (halt.aborted) {
    return (halt.reason as Halt) === 'interrupted'
      ? { kind: 'interrupted' }
      : { kind: 'timed-out', waitingFor };
  }
  const received = error instanceof BrokenBody ? error.received : 0;
  const { code = 'ECONNRESET', message } = (
    error instanceof BrokenBody ? error.cause : error
  ) as NodeJS.ErrnoException;
  return { kind: 'broken', code, message: message || code, waitingFor, received };
}

function ignore(): void {}
