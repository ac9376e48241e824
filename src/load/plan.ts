import type { Json } from '../kernel/json.ts';
import { goDuration } from './go-duration.ts';
import { lengthOf, offerOf, peakOf, type Offer } from './offer.ts';

/** What a script will do, as far as k6 can tell before it runs. */
export interface Plan {
  readonly offers: readonly Offer[];
  /** Whether every scenario says what it offers; others wait for answers and slow down with the target. */
  readonly open: boolean;
  /** The sum of the peaks, iterations a second; 0 where no scenario says. */
  readonly rate: number;
  readonly durationMs: number;
  /** From the scenarios' `endpoint` tags. */
  readonly endpoints: readonly string[];
  /** The script's own thresholds, by metric or submetric. */
  readonly thresholds: Readonly<Record<string, readonly string[]>>;
  /** Functions that scenarios name instead of the default one. */
  readonly functions: readonly string[];
  /** Names of what it was asked for in its environment and does not read. */
  readonly unread?: readonly string[];
  /** The script's own limit of requests a second. */
  readonly rps?: number;
  /** Absent where the script leaves k6's default. */
  readonly systemTags?: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads the options that `k6 inspect --execution-requirements` prints; nothing of them is sure to be there. */
export function planOf(options: Json | undefined): Plan {
  const root = fields(options);
  const scenarios = Object.entries(fields(root['scenarios'])).map(([name, value]) => ({
    name,
    ...split(value),
  }));
  const offers = scenarios.flatMap(({ name, all }) => offerOf(name, all) ?? []);
  const tags = root['systemTags'];
  return {
    offers,
    open: offers.length > 0 && offers.length === scenarios.length,
    rate: offers.reduce((total, offer) => total + peakOf(offer), 0),
    durationMs: durationOf(offers, scenarios, root),
    endpoints: [...new Set(scenarios.flatMap(({ endpoint }) => endpoint ?? []))],
    thresholds: thresholdsOf(root['thresholds']),
    functions: [
      ...new Set(scenarios.flatMap(({ all }) => (typeof all['exec'] === 'string' ? [all['exec']] : []))),
    ],
    ...(typeof root['rps'] === 'number' && root['rps'] > 0 && { rps: root['rps'] }),
    ...(Array.isArray(tags) && { systemTags: tags.map(String) }),
  };
}

function split(value: unknown): { all: Fields; endpoint: string | undefined; startMs: number } {
  const all = fields(value);
  const endpoint = fields(all['tags'])['endpoint'];
  return {
    all,
    endpoint: typeof endpoint === 'string' ? endpoint : undefined,
    startMs: goDuration(all['startTime']) ?? 0,
  };
}

function durationOf(
  offers: readonly Offer[],
  scenarios: readonly { name: string; startMs: number }[],
  root: Fields,
): number {
  const starts = new Map(scenarios.map(({ name, startMs }) => [name, startMs]));
  const ends = offers.map((offer) => (starts.get(offer.scenario) ?? 0) + lengthOf(offer));
  return ends.length > 0
    ? Math.max(...ends)
    : (goDuration(root['duration']) ?? goDuration(root['totalDuration']) ?? 0);
}

// k6 prints a threshold as its expression, or as an object where it may abort the run.
function thresholdsOf(value: unknown): Plan['thresholds'] {
  const rows = Object.entries(fields(value)).map(([metric, list]) => [
    metric,
    (Array.isArray(list) ? list : []).map((one: unknown) =>
      typeof one === 'string' ? one : String(fields(one)['threshold']),
    ),
  ]);
  return Object.fromEntries(rows);
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}
