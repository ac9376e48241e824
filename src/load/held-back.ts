import type { Measured } from './collector.ts';
import { doubtful, type Finding } from './finding.ts';
import type { Plan } from './plan.ts';
import type { Rates } from './rate.ts';
import { rounded } from './tally.ts';

export interface Limit {
  readonly perSecond: number;
  /** Whose it is, and where it is set: `the maxRate of target staging (siaga.config.ts)`. */
  readonly by: string;
}

/** That requests had to wait for their turn under the limit of requests a second, and what that explains. */
export interface HeldBack {
  /** Scenarios that it held back. */
  readonly scenarios: readonly string[];
  /** Requests of one iteration, in the mean; of all that were sent. */
  readonly requestsEach: number;
}

interface Facts {
  readonly measured: Pick<Measured, 'droppedOf' | 'waitedMs' | 'users' | 'sent'>;
  readonly plan: Pick<Plan, 'offers'>;
  readonly limit: Limit;
}

// A limit that is far away keeps nobody waiting: then it was k6 that had no processor.
const near = 0.5;

/** `undefined` where no scenario was held back, or one is short of iterations for another reason. */
export function heldBackOf({ measured, plan, limit }: Facts, rates: Rates): HeldBack | undefined {
  if (measured.sent.busiest < near * limit.perSecond) return undefined;
  const missing = new Map(
    rates.scenarios.map(({ scenario, due, begun, reached }) => {
      const dropped = measured.droppedOf.get(scenario) ?? 0;
      return [scenario, Math.max(dropped, reached ? 0 : due - begun)];
    }),
  );
  const short = [...missing].filter(([, count]) => count > 0);
  const held = measured.users.filter(({ scenario, begun, busyMs }) => {
    const waitedMs = measured.waitedMs.get(scenario) ?? 0;
    if (waitedMs === 0) return false;
    const arrives = plan.offers.some((offer) => offer.scenario === scenario);
    if (!arrives) return waitedMs >= busyMs / 2;
    const count = missing.get(scenario) ?? 0;
    return count > 0 && waitedMs >= (count * Math.max(0, busyMs - waitedMs)) / begun;
  });
  const scenarios = held.map(({ scenario }) => scenario);
  if (scenarios.length === 0 || short.some(([scenario]) => !scenarios.includes(scenario))) return undefined;
  const begun = measured.users.reduce((total, users) => total + users.begun, 0);
  return { scenarios, requestsEach: measured.sent.n / begun };
}

/** How the limit is named: as a finding where it explains what would else have failed the load, else as a note. */
export function limiting(
  { measured, plan, limit: { perSecond, by } }: Facts,
  rates: Rates,
  held: HeldBack,
  found: readonly Finding[],
): { readonly findings: readonly Finding[]; readonly notes: readonly string[] } {
  const offered = offeredWords({ measured, plan }, rates, held);
  const limit = `${perSecond} requests/s by ${by}`;
  if (found.some(({ limited, weight }) => limited && weight === 'failed')) {
    const allowed = `${limit}; raise it, or lower the rate of the scenario`;
    return { findings: [doubtful('held-back', 'requests', offered, allowed)], notes: [] };
  }
  return { findings: [], notes: [`${offered}; allowed ${limit}`] };
}

function offeredWords(
  { measured, plan }: Pick<Facts, 'measured' | 'plan'>,
  rates: Rates,
  { scenarios, requestsEach }: HeldBack,
): string {
  const sent = `${rounded(measured.sent.perSecond)} requests/s sent, the others had to wait`;
  const offers = plan.offers.some(({ scenario }) => scenarios.includes(scenario));
  if (!offers) return `held back by our own limit: ${sent}`;
  const [rate, each] = [rates.offered, requestsEach].map(rounded);
  return `held back by our own limit: ${rate} iterations/s of ${each} requests each offered, ${sent}`;
}
