import type { Random } from '../kernel/ports.ts';
import type { MessageLife } from '../projection/messages.ts';

const firstMs = 1_000;
const longestMs = 300_000;

/** What Telegram allows a group; kept for every channel, since none is read faster. */
export const perMinute = 20;
const minuteMs = 60_000;

/**
 * How long to wait after so many attempts: full jitter under a limit that doubles from 1 s to 5 min, and at least what
 * the other side asked for.
 */
export function backoffMs(attempts: number, random: Random, askedMs = 0): number {
  const limit = Math.min(longestMs, firstMs * 2 ** Math.max(0, attempts - 1));
  return Math.max(Math.ceil(random.next() * limit), askedMs);
}

/** What a channel does now. */
export type Step =
  | { readonly kind: 'idle' }
  | { readonly kind: 'wait'; readonly until: number }
  | { readonly kind: 'send'; readonly message: MessageLife };

export interface ChannelPast {
  /** UTC ms of attempts within the last minute, the oldest first. */
  readonly attempts: readonly number[];
  /** UTC ms until which the other side wants no message at all. */
  readonly closedUntil: number;
}

/** Which of the heads goes now, or when the first of them may. */
export function nextStep(
  waiting: readonly MessageLife[],
  { attempts, closedUntil }: ChannelPast,
  now: number,
): Step {
  const next = waiting.toSorted((a, b) => notBefore(a) - notBefore(b))[0];
  if (next === undefined) return { kind: 'idle' };
  const recent = attempts.filter((at) => at > now - minuteMs);
  const crowded = recent.at(-perMinute);
  const free = crowded === undefined ? 0 : crowded + minuteMs;
  const until = Math.max(notBefore(next), closedUntil, free);
  return until > now ? { kind: 'wait', until } : { kind: 'send', message: next };
}

/** UTC ms before which it is not tried again; 0 for a message never tried. */
const notBefore = ({ failures }: MessageLife): number => failures.at(-1)?.retryAtMs ?? 0;
