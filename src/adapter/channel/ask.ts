import { messageOf } from '../../kernel/errors.ts';
import { retryAfterMs } from '../../notify/delivery.ts';

/** What came back: a status with the beginning of its text, or why nothing did. */
export type Answer =
  | { readonly kind: 'answer'; readonly status: number; readonly text: string; readonly afterMs?: number }
  | { readonly kind: 'none'; readonly reason: string };

export const defaultTimeoutMs = 10_000;
const longestAnswer = 16_384;

export interface Bounds {
  readonly signal?: AbortSignal | undefined;
  /** Default 10 s, the answer included. */
  readonly timeoutMs?: number | undefined;
}

/**
 * One HTTP request without redirects (they would carry the secret elsewhere), bounded in time, of whose answer at
 * most 16 KiB are read. Rejects only when the signal aborts.
 */
export async function ask(url: string, init: RequestInit, bounds: Bounds): Promise<Answer> {
  const { signal, timeoutMs = defaultTimeoutMs } = bounds;
  const bound = AbortSignal.timeout(timeoutMs);
  try {
    const both = signal ? AbortSignal.any([signal, bound]) : bound;
    const response = await fetch(url, { ...init, redirect: 'manual', signal: both });
    const text = await beginningOf(response);
    const afterMs = retryAfterMs(response.headers.get('retry-after'), Date.now());
    return { kind: 'answer', status: response.status, text, ...(afterMs !== undefined && { afterMs }) };
  } catch (error) {
    signal?.throwIfAborted();
    return {
      kind: 'none',
      reason: bound.aborted ? `no answer within ${timeoutMs / 1_000} s` : reasonOf(error),
    };
  }
}

async function beginningOf({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length >= longestAnswer) break;
  }
  return text.slice(0, longestAnswer);
}

// "fetch failed" says nothing; its cause does.
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? `${String(cause.code)}: ` : '';
  return cause === undefined ? messageOf(error) : `${code}${messageOf(cause)}`;
}
