import type { Measured } from './collector.ts';
import type { Starved } from './cpu.ts';
import type { Plan } from './plan.ts';
import type { Rates } from './rate.ts';

/** That others used the processor which a generator needed to begin its iterations. */
export interface Shortage {
  /** How long it waited in all. */
  readonly ms: number;
  /** Whether every iteration that was dropped or did not begin belongs to that time. */
  readonly explains: boolean;
}

interface Facts {
  readonly measured: Pick<Measured, 'drops' | 'dropped'>;
  readonly plan: Pick<Plan, 'offers'>;
  readonly starved: readonly Starved[];
}

// What piled up while it waited is dropped until a second after.
const aftermathMs = 1_000;

/** `undefined` where no iteration was dropped or missing, or none because of it. */
export function shortageOf({ measured, plan, starved }: Facts, rates: Rates): Shortage | undefined {
  if (starved.length === 0 || (measured.dropped === 0 && rates.reached)) return undefined;
  const dropped = droppedIn(measured, starved);
  if (dropped === 0 && measured.dropped > 0) return undefined;
  const ms = starved.reduce((total, { from, to }) => total + to - from, 0);
  const could = dropped + (rates.offered * (ms + aftermathMs)) / 1_000 + plan.offers.length;
  const explains = dropped === measured.dropped && (rates.reached || rates.due - rates.begun <= could);
  return { ms, explains };
}

function droppedIn({ drops }: Pick<Measured, 'drops'>, starved: readonly Starved[]): number {
  const within = ([second]: readonly [number, number]) =>
    starved.some(({ from, to }) => second * 1_000 <= to + aftermathMs && from < (second + 1) * 1_000);
  return [...drops].filter(within).reduce((total, [, count]) => total + count, 0);
}
