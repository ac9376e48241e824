import type { Unit } from '../../event/specs.ts';
import { formatValue } from '../../runbook/condition.ts';
import { utcTime, zoneTime } from '../when.ts';

export interface Tick {
  readonly at: number;
  readonly label: string;
}

const seconds = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400];

/** Round times within a span, at most `most` of them, in the zone of the runbook. */
export function timeTicks(from: number, to: number, zone: string, most: number): readonly Tick[] {
  const step = 1_000 * (seconds.find((each) => (to - from) / (each * 1_000) <= most) ?? 86_400);
  const first = Math.ceil(from / step) * step;
  const count = Math.max(0, Math.min(most + 1, Math.floor((to - first) / step) + 1));
  const label = (at: number): string => {
    const time = zone === 'UTC' ? utcTime(at) : zoneTime(at, zone);
    return step < 60_000 ? time : time.slice(0, 5);
  };
  return Array.from({ length: count }, (_, index) => ({
    at: first + index * step,
    label: label(first + index * step),
  }));
}

/** Round values from zero up to `max`, four or so. */
export function valueTicks(max: number, unit: Unit): readonly Tick[] {
  const step = niceStep(max / 4);
  const count = Math.floor(max / step + 1e-9) + 1;
  return Array.from({ length: count }, (_, index) => ({
    at: index * step,
    label: formatValue(index * step, unit),
  }));
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 2.5, 5, 10].find((each) => each * power >= rough * 0.999) ?? 10;
  return factor * power;
}
