import { goDuration } from './go-duration.ts';

/** What one scenario of a script offers, where its executor says so: iterations a second over time. */
export interface Offer {
  readonly scenario: string;
  /** Straight pieces, one after another. */
  readonly pieces: readonly Piece[];
}

interface Piece {
  readonly ms: number;
  /** Iterations a second at its start and end. */
  readonly from: number;
  readonly to: number;
}

/** The offer of a scenario as `k6 inspect` shows it; `undefined` for executors that wait for answers. */
export function offerOf(scenario: string, options: Readonly<Record<string, unknown>>): Offer | undefined {
  const perSecond = (rate: unknown) => (Number(rate) * 1_000) / (goDuration(options['timeUnit']) ?? 1_000);
  if (options['executor'] === 'constant-arrival-rate') {
    const rate = perSecond(options['rate']);
    return { scenario, pieces: [{ ms: goDuration(options['duration']) ?? 0, from: rate, to: rate }] };
  }
  if (options['executor'] !== 'ramping-arrival-rate' || !Array.isArray(options['stages'])) return undefined;
  return { scenario, pieces: ramp(perSecond(options['startRate'] ?? 0), options['stages'], perSecond) };
}

function ramp(start: number, stages: readonly unknown[], perSecond: (rate: unknown) => number): Piece[] {
  let from = start;
  return stages.map((stage) => {
    const { target, duration } = stage as Record<string, unknown>;
    const piece = { ms: goDuration(duration) ?? 0, from, to: perSecond(target) };
    from = piece.to;
    return piece;
  });
}

/** Iterations due within the first `ms` of an offer. */
export function dueWithin(offer: Offer, ms: number): number {
  let due = 0;
  let left = ms;
  for (const piece of offer.pieces) {
    const share = piece.ms === 0 ? 0 : Math.min(left, piece.ms) / piece.ms;
    const end = piece.from + (piece.to - piece.from) * share;
    due += ((piece.from + end) / 2) * ((piece.ms * share) / 1_000);
    left -= Math.min(left, piece.ms);
  }
  return due;
}

export function lengthOf({ pieces }: Offer): number {
  return pieces.reduce((total, { ms }) => total + ms, 0);
}

export function peakOf({ pieces }: Offer): number {
  return Math.max(0, ...pieces.flatMap(({ from, to }) => [from, to]));
}
