import type { Draft, SiagaEvent } from '../../../src/event/envelope.ts';
import type { SampleBatch } from '../../../src/event/samples.ts';
import type { RunJournal } from '../../../src/event/store.ts';
import type { Violation } from '../../../src/kernel/outcome.ts';
import type { Json } from '../../../src/kernel/json.ts';
import type { K6, K6End, K6Run, Launch } from '../../../src/load/ports.ts';
import { startLoad } from '../../../src/load/run.ts';
import { loadRunbook, maxRate, target, timeoutMs } from './runbook.ts';
import { epoch, type Load } from './world.ts';

/** What a judge says of a load. */
export interface Verdict {
  readonly outcome: string;
  /** Names of the rules that were broken. */
  readonly broken: readonly string[];
  /** The same, each time with the figures it was broken with. */
  readonly told: readonly string[];
  readonly figures: Readonly<Record<string, number>>;
  /** By name, where anything was asked of it. */
  readonly endpoints: Readonly<Record<string, EndpointCounts>>;
  /** What the triggers are fed with: by signal, endpoint and bucket. */
  readonly samples: Readonly<Record<string, string>>;
}

export interface EndpointCounts {
  readonly n: number;
  readonly errors: number;
  readonly throttled: number;
  readonly p95: number;
}

/** What Siaga makes of a load: its own runner, on a k6 that writes these words at these times. */
export async function judgedBySiaga(load: Load): Promise<Verdict> {
  const played = new Player(load);
  const aborting = new AbortController();
  const running = await startLoad(
    {
      name: 'load',
      script: '/s.js',
      timeoutMs,
      typeCheck: false,
      thresholds: load.observed ? 'observed' : 'judged',
    },
    {
      journal: played.journal,
      clock: played,
      k6: played.k6,
      runFolder: '/r',
      target: { url: target, headers: {}, maxRate },
      judge: loadRunbook,
      signal: aborting.signal,
      onSpawn: () => {},
    },
  );
  played.begin((how) => (how === 'stopped' ? void running.stop() : aborting.abort(new Error('interrupted'))));
  running.ready.catch(() => {});
  const finished = await running.finished;
  const { outcome, violations, requests, iterations, dropped, exceptions, unfinished = 0 } = finished;
  return {
    outcome,
    broken: [...new Set(violations.map(({ rule }) => rule))].toSorted(),
    told: violations.map(figuresOf).toSorted(),
    figures: { requests, iterations, dropped, exceptions, unfinished },
    endpoints: countsOf(finished.endpoints),
    samples: samplesOf(played.batches),
  };
}

/** `check-failed 3/60`, `threshold 812`: whatever words stand around the figures. */
function figuresOf({ rule, path, got }: Violation): string {
  const [, part, all] = /(\d+) (?:iterations )?of (\d+)/.exec(got) ?? [];
  if (part !== undefined) return `${rule} ${part}/${all}`;
  const [, value, unit] = /^([\d.]+) (ms|s)$/.exec(got) ?? [];
  if (path.endsWith(' p95') && value !== undefined)
    return `${rule} ${asTold(Number(value) * (unit === 's' ? 1_000 : 1))}`;
  return counting.has(rule) ? `${rule} ${Number.parseInt(got, 10)}` : rule;
}

/** Seconds are told to a tenth. */
export const asTold = (ms: number): number => (ms < 1_000 ? ms : Math.round(ms / 100) * 100);

const counting: ReadonlySet<string> = new Set(['dropped-iterations', 'k6-exception', 'too-few-samples']);

function countsOf(
  endpoints: readonly ({ readonly endpoint: string } & EndpointCounts)[],
): Verdict['endpoints'] {
  const rows = endpoints.map(({ endpoint, n, errors, throttled, p95 }) => [
    endpoint,
    { n, errors, throttled, p95 },
  ]);
  return Object.fromEntries(rows.toSorted());
}

function samplesOf(batches: readonly SampleBatch[]): Verdict['samples'] {
  const sums = new Map<string, readonly number[]>();
  for (const { signal, labels, from, to, data } of batches) {
    const [first, last] = [from, to - 1].map((at) => Math.floor((at - epoch) / loadRunbook.bucketMs));
    const key = `${signal} ${labels['endpoint']} ${first === last ? first : 'across buckets'}`;
    const more =
      data.kind === 'ratio'
        ? [data.total, data.bad, data.throttled]
        : data.kind === 'values'
          ? data.values
          : [];
    const known = sums.get(key);
    const sum =
      data.kind === 'values'
        ? [...(known ?? []), ...more]
        : more.map((n, index) => n + (known?.[index] ?? 0));
    sums.set(key, sum);
  }
  return Object.fromEntries([...sums].map(([key, list]) => [key, told(key, list)]).toSorted());
}

/** Values in no order of their own. */
const told = (key: string, list: readonly number[]): string =>
  (key.startsWith('wait') ? list.toSorted((a, b) => a - b) : list).join(' ');

const cores = 2;

/** A clock and a k6 that live in one time: whoever sleeps lets it pass. */
class Player implements K6Run {
  readonly pid = 1;
  readonly cores = cores;
  readonly k6: K6;
  readonly journal: RunJournal;
  readonly batches: SampleBatch[] = [];
  readonly ended: Promise<K6End>;
  readonly #load: Load;
  readonly #end = Promise.withResolvers<K6End>();
  readonly #begun = Promise.withResolvers<(how: 'stopped' | 'interrupted') => void>();
  #launch: Launch | undefined;
  #at = 0;
  #next = 0;
  #oursDone = false;
  #over = false;

  constructor(load: Load) {
    this.#load = load;
    this.ended = this.#end.promise;
    this.journal = journalOf((batch) => this.batches.push(batch));
    this.k6 = {
      version: '1.8.1',
      inspect: () => Promise.resolve({ exitCode: 0, options: load.options as Json, log: [] }),
      typeCheck: () => Promise.resolve({ state: 'checked', errors: [] }),
      start: (launch) => {
        this.#launch = launch;
        return Promise.resolve(this);
      },
    };
  }

  now = (): number => epoch + this.#at;
  monotonic = (): number => this.#at;
  cpuSeconds = (): number => (this.#load.cpuShare * cores * this.#at) / 1_000;
  cpuWaits = (): ReadonlyMap<number, number> => new Map([[1, waitedBy(this.#load.starved, this.#at)]]);
  held = (): boolean => this.#load.held.some(({ from, to }) => from <= this.#at && this.#at < to);
  stop = async (): Promise<void> => void (await this.ended);

  /** Lets time pass. */
  begin(onOurs: (how: 'stopped' | 'interrupted') => void): void {
    this.#begun.resolve(onOurs);
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const onOurs = await this.#begun.promise;
    const until = this.#at + ms;
    while (!this.#over && this.#step(until, onOurs)) continue;
    if (!this.#over) this.#at = until;
  }

  #step(until: number, onOurs: (how: 'stopped' | 'interrupted') => void): boolean {
    const { words, ours, end } = this.#load;
    const word = words[this.#next];
    const oursAt = this.#oursDone ? Infinity : (ours?.at ?? Infinity);
    const first = Math.min(word?.at ?? Infinity, oursAt, end.at);
    if (first > until) return false;
    this.#at = first;
    if (word?.at === first) {
      this.#next++;
      if (word.to === 'points') this.#launch?.onPoint(word.line);
      else this.#launch?.onLog(word.line);
    } else if (oursAt === first && ours !== undefined) {
      this.#oursDone = true;
      onOurs(ours.how);
    } else {
      this.#over = true;
      this.#end.resolve({ code: end.code, signal: end.signal });
    }
    return true;
  }
}

/** Milliseconds in which k6 got no processor, so far. */
const waitedBy = (starved: Load['starved'], at: number): number =>
  starved.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(at, to) - from), 0);

function journalOf(onSamples: (batch: SampleBatch) => void): RunJournal {
  const events: SiagaEvent[] = [];
  return {
    run: 'r',
    recorded: true,
    append: (draft: Draft) => {
      const event = {
        v: 1,
        seq: events.length + 1,
        run: 'r',
        at: 0,
        mono: 0,
        boot: 'b',
        ...draft,
      } as SiagaEvent;
      events.push(event);
      if (event.type === 'samples') onSamples(event.data);
      return event;
    },
    events: () => events,
    subscribe: () => () => false,
    decide: () => Promise.resolve([]),
    finish: () => undefined,
  };
}
