import type { Starts } from './collector.ts';
import { dueWithin, lengthOf, type Offer } from './offer.ts';

/** Offered and achieved iterations: how many were due, how many began, and as rates a second. */
export interface Rates {
  readonly due: number;
  readonly begun: number;
  readonly offered: number;
  readonly achieved: number;
  /** Whether each scenario began at least 99 % of what was due, give or take one iteration. */
  readonly reached: boolean;
}

const enough = 0.99;

/**
 * Compares what was offered with what began. A run that was ended early is measured up to its last iteration, a
 * whole one over its planned length: one that stalls before its end is caught.
 */
export function ratesOf(
  offers: readonly Offer[],
  starts: ReadonlyMap<string, Starts>,
  whole: boolean,
): Rates {
  const each = offers.map((offer) => rateOf(offer, starts.get(offer.scenario), whole));
  const sum = (pick: (rate: Rates) => number) => each.reduce((total, rate) => total + pick(rate), 0);
  return {
    due: sum(({ due }) => due),
    begun: sum(({ begun }) => begun),
    offered: sum(({ offered }) => offered),
    achieved: offers.length === 0 ? closedRate(starts) : sum(({ achieved }) => achieved),
    reached: each.every(({ reached }) => reached),
  };
}

function rateOf(offer: Offer, starts: Starts | undefined, whole: boolean): Rates {
  const begun = starts?.n ?? 0;
  // Where the run was ended early, its turn may not have come.
  const early = starts === undefined && !whole;
  const ms = whole || starts === undefined ? lengthOf(offer) : Math.max(1, starts.last - starts.first);
  const due = dueWithin(offer, ms);
  // Between n beginnings lie n - 1 intervals.
  const intervals = whole ? begun : Math.max(0, begun - 1);
  return {
    due: early ? 0 : due,
    begun,
    offered: (due * 1_000) / Math.max(1, ms),
    achieved: (intervals * 1_000) / Math.max(1, ms),
    reached: early || begun + 1 >= enough * due,
  };
}

function closedRate(starts: ReadonlyMap<string, Starts>): number {
  const all = [...starts.values()];
  const ms = Math.max(...all.map(({ last }) => last)) - Math.min(...all.map(({ first }) => first));
  const intervals = all.reduce((total, { n }) => total + n, 0) - 1;
  return ms > 0 ? (intervals * 1_000) / ms : 0;
}
