import type { SampleBatch } from '../event/samples.ts';
import type { JudgeSpec } from '../event/specs.ts';
import { answerOf } from './answer.ts';
import { addTo, emptyTally, Endpoints, type EndpointTally } from './endpoint-tally.ts';
import { readLog, type LogFinding } from './log.ts';
import { metricOf, parsePoint, type Point } from './point.ts';
import { Slots } from './slots.ts';
import { Standstill, type Stood } from './standstill.ts';
import { oneLine } from './text.ts';
import { selects, type Selector } from './threshold.ts';
import { Users, type ScenarioUsers } from './users.ts';

/** When the iterations of a scenario began. */
export interface Starts {
  n: number;
  first: number;
  last: number;
  /** When one of them ended last, once one has. */
  ended?: number;
}

/** Answers of an endpoint that lead to another origin and were not followed there. */
export interface RedirectTally {
  readonly endpoint: string;
  readonly to: string;
  count: number;
  /** All answers of the endpoint. */
  readonly of: number;
}

/** Everything a run reported so far. */
export interface Measured {
  readonly points: number;
  /** Requests to the target, a redirected one counted once. */
  readonly requests: number;
  readonly iterations: number;
  readonly dropped: number;
  /** Dropped iterations by the second (UTC, whole seconds) they were dropped in. */
  readonly drops: ReadonlyMap<number, number>;
  /** The same by the scenario they are of. */
  readonly droppedOf: ReadonlyMap<string, number>;
  /**
   * Every request that was sent, wherever to, each hop of a redirect too; `perSecond` from the first to the last,
   * `busiest` the most in one second (UTC, whole seconds).
   */
  readonly sent: { readonly n: number; readonly perSecond: number; readonly busiest: number };
  /** How long requests of each scenario waited for their turn under the limit of requests a second, ms. */
  readonly waitedMs: ReadonlyMap<string, number>;
  readonly endpoints: readonly EndpointTally[];
  readonly total: EndpointTally;
  /** WebSockets, by address; an error is one that did not open. */
  readonly sockets: readonly EndpointTally[];
  /** Requests to other origins than the target's. */
  readonly elsewhere: readonly EndpointTally[];
  readonly redirects: readonly RedirectTally[];
  readonly starts: ReadonlyMap<string, Starts>;
  readonly users: readonly ScenarioUsers[];
  /** Checks that no threshold covers. */
  readonly checks: ReadonlyMap<string, { readonly failed: number; readonly n: number }>;
  /** Points that met each selector, by its key. */
  readonly seen: ReadonlyMap<string, number>;
  readonly exceptions: ReadonlyMap<string, number>;
  readonly log: readonly LogFinding[];
  /** When the generator stood still. */
  readonly stood: readonly Stood[];
}

export interface CollectorOptions extends Pick<JudgeSpec, 'bucketMs' | 'roles'> {
  readonly timeoutMs: number;
  /** Thresholds of the script that need samples. */
  readonly selectors: readonly Selector[];
  /** Thresholds of the script that judge checks. */
  readonly covered?: readonly Selector[];
  /** The run's own time of a point's. Default: the same. */
  readonly ownTime?: (wallMs: number) => number;
}

// A script may raise a different message or name a different check each time.
const mostKept = 50;
const longestName = 120;

/** Folds k6's points and log lines, in a memory that does not grow with the run. */
export class Collector {
  readonly #options: CollectorOptions;
  readonly #slots: Slots;
  readonly #own = new Endpoints();
  readonly #sockets = new Endpoints();
  readonly #elsewhere = new Endpoints();
  readonly #total = emptyTally('all requests');
  readonly #redirects = new Map<string, { endpoint: string; to: string; count: number }>();
  readonly #starts = new Map<string, Starts>();
  readonly #users = new Users();
  readonly #standstill = new Standstill();
  readonly #checks = new Map<string, { failed: number; n: number }>();
  readonly #seen = new Map<string, number>();
  readonly #drops = new Map<number, number>();
  readonly #droppedOf = new Map<string, number>();
  readonly #sent = { n: 0, first: 0, last: 0 };
  readonly #sentIn = new Map<number, number>();
  readonly #waitedMs = new Map<string, number>();
  readonly #exceptions = new Map<string, number>();
  readonly #log: LogFinding[] = [];
  readonly #selected: ReadonlySet<string>;
  #points = 0;
  #requests = 0;
  #iterations = 0;
  /** When users were last seen at work. */
  #busy: number | undefined;

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.#slots = new Slots(options);
    this.#selected = new Set(options.selectors.map(({ metric }) => metric));
  }

  /** Takes a line of points. Returns whether it was an answer or the end of a WebSocket's handshake. */
  point(line: string): boolean {
    const metric = metricOf(line);
    if (metric === undefined) return false;
    this.#points++;
    if (!wanted.has(metric) && !this.#selected.has(metric)) return false;
    const parsed = parsePoint(line);
    if (parsed === undefined) return false;
    const point = { ...parsed, at: this.#options.ownTime?.(parsed.at) ?? parsed.at };
    this.#standstill.point(point.at);
    if (this.#selected.has(metric)) this.#select(point);
    this.#count(point);
    return flowing.has(metric);
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

  /** The operating system holds the generator at `now`. */
  held(now: number): void {
    this.#standstill.held(now);
  }

  /** When the generator stood still so far. */
  get stood(): readonly Stood[] {
    return this.#standstill.times;
  }

  /** The generator was to go on until `at`. */
  until(at: number): void {
    this.#standstill.until(at);
  }

  /** @param now UTC ms; of iterations that are still open it decides whether they hang */
  measured(now: number): Measured {
    // Users were seen at work each second; what k6 did after them, such as a teardown, is no time of theirs.
    const end = this.#busy === undefined ? now : Math.min(now, this.#busy + 1_000);
    return {
      points: this.#points,
      requests: this.#requests,
      iterations: this.#iterations,
      dropped: [...this.#drops.values()].reduce((total, count) => total + count, 0),
      drops: this.#drops,
      droppedOf: this.#droppedOf,
      sent: {
        n: this.#sent.n,
        perSecond: paceOf(this.#sent),
        busiest: [...this.#sentIn.values()].reduce((most, n) => Math.max(most, n), 0),
      },
      waitedMs: this.#waitedMs,
      endpoints: this.#own.all,
      total: this.#total,
      sockets: this.#sockets.all,
      elsewhere: this.#elsewhere.all,
      redirects: [...this.#redirects.values()].map((one) => ({ ...one, of: this.#own.of(one.endpoint).n })),
      starts: this.#starts,
      users: this.#users.scenarios(end, this.#options.timeoutMs),
      checks: this.#checks,
      seen: this.#seen,
      exceptions: this.#exceptions,
      log: this.#log,
      stood: this.#standstill.times,
    };
  }

  #count(point: Point): void {
    switch (point.metric) {
      case 'http_req_duration':
        this.#send(point.at - point.value);
        // What redirects, and where it leads to, is reported as one answer below.
        return isHop(point) || this.#waited(point) ? undefined : this.#request(point);
      case 'siaga_redirected':
        return this.#waited(point) ? undefined : this.#redirected(point);
      case 'ws_connecting':
        return this.#socket(point);
      case 'siaga_begun':
        return this.#begin(point);
      case 'siaga_waited':
        return addAt(this.#waitedMs, point.tags['scenario'] ?? '', point.value);
      case 'iterations':
        this.#iterations += point.value;
        return;
      case 'dropped_iterations':
        return this.#drop(point);
      case 'iteration_duration':
        return this.#end(point);
      case 'vus':
        if (point.value > 0) this.#busy = point.at;
        return;
      case 'checks':
        return this.#check(point);
    }
  }

  /** For a generator that stood still. */
  readonly #waited = ({ at, value }: Point): boolean => this.#standstill.within(at - value, at);

  #request(point: Point): void {
    const answer = answerOf(point, this.#options.timeoutMs);
    const origin = point.tags['siaga_origin'];
    if (origin !== undefined) return addTo(this.#elsewhere.named(point, `${origin} `), answer);
    this.#requests++;
    const tally = this.#own.named(point);
    addTo(tally, answer);
    addTo(this.#total, answer);
    this.#slots.add(tally.endpoint, answer);
  }

  #redirected(point: Point): void {
    this.#request(point);
    const { siaga_to: to, siaga_origin: origin } = point.tags;
    if (to === undefined || origin !== undefined) return;
    const { endpoint } = this.#own.named(point);
    const key = `${endpoint} ${to}`;
    const known = this.#redirects.get(key);
    if (known !== undefined) known.count++;
    else if (this.#redirects.size < mostKept) {
      this.#redirects.set(key, { endpoint, to: oneLine(to, longestName), count: 1 });
    }
  }

  #socket(point: Point): void {
    const opened = point.tags['status'] === '101';
    const tally = this.#sockets.named({ ...point, tags: { ...point.tags, method: 'WS' } });
    addTo(tally, {
      at: point.at,
      outcome: opened ? 'ok' : 'error',
      serverError: false,
      latencyMs: point.value,
    });
  }

  #begin(point: Point): void {
    this.#users.begin(point);
    const scenario = point.tags['scenario'] ?? '';
    const starts = this.#starts.get(scenario) ?? { n: 0, first: point.at, last: point.at };
    starts.n++;
    starts.last = Math.max(starts.last, point.at);
    this.#starts.set(scenario, starts);
  }

  #end(point: Point): void {
    this.#users.end(point);
    const starts = this.#starts.get(point.tags['scenario'] ?? '');
    if (starts !== undefined) starts.ended = Math.max(starts.ended ?? point.at, point.at);
  }

  #drop({ at, value, tags }: Point): void {
    addAt(this.#drops, Math.floor(at / 1_000), value);
    addAt(this.#droppedOf, tags['scenario'] ?? '', value);
  }

  #send(at: number): void {
    addAt(this.#sentIn, Math.floor(at / 1_000), 1);
    const { n, first, last } = this.#sent;
    Object.assign(this.#sent, {
      n: n + 1,
      first: n === 0 ? at : Math.min(first, at),
      last: Math.max(last, at),
    });
  }

  #check({ tags, value }: Point): void {
    if (this.#options.covered?.some((selector) => selects(selector, tags))) return;
    const checkName = oneLine(tags['check'] ?? 'unnamed', longestName);
    const name = this.#checks.has(checkName) || this.#checks.size < mostKept ? checkName : 'others';
    const check = this.#checks.get(name) ?? { failed: 0, n: 0 };
    check.n++;
    if (value === 0) check.failed++;
    this.#checks.set(name, check);
  }

  #select(point: Point): void {
    for (const selector of this.#options.selectors) {
      const { key, metric } = selector;
      if (metric === point.metric && selects(selector, point.tags)) {
        this.#seen.set(key, (this.#seen.get(key) ?? 0) + 1);
      }
    }
  }
}

const flowing: ReadonlySet<string> = new Set(['http_req_duration', 'ws_connecting']);

const wanted: ReadonlySet<string> = new Set([
  ...flowing,
  'siaga_redirected',
  'siaga_begun',
  'siaga_waited',
  'iterations',
  'dropped_iterations',
  'iteration_duration',
  'vus',
  'checks',
]);

const redirections: ReadonlySet<string> = new Set(['301', '302', '303', '307', '308']);

function isHop({ tags }: Point): boolean {
  return tags['siaga_hop'] !== undefined || redirections.has(tags['status'] ?? '');
}

// Between n requests lie n - 1 intervals.
function paceOf({ n, first, last }: { readonly n: number; readonly first: number; readonly last: number }) {
  return last > first ? ((n - 1) * 1_000) / (last - first) : 0;
}

function addAt<K>(sums: Map<K, number>, key: K, value: number): void {
  sums.set(key, (sums.get(key) ?? 0) + value);
}

function bump(counts: Map<string, number>, name: string): number {
  const key = counts.has(name) || counts.size < mostKept ? name : 'others';
  const count = (counts.get(key) ?? 0) + 1;
  counts.set(key, count);
  return count;
}
