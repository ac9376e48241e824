import type { Delivery } from './ports.ts';

/** What an HTTP status says about a delivery. `reason` is what the other side wrote, already without secrets. */
export function deliveryOf(status: number, reason: string, afterMs?: number): Delivery {
  if (status >= 200 && status < 300) return { outcome: 'delivered' };
  const text = `HTTP ${status}${reason && `: ${reason}`}`;
  const transient = status === 408 || status === 429 || status >= 500;
  if (!transient) return { outcome: 'refused', reason: text };
  return { outcome: 'retry', reason: text, ...(afterMs !== undefined && { afterMs }) };
}

/** Milliseconds of a `Retry-After`: seconds or an HTTP date; `undefined` where it is neither. */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
