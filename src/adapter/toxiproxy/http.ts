import { SiagaError, messageOf } from '../../kernel/errors.ts';
import { ask } from '../../tools/http.ts';

/** Longer than any healthy answer (about 1 ms); a wedged Toxiproxy answers after 25 s or never. */
export const callTimeoutMs = 2_000;

/** Toxiproxy answered with an error, or not at all. */
export class ToxiproxyFailure extends Error {
  override readonly name = 'ToxiproxyFailure';
  /** HTTP status; `undefined` where no answer came in time or none at all. */
  readonly status: number | undefined;
  /** No answer in time, though somebody listens. */
  readonly silent: boolean;
  /** Nobody listens. */
  readonly refused: boolean;

  constructor(message: string, facts: { status?: number; silent?: boolean; cause?: unknown } = {}) {
    super(message, facts.cause === undefined ? {} : { cause: facts.cause });
    this.status = facts.status;
    this.silent = facts.silent ?? false;
    this.refused = isRefused(facts.cause);
  }
}

export const isSilence = (error: unknown): boolean => error instanceof ToxiproxyFailure && error.silent;

/** Nobody listens: Toxiproxy has ended, and with it what was in it. */
export function isRefusal(error: unknown): boolean {
  const failure = error instanceof SiagaError ? error.cause : error;
  return failure instanceof ToxiproxyFailure && failure.refused;
}

function isRefused(error: unknown): boolean {
  const { code, cause } = (error ?? {}) as { readonly code?: unknown; readonly cause?: unknown };
  return code === 'ECONNREFUSED' || (cause !== undefined && isRefused(cause));
}

export const statusOf = (error: unknown): number | undefined =>
  error instanceof ToxiproxyFailure ? error.status : undefined;

/**
 * The HTTP client that toxiproxy-node-client is given in place of its own, which waits for ever, drops the status, and
 * asks by way of a proxy that the environment names. Without a User-Agent no request is refused.
 */
export class BoundedHttp {
  readonly #timeoutMs: number;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  async get<T>(url: string): Promise<{ data: T }> {
    return { data: parse<T>(await this.call('GET', url)) };
  }

  async post<T>(url: string, body?: unknown): Promise<{ data: T }> {
    return { data: parse<T>(await this.call('POST', url, body)) };
  }

  async delete(url: string): Promise<void> {
    await this.call('DELETE', url);
  }

  async getText(url: string): Promise<string> {
    return this.call('GET', url);
  }

  private async call(method: string, url: string, body?: unknown): Promise<string> {
    const answer = await answerOf(method, url, body, this.#timeoutMs);
    if (answer.ok) return answer.text;
    const said = answer.text.slice(0, 200);
    throw new ToxiproxyFailure(`${method} ${pathOf(url)} answered ${answer.status} ${said}`, {
      status: answer.status,
    });
  }
}

async function answerOf(method: string, url: string, body: unknown, timeoutMs: number) {
  try {
    const { status, body: text } = await ask(url, { method, json: body, timeoutMs });
    return { ok: status >= 200 && status < 300, status, text: text.trim() };
  } catch (error) {
    const silent = error instanceof Error && error.name === 'AbortError';
    const why = silent ? `no answer within ${timeoutMs} ms` : messageOf(error) || 'connection failed';
    throw new ToxiproxyFailure(`${method} ${pathOf(url)}: ${why}`, { silent, cause: error });
  }
}

function parse<T>(text: string): T {
  try {
    return (text === '' ? undefined : JSON.parse(text)) as T;
  } catch {
    throw new ToxiproxyFailure(`this is not Toxiproxy: it answered ${JSON.stringify(text.slice(0, 80))}`);
  }
}

const pathOf = (url: string): string => decodeURI(new URL(url).pathname);

/** A failed call as an error for people. */
export function unreachable(url: string, error: unknown): SiagaError {
  if (error instanceof SiagaError) return error;
  return new SiagaError('toxiproxy-failed', {
    what: 'Toxiproxy did not do what it was asked',
    where: url,
    got: messageOf(error),
    hint: 'is it running, and is this its HTTP address (port 8474 by default)?',
    exitCode: 3,
    cause: error,
  });
}
