import type { SampleBatch } from '../event/samples.ts';
import { answerOf, type Answer } from './answer.ts';
import { EndpointNames } from './endpoint.ts';
import { readLog, type LogFinding } from './log.ts';
import { metricOf, parsePoint, type Point } from './point.ts';
import { Slots } from './slots.ts';
import { Tally } from './tally.ts';
import type { Selector } from './threshold.ts';

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

/** When the iterations of a scenario began. */
export interface Starts {
  n: number;
  first: number;
  last: number;
}

/** Everything a run told so far. */
export interface Measured {
  readonly points: number;
  readonly requests: number;
  readonly iterations: number;
  readonly dropped: number;
  readonly endpoints: readonly EndpointTally[];
  readonly total: EndpointTally;
  readonly starts: ReadonlyMap<string, Starts>;
  readonly checks: ReadonlyMap<string, { readonly failed: number; readonly n: number }>;
  /** Points that met each selector, by its key. */
  readonly seen: ReadonlyMap<string, number>;
  readonly exceptions: ReadonlyMap<string, number>;
  readonly log: readonly LogFinding[];
}

export interface CollectorOptions {
  readonly bucketMs: number;
  readonly timeoutMs: number;
  /** Thresholds of the script that need samples. */
  readonly selectors: readonly Selector[];
  /** The run's own time of a point's. Default: the same. */
  readonly ownTime?: (wallMs: number) => number;
}

// A script may raise a different message or name a different check each time.
const mostKept = 50;

/** Folds k6's points and log lines, in a memory that does not grow with the run. */
export class Collector {
  readonly #options: CollectorOptions;
  readonly #slots: Slots;
  readonly #names = new EndpointNames();
  readonly #endpoints = new Map<string, EndpointTally>();
  readonly #total = emptyTally('all requests');
  readonly #starts = new Map<string, Starts>();
  readonly #checks = new Map<string, { failed: number; n: number }>();
  readonly #seen = new Map<string, number>();
  readonly #exceptions = new Map<string, number>();
  readonly #log: LogFinding[] = [];
  readonly #selected: ReadonlySet<string>;
  #points = 0;
  #requests = 0;
  #iterations = 0;
  #dropped = 0;

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.#slots = new Slots(options.bucketMs);
    this.#selected = new Set(options.selectors.map(({ metric }) => metric));
  }

  /** Takes a line of points. Returns whether it was a request. */
  point(line: string): boolean {
    const metric = metricOf(line);
    if (metric === undefined) return false;
    this.#points++;
    if (!wanted.has(metric) && !this.#selected.has(metric)) return false;
    const parsed = parsePoint(line);
    if (parsed === undefined) return false;
    const point = { ...parsed, at: this.#options.ownTime?.(parsed.at) ?? parsed.at };
    if (this.#selected.has(metric)) this.#select(point);
    this.#count(point);
    return metric === 'http_req_duration';
  }

  /** Takes a line of k6's log. Returns what it means, and for an exception how often it came so far. */
  log(line: string): { readonly finding: LogFinding; readonly count: number } {
    const finding = readLog(line);
    if (finding.kind === 'exception') return { finding, count: bump(this.#exceptions, finding.message) };
    if (finding.kind !== 'nothing' && this.#log.length < mostKept) this.#log.push(finding);
    return { finding, count: 1 };
  }

  take(now: number): SampleBatch[] {
    return this.#slots.take(now);
  }

  measured(): Measured {
    return {
      points: this.#points,
      requests: this.#requests,
      iterations: this.#iterations,
      dropped: this.#dropped,
      endpoints: [...this.#endpoints.values()],
      total: this.#total,
      starts: this.#starts,
      checks: this.#checks,
      seen: this.#seen,
      exceptions: this.#exceptions,
      log: this.#log,
    };
  }

  #count(point: Point): void {
    switch (point.metric) {
      case 'http_req_duration':
        return this.#request(point);
      case 'iterations':
        this.#iterations += point.value;
        return;
      case 'dropped_iterations':
        this.#dropped += point.value;
        return;
      case 'iteration_duration':
        return this.#start(point);
      case 'checks':
        return this.#check(point);
    }
  }

  #request(point: Point): void {
    const answer = answerOf(point, this.#options.timeoutMs);
    const name = this.#names.of(point);
    this.#requests++;
    const tally = this.#endpoints.get(name) ?? emptyTally(name);
    this.#endpoints.set(name, tally);
    addTo(tally, answer);
    addTo(this.#total, answer);
    this.#slots.add(name, answer);
  }

  // A point of a duration is written at its end.
  #start({ tags, at, value }: Point): void {
    const begun = at - value;
    const starts = this.#starts.get(tags['scenario'] ?? '') ?? { n: 0, first: begun, last: begun };
    starts.n++;
    starts.first = Math.min(starts.first, begun);
    starts.last = Math.max(starts.last, begun);
    this.#starts.set(tags['scenario'] ?? '', starts);
  }

  #check({ tags, value }: Point): void {
    const name = this.#checks.size < mostKept ? (tags['check'] ?? 'unnamed') : 'others';
    const check = this.#checks.get(name) ?? { failed: 0, n: 0 };
    check.n++;
    if (value === 0) check.failed++;
    this.#checks.set(name, check);
  }

  #select(point: Point): void {
    for (const { key, metric, tags } of this.#options.selectors) {
      const met = Object.entries(tags).every(([name, value]) => point.tags[name] === value);
      if (metric === point.metric && met) bump(this.#seen, key);
    }
  }
}

const wanted: ReadonlySet<string> = new Set([
  'http_req_duration',
  'iterations',
  'dropped_iterations',
  'iteration_duration',
  'checks',
]);

function emptyTally(endpoint: string): EndpointTally {
  return { endpoint, n: 0, errors: 0, serverErrors: 0, throttled: 0, latency: new Tally() };
}

function addTo(tally: EndpointTally, { outcome, serverError, latencyMs }: Answer): void {
  if (outcome === 'throttled') {
    tally.throttled++;
    return;
  }
  tally.n++;
  if (outcome === 'error') tally.errors++;
  if (serverError) tally.serverErrors++;
  if (latencyMs !== undefined) tally.latency.add(latencyMs);
}

function bump(counts: Map<string, number>, name: string): number {
  const key = counts.has(name) || counts.size < mostKept ? name : 'others';
  const count = (counts.get(key) ?? 0) + 1;
  counts.set(key, count);
  return count;
}
