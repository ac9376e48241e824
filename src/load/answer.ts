import type { Point } from './point.ts';

/** What a point of `http_req_duration` says about one request. */
export interface Answer {
  readonly at: number;
  readonly outcome: 'ok' | 'error' | 'throttled';
  readonly serverError: boolean;
  /** Absent where nothing was timed: no connection came about. */
  readonly latencyMs?: number;
}

// k6's codes: 1050 the request timed out, 1211 the connection did.
const timeouts = new Set(['1050', '1211']);

/**
 * Reads a request. A timeout counts with its timeout's value, so that slow failures do not flatter percentiles.
 * Our own 429s are no traffic of the users.
 */
export function answerOf(point: Point, timeoutMs: number): Answer {
  const status = Number(point.tags['status'] ?? Number.NaN);
  const { at } = point;
  if (status === 429) return { at, outcome: 'throttled', serverError: false };
  const timedOut = timeouts.has(point.tags['error_code'] ?? '');
  const latency = timedOut ? Math.max(point.value, timeoutMs) : point.value;
  return {
    at,
    outcome: failed(status, point.tags) ? 'error' : 'ok',
    serverError: status >= 500,
    ...((status > 0 || latency > 0) && { latencyMs: latency }),
  };
}

// A script may drop the status from its tags; k6's own opinion is left then.
function failed(status: number, tags: Point['tags']): boolean {
  // The limit of redirects was reached, and the last answer still leads on within its origin.
  if (tags['siaga_endless'] !== undefined) return true;
  return Number.isNaN(status) ? tags['expected_response'] === 'false' : status === 0 || status >= 400;
}
