import type { Starts } from './collector.ts';
import { dueWithin, lengthOf, type Offer } from './offer.ts';

/** Offered and achieved iterations: how many were due, how many began, and as rates a second. */
export interface Rate {
  readonly due: number;
  readonly begun: number;
  readonly offered: number;
  readonly achieved: number;
  /** Whether each scenario began at least 99 % of what was due, give or take one iteration. */
  readonly reached: boolean;
}

/** Of all scenarios, and of each that says what it offers. */
export interface Rates extends Rate {
  readonly scenarios: readonly (Rate & { readonly scenario: string })[];
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
  const each = offers.map((offer) => ({
    scenario: offer.scenario,
    ...rateOf(offer, starts.get(offer.scenario), whole),
  }));
  const sum = (pick: (rate: Rate) => number) => each.reduce((total, rate) => total + pick(rate), 0);
  return {
    due: sum(({ due }) => due),
    begun: sum(({ begun }) => begun),
    offered: sum(({ offered }) => offered),
    achieved: offers.length === 0 ? closedRate(starts) : sum(({ achieved }) => achieved),
    reached: each.every(({ reached }) => reached),
    scenarios: each,
  };
}

function rateOf(offer: Offer, starts: Starts | undefined, whole: boolean): Rate {
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

// What users began is only done when it has ended.
function closedRate(starts: ReadonlyMap<string, Starts>): number {
  const all = [...starts.values()];
  const until = all.map(({ last, ended = last }) => Math.max(last, ended));
  const ms = Math.max(...until) - Math.min(...all.map(({ first }) => first));
  return ms > 0 ? (all.reduce((total, { n }) => total + n, 0) * 1_000) / ms : 0;
}
