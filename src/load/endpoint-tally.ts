import type { Answer } from './answer.ts';
import type { Point } from './point.ts';
import { Tally } from './tally.ts';
import { oneLine } from './text.ts';

/** The requests of one endpoint so far. */
export interface EndpointTally {
  readonly endpoint: string;
  /** Answered or failed, our own 429s apart. */
  n: number;
  errors: number;
  serverErrors: number;
  throttled: number;
  readonly latency: Tally;
}

/** Tallies by name, with bounded names. */
export class Endpoints {
  readonly #names = new EndpointNames();
  readonly #tallies = new Map<string, EndpointTally>();

  named(point: Point, before = ''): EndpointTally {
    return this.of(this.#names.of(point, before));
  }

  of(endpoint: string): EndpointTally {
    const tally = this.#tallies.get(endpoint) ?? emptyTally(endpoint);
    this.#tallies.set(endpoint, tally);
    return tally;
  }

  get all(): readonly EndpointTally[] {
    return [...this.#tallies.values()];
  }
}

export function emptyTally(endpoint: string): EndpointTally {
  return { endpoint, n: 0, errors: 0, serverErrors: 0, throttled: 0, latency: new Tally() };
}

/** Several endpoints as one. */
export function sumOf(endpoint: string, parts: readonly EndpointTally[]): EndpointTally {
  const sum = (pick: (part: EndpointTally) => number) => parts.reduce((total, part) => total + pick(part), 0);
  return {
    endpoint,
    n: sum(({ n }) => n),
    errors: sum(({ errors }) => errors),
    serverErrors: sum(({ serverErrors }) => serverErrors),
    throttled: sum(({ throttled }) => throttled),
    latency: Tally.of(parts.map(({ latency }) => latency)),
  };
}

export function addTo(tally: EndpointTally, { outcome, serverError, latencyMs }: Answer): void {
  if (outcome === 'throttled') {
    tally.throttled++;
    return;
  }
  tally.n++;
  if (outcome === 'error') tally.errors++;
  if (serverError) tally.serverErrors++;
  if (latencyMs !== undefined) tally.latency.add(latencyMs);
}

const most = 200;
const longest = 120;

/** Names the endpoint of a request's point, and keeps the number of names bounded: past 200 it is `other`. */
export class EndpointNames {
  readonly #known = new Set<string>();

  /** @param before says more of where it is: another origin */
  of({ tags }: Point, before = ''): string {
    const name = oneLine(before + (tags['endpoint'] ?? untagged(tags)), longest);
    if (this.#known.has(name)) return name;
    if (this.#known.size >= most) return 'other';
    this.#known.add(name);
    return name;
  }
}

// Scripts that know nothing of our tag are told apart by k6's own: `name` is the URL unless the script set it.
function untagged(tags: Point['tags']): string {
  return `${tags['method'] ?? 'GET'} ${pathOf(tags['name'] ?? tags['url'] ?? 'unknown')}`;
}

// A query may carry a secret, and makes every request an endpoint of its own.
function pathOf(name: string): string {
  return URL.canParse(name) ? new URL(name).pathname : (name.split('?')[0] ?? name);
}
