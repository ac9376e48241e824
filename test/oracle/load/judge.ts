import { loadRunbook, maxRate, timeoutMs } from './runbook.ts';
import { asTold, type EndpointCounts, type Verdict } from './subject.ts';
import { epoch, type Load, type Span } from './world.ts';

/** A point of k6's `--out json`. */
interface Point {
  readonly metric: string;
  /** Ms since k6 was started. */
  readonly at: number;
  readonly value: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly vu: string;
}

/** One request to the target, or elsewhere, with what came of it. */
interface Answer {
  readonly endpoint: string;
  readonly at: number;
  readonly began: number;
  readonly error: boolean;
  readonly serverError: boolean;
  readonly throttled: boolean;
  readonly latency: number | undefined;
  readonly elsewhere: boolean;
  /** Another origin that it leads to. */
  readonly leadsTo: string | undefined;
}

interface Log {
  readonly level?: string;
  readonly msg?: string;
  readonly source?: string;
}

interface Options {
  readonly scenarios: Readonly<Record<string, ScenarioOptions>>;
  readonly thresholds?: Readonly<Record<string, readonly string[]>>;
}

interface ScenarioOptions {
  readonly executor: string;
  readonly tags: { readonly endpoint?: string } | null;
  readonly rate?: number;
  readonly duration?: string;
  readonly stages?: readonly { readonly duration: string; readonly target: number }[];
}

/** What a rule says: that the load failed, or that it says nothing about the system. */
type Weight = 'failed' | 'inconclusive' | 'says nothing whatever else was found';

interface Broken {
  readonly rule: string;
  readonly weight: Weight;
  /** `3/60`, or a number alone. */
  readonly figures?: string | number;
  /** The limit of requests a second makes it so. */
  readonly limited?: boolean;
  /** The signal of the runbook that it is about. */
  readonly of?: Signal;
}

const over = (bad: number, of: number, limit: number): boolean => bad >= 2 && bad > limit * of;

/** `3/60` of each where too many failed. */
function tooMany<T>(
  lists: ReadonlyMap<string, readonly T[]>,
  limit: number,
  failed: (one: T) => boolean,
): readonly string[] {
  return [...lists.values()].flatMap((list) => {
    const bad = list.filter(failed).length;
    return over(bad, list.length, limit) ? [`${bad}/${list.length}`] : [];
  });
}

/** Judges a load by the page alone: all of it is at hand, and is gone through for each question. */
export function judgedByOracle(load: Load): Verdict {
  return new Judge(load).verdict();
}

class Judge {
  readonly #load: Load;
  readonly #options: Options;
  readonly #points: readonly Point[];
  readonly #log: readonly Log[];
  readonly #stood: readonly Span[];
  /** Of the target, and counted. */
  readonly #answers: readonly Answer[];
  readonly #elsewhere: readonly Answer[];
  /** Whether the limit of requests a second explains what is missing. */
  readonly #held: boolean;
  readonly #share = loadRunbook.loadErrors ?? 0.02;

  constructor(load: Load) {
    this.#load = load;
    this.#options = load.options as Options;
    this.#points = load.words.filter(({ to }) => to === 'points').flatMap(({ line }) => pointOf(line));
    this.#log = load.words.filter(({ to }) => to === 'log').map(({ line }) => JSON.parse(line) as Log);
    this.#stood = this.#standstills();
    const counted = this.#points.flatMap(answerOf).filter((answer) => !this.#waited(answer));
    this.#answers = counted.filter(({ elsewhere }) => !elsewhere);
    this.#elsewhere = counted.filter(({ elsewhere }) => elsewhere);
    this.#held = this.#heldBack();
  }

  verdict(): Verdict {
    const silent = this.#points.length === 0;
    const judged = this.#load.observed || silent ? [] : this.#judged();
    const found = [...this.#generator(), ...judged];
    const broken = found.some(({ limited }) => limited) ? [unknown('held-back'), ...found] : found;
    const sum = (metric: string) => this.#of(metric).reduce((total, { value }) => total + value, 0);
    return {
      outcome: outcomeOf(broken),
      broken: [...new Set(broken.map(({ rule }) => rule))].toSorted(),
      told: broken
        .map(({ rule, figures }) => (figures === undefined ? rule : `${rule} ${figures}`))
        .toSorted(),
      figures: {
        requests: this.#answers.length,
        iterations: sum('iterations'),
        dropped: sum('dropped_iterations'),
        exceptions: this.#exceptions(),
        unfinished: this.#scenarioNames().reduce((total, name) => total + this.#open(name).length, 0),
      },
      endpoints: this.#endpoints(),
      samples: this.#samples(),
    };
  }

  #of(metric: string): readonly Point[] {
    return this.#points.filter((point) => point.metric === metric);
  }

  // ---- the generator

  #generator(): readonly Broken[] {
    return [
      ...this.#exit(this.#load.end.code),
      ...(this.#load.ours?.how === 'interrupted' ? [nothing('interrupted')] : []),
      ...(this.#load.cpuShare > 0.8 && this.#load.end.at - this.#firstLook() >= 2_000
        ? [nothing('generator-cpu')]
        : []),
      ...(this.#stood.length > 0 ? [unknown('generator-stood-still')] : []),
      ...this.#rates(),
      ...this.#words(),
      ...(this.#measuredNothing() ? [unknown('no-samples')] : []),
      ...(this.#points.length > 0 && this.#of('iterations').length === 0 ? [unknown('no-iterations')] : []),
      ...this.#throttled(),
    ];
  }

  /** When the generator was looked at first: it is looked at four times a second since its first answer. */
  #firstLook(): number {
    const answers = /^."metric":"(http_req_duration|ws_connecting)"/;
    const first = this.#load.words.find(({ line }) => answers.test(line));
    return first === undefined ? Infinity : Math.ceil(first.at / 250) * 250;
  }

  /** What a generator that stood still makes late or missing says nothing. */
  #unlessStood(rule: string, figures?: Told): Broken {
    return this.#stood.length > 0 ? unknown(rule, figures) : fails(rule, figures);
  }

  #exit(code: number | null): readonly Broken[] {
    const ours = this.#load.ours !== undefined;
    if (code === 0 || code === 99) return [];
    if (code === null) return [nothing('k6-killed')];
    if (code === 103 && ours) return [];
    const blamesTheScript = scriptExits[code];
    if (blamesTheScript !== undefined) return [fails(blamesTheScript)];
    return [nothing(otherExits[code] ?? 'k6-unknown-exit')];
  }

  #rates(): readonly Broken[] {
    const drops = this.#of('dropped_iterations');
    const offers = this.#begunOffers();
    const missed = this.#missed();
    const short = this.#short(drops, missed);
    const weight = (rule: string, figures: string | number) => this.#ofIterations(rule, figures);
    return [
      ...(short === undefined ? [] : [unknown('generator-short-of-cpu')]),
      ...(drops.length > 0 ? [weight('dropped-iterations', drops.length)] : []),
      ...(missed
        ? [
            weight(
              'rate-not-achieved',
              `${sum(offers.map(({ begun }) => begun))}/${Math.round(sum(offers.map(({ due }) => due)))}`,
            ),
          ]
        : []),
    ];
  }

  #begunOffers() {
    return this.#of('siaga_begun').length > 0 ? this.#offers() : [];
  }

  #missed(): boolean {
    return this.#begunOffers().some(({ due, begun }) => begun + 1 < 0.99 * due);
  }

  /** What is about how many iterations there were: a generator short of CPU makes it so too. */
  #ofIterations(rule: string, figures?: Told): Broken {
    const short = this.#short(this.#of('dropped_iterations'), this.#missed());
    if (short?.explains !== true) return this.#unlessLimited(rule, figures);
    return { ...unknown(rule, figures), limited: this.#held };
  }

  /**
   * Whether waiting for one's turn held a scenario back, and every one that is short of iterations. The whole time of
   * its iterations, less the waiting, over those that began is what a missing one would have taken.
   */
  #heldBack(): boolean {
    const sent = this.#of('http_req_duration').map(({ at, value }) => Math.floor((at - value) / 1_000));
    const busy = [...grouped(sent, String).values()].some((second) => 2 * second.length >= maxRate);
    if (!busy) return false;
    const offers = this.#offers();
    const each = this.#scenarioNames().map((name) => {
      const sumOf = (metric: string) =>
        sum(this.#of(metric).flatMap(({ tags, value }) => (tags['scenario'] === name ? [value] : [])));
      const waited = sumOf('siaga_waited');
      const begun = sumOf('siaga_begun');
      const until = this.#usersEnd();
      const open = this.#open(name).map(({ at }) => Math.max(0, until - at));
      const taken = sumOf('iteration_duration') + sum(open);
      const offer = offers.find((one) => one.name === name);
      if (offer === undefined) return { short: false, held: waited > 0 && 2 * waited >= taken };
      const unbegun = offer.begun + 1 < 0.99 * offer.due ? offer.due - offer.begun : 0;
      const missing = Math.max(sumOf('dropped_iterations'), unbegun);
      const mean = Math.max(0, taken - waited) / begun;
      return { short: missing > 0, held: missing > 0 && waited > 0 && begun > 0 && waited >= missing * mean };
    });
    return each.some(({ held }) => held) && each.every(({ short, held }) => held || !short);
  }

  /** What a limit that held the load back makes missing says nothing. */
  #unlessLimited(rule: string, figures?: Told): Broken {
    if (!this.#held) return this.#unlessStood(rule, figures);
    return { ...unknown(rule, figures), limited: true };
  }

  /** Whether others used the processor that k6 needed, where that may be why iterations were dropped or missing. */
  #short(drops: readonly Point[], missed: boolean): { readonly explains: boolean } | undefined {
    const first = this.#firstLook();
    const spans = this.#load.starved
      .map(({ from, to }) => ({ from: Math.max(from, first), to: Math.min(to, this.#load.end.at) }))
      .filter(({ from, to }) => from < to);
    if (spans.length === 0 || (drops.length === 0 && !missed)) return undefined;
    const second = ({ at }: Point) => Math.floor(at / 1_000) * 1_000;
    const then = drops.filter((drop) =>
      spans.some(({ from, to }) => second(drop) + 1_000 > from && second(drop) <= to + 1_000),
    );
    if (drops.length > 0 && then.length === 0) return undefined;
    const offers = this.#offers();
    const lasted = sum(spans.map(({ from, to }) => to - from)) + 1_000;
    const due = sum(offers.map(({ rate }) => rate)) * lasted;
    const missing = sum(offers.map((offer) => offer.due - offer.begun));
    const all = !missed || missing <= then.length + due + offers.length;
    return { explains: then.length === drops.length && all };
  }

  /** What the scenarios that arrive at a rate offer, and what began of it; of a load that was ended early, until then. */
  #offers(): readonly {
    readonly name: string;
    readonly due: number;
    readonly begun: number;
    readonly rate: number;
  }[] {
    return Object.entries(this.#options.scenarios).flatMap(([name, options]) => {
      if (!options.executor.endsWith('arrival-rate')) return [];
      const begun = this.#of('siaga_begun').filter(({ tags }) => tags['scenario'] === name);
      const all = dueOf(options, Infinity);
      const long = lengthOf(options);
      if (this.#whole() || begun.length === 0)
        return [{ name, due: this.#whole() ? all : 0, begun: begun.length, rate: all / long }];
      const ran = Math.max(1, begun.at(-1)!.at - begun[0]!.at);
      const due = dueOf(options, ran);
      return [{ name, due, begun: begun.length, rate: due / ran }];
    });
  }

  /** Whether k6 ended by itself, and nothing ended it before its time. */
  #whole(): boolean {
    return this.#load.ours === undefined && this.#load.end.code === 0;
  }

  #words(): readonly Broken[] {
    const errors = this.#errors();
    return [
      ...(this.#exceptions() > 0 ? [fails('k6-exception', this.#exceptions())] : []),
      ...(errors.some(ofSummary) ? [fails('k6-summary-exception')] : []),
      ...(this.#whole() && errors.some(ofK6) ? [unknown('k6-error')] : []),
    ];
  }

  #errors(): readonly Log[] {
    return this.#log.filter(({ level, source }) => level === 'error' && source !== 'console');
  }

  #exceptions(): number {
    return this.#errors().filter((line) => thrown(line) && !ofSummary(line) && !pastTheEnd(line)).length;
  }

  /** No request to the target, no WebSocket, no metric of the script's that a threshold judges. */
  #measuredNothing(): boolean {
    const own = Object.keys(this.#options.thresholds ?? {}).filter((key) => /^(own|checks)/.test(key));
    const judged = own.some((key) => this.#selected(key).length > 0);
    return this.#answers.length === 0 && this.#of('ws_connecting').length === 0 && !judged;
  }

  // ---- standing still

  #standstills(): readonly Span[] {
    const words = this.#points.map(({ at }) => at).toSorted((a, b) => a - b);
    const silent = words.flatMap((from, index) => {
      const to = words[index + 1] ?? this.#load.ours?.at ?? from;
      return to - from > 2_000 ? [{ from, to }] : [];
    });
    const held = this.#load.held
      .filter(({ from }) => words.some((at) => at <= from))
      .map(({ from, to }) => ({
        from: words.findLast((at) => at <= from) ?? from,
        to: words.find((at) => at >= to) ?? to,
      }));
    return [...silent, ...held];
  }

  /** Asked before k6 went on, and answered after. Times are cut to a millisecond. */
  #waited({ began, at }: Answer): boolean {
    return this.#stood.some(({ to }) => began < to - 1 && at >= to);
  }

  // ---- the system

  #judged(): readonly Broken[] {
    return [
      ...this.#thresholdsOfTheScript(),
      ...this.#checks(),
      ...this.#sockets(),
      ...this.#hanging(),
      ...this.#byEndpoint(),
      ...this.#others(),
    ];
  }

  #thresholdsOfTheScript(): readonly Broken[] {
    const without = Object.entries(this.#options.thresholds ?? {}).some(
      ([key, list]) => !list.every((one) => one === 'count<10') && this.#selected(key).length === 0,
    );
    const judged = Object.keys(this.#options.thresholds ?? {});
    const timely = judged.every((key) => /^(http_req_duration|iterations$)/.test(key));
    const counted = judged.every((key) => key === 'iterations');
    const timed = timely ? this.#unlessStood('threshold') : fails('threshold');
    const crossed = counted ? this.#ofIterations('threshold') : timed;
    return [
      ...(without ? [this.#unlessLimited('threshold-without-samples')] : []),
      ...(this.#load.end.code === 99 ? [crossed] : []),
    ];
  }

  /** The points of `metric{tag:value}`. */
  #selected(key: string): readonly Point[] {
    const [, metric = '', tag, value] = /^(\w+)(?:\{(\w+):(.+)\})?$/.exec(key) ?? [];
    return this.#of(metric).filter(({ tags }) => tag === undefined || tags[tag] === value);
  }

  #checks(): readonly Broken[] {
    const keys = Object.keys(this.#options.thresholds ?? {}).filter((key) => key.startsWith('checks'));
    const covered = new Set(keys.flatMap((key) => this.#selected(key)));
    const open = this.#of('checks').filter((point) => !covered.has(point));
    return tooMany(
      grouped(open, ({ tags }) => tags['check'] ?? ''),
      this.#share,
      ({ value }) => value === 0,
    ).map((figures) => fails('check-failed', figures));
  }

  #sockets(): readonly Broken[] {
    const byName = grouped(this.#of('ws_connecting'), socketName);
    return tooMany(byName, this.#share, ({ tags }) => tags['status'] !== '101').map((figures) =>
      fails('websocket-refused', figures),
    );
  }

  #scenarioNames(): readonly string[] {
    return Object.keys(this.#options.scenarios);
  }

  /** Iterations of a scenario that were open when k6 ended. */
  #open(name: string): readonly Point[] {
    const of = (metric: string) => this.#of(metric).filter(({ tags }) => tags['scenario'] === name);
    const ends = of('iteration_duration');
    return of('siaga_begun').filter(
      (begun) =>
        !ends.some(({ vu, at, value }) => vu === begun.vu && at - value <= begun.at && begun.at <= at),
    );
  }

  #hanging(): readonly Broken[] {
    if (this.#load.ours !== undefined) return [];
    return Object.entries(this.#options.scenarios).flatMap(([name, { executor }]): readonly Broken[] => {
      const of = (metric: string) => this.#of(metric).filter(({ tags }) => tags['scenario'] === name);
      const longest = Math.max(0, ...of('iteration_duration').map(({ value }) => value));
      const hangs = this.#open(name).filter(({ at }) => this.#usersEnd() - at > Math.max(timeoutMs, longest));
      const begun = of('siaga_begun');
      const users = new Set(begun.map(({ vu }) => vu)).size;
      const finished = new Set(of('iteration_duration').map(({ vu }) => vu));
      const open = executor.endsWith('arrival-rate');
      const never = !open && hangs.some(({ vu }) => !finished.has(vu));
      const all = open ? begun.length : users;
      if (!never && !over(hangs.length, all, this.#share)) return [];
      return [this.#unlessStood('unfinished-iterations', `${hangs.length}/${all}`)];
    });
  }

  /** Users were at work for a second, at most, after k6 last said so. */
  #usersEnd(): number {
    const last = this.#of('vus').findLast(({ value }) => value > 0)?.at;
    return last === undefined ? this.#load.end.at : Math.min(this.#load.end.at, last + 1_000);
  }

  #byEndpoint(): readonly Broken[] {
    if (this.#answers.length === 0 && this.#of('ws_connecting').length === 0) return [];
    const byName = grouped(this.#answers, ({ endpoint }) => endpoint);
    const sockets = this.#of('ws_connecting').map(socketName);
    const named = Object.values(this.#options.scenarios)
      .flatMap(({ tags }) => tags?.endpoint ?? [])
      .filter((name) => byName.has(name) || !sockets.includes(name));
    const others = [...byName].filter(([name]) => !named.includes(name)).map(([, list]) => list);
    const broken = [
      ...named.flatMap((name) => this.#needed(byName.get(name) ?? [])),
      ...this.#unnamed(others),
    ];
    const rest = signals.filter((signal) => !broken.some(({ of }) => of === signal));
    if (named.length > 0 || broken.length > 0 || this.#answers.length === 0)
      return [...broken, ...rest.flatMap((signal) => this.#trigger(signal, this.#answers))];
    return this.#needed(this.#answers);
  }

  /** What must be asked, and often enough for each signal. */
  #needed(list: readonly Answer[]): readonly Broken[] {
    if (list.length === 0) return [this.#unlessLimited('endpoint-without-samples')];
    if (list.every(({ throttled }) => throttled)) return [unknown('endpoint-without-samples')];
    const broken = signals.flatMap((signal) => this.#trigger(signal, list));
    const few = signals.find((signal) => signal.samples(list).length < enough);
    if (broken.length > 0 || few === undefined) return broken;
    return [unknown('too-few-samples', few.samples(list).length)];
  }

  /** Each that has enough by itself, those that have not together. */
  #unnamed(lists: readonly (readonly Answer[])[]): readonly Broken[] {
    const pools = signals.map((signal) => {
      const small = lists.filter((list) => signal.samples(list).length < enough);
      const large = lists.filter((list) => !small.includes(list));
      return { signal, pool: small.flat(), large };
    });
    const broken = pools.flatMap(({ signal, pool, large }) =>
      [...large, pool].flatMap((list) => this.#trigger(signal, list)),
    );
    if (broken.length > 0) return broken;
    const failing = pools.find(
      ({ signal, pool }) =>
        signal.ratio && signal.samples(pool).length < enough && signal.out(signal.samples(pool)),
    );
    if (failing === undefined) return [];
    return [unknown('too-few-samples', failing.signal.figures(failing.signal.samples(failing.pool)))];
  }

  #trigger(signal: Signal, list: readonly Answer[]): readonly Broken[] {
    const samples = signal.samples(list);
    if (samples.length < enough || !signal.out(samples)) return [];
    const figures = signal.figures(samples);
    return [
      {
        ...(signal.ratio ? fails('threshold', figures) : this.#unlessStood('threshold', figures)),
        of: signal,
      },
    ];
  }

  #throttled(): readonly Broken[] {
    const n = this.#answers.filter(({ throttled }) => throttled).length;
    return n > 0.01 * this.#answers.length ? [unknown('throttled')] : [];
  }

  #others(): readonly Broken[] {
    const heard = this.#answers.filter(({ throttled }) => !throttled);
    const leading = [...grouped(heard, ({ endpoint }) => endpoint).values()].flatMap((list) =>
      [...grouped(list, ({ leadsTo }) => leadsTo ?? '')]
        .filter(([to, away]) => to !== '' && over(away.length, list.length, this.#share))
        .map(([, away]) => unknown('redirected-elsewhere', `${away.length}/${list.length}`)),
    );
    const elsewhere = grouped(
      this.#elsewhere.filter(({ throttled }) => !throttled),
      ({ endpoint }) => endpoint,
    );
    const failing = tooMany(elsewhere, this.#share, ({ error }) => error);
    return [...leading, ...failing.map((figures) => unknown('other-origin-failed', figures))];
  }

  // ---- figures

  #endpoints(): Verdict['endpoints'] {
    const rows = [...grouped(this.#answers, ({ endpoint }) => endpoint)].map(([name, list]) => [
      name,
      countsOf(list),
    ]);
    const sockets = [...grouped(this.#of('ws_connecting'), socketName)].map(([name, list]) => [
      name,
      {
        n: list.length,
        errors: list.filter(({ tags }) => tags['status'] !== '101').length,
        throttled: 0,
        p95: percentile(
          list.map(({ value }) => value),
          95,
        ),
      },
    ]);
    return Object.fromEntries([...rows, ...sockets].toSorted());
  }

  #samples(): Verdict['samples'] {
    const batches = grouped(this.#answers, (answer) => `${answer.endpoint} ${bucketOf(answer)}`);
    const rows = [...batches].flatMap(([key, list]) => {
      const { n, errors, throttled } = countsOf(list);
      const values = list
        .flatMap((answer) => (answer.throttled ? [] : (answer.latency ?? [])))
        .toSorted((a, b) => a - b);
      const serverErrors = list.filter(({ serverError }) => serverError).length;
      return [
        ...(values.length > 0 ? [[`wait ${key}`, values.join(' ')]] : []),
        [`refused ${key}`, `${n} ${errors} ${throttled}`],
        [`broken ${key}`, `${n} ${serverErrors} ${throttled}`],
      ];
    });
    return Object.fromEntries(rows.toSorted());
  }
}

// ---- the runbook's signals that a load feeds

interface Signal {
  readonly ratio: boolean;
  /** One number an answer: its time, or whether it failed. */
  readonly samples: (list: readonly Answer[]) => readonly number[];
  readonly out: (samples: readonly number[]) => boolean;
  readonly figures: (samples: readonly number[]) => string | number;
}

const enough = 20;
const sum = (list: readonly number[]): number => list.reduce((total, each) => total + each, 0);
const ratio = (limit: number, failed: (answer: Answer) => boolean): Signal => ({
  ratio: true,
  samples: (list) => list.filter(({ throttled }) => !throttled).map((answer) => (failed(answer) ? 1 : 0)),
  out: (samples) => over(sum(samples), samples.length, limit),
  figures: (samples) => `${sum(samples)}/${samples.length}`,
});
const signals: readonly Signal[] = [
  {
    ratio: false,
    samples: (list) => list.flatMap(({ throttled, latency }) => (throttled ? [] : (latency ?? []))),
    out: (samples) => percentile(samples, 95) > 100,
    figures: (samples) => asTold(percentile(samples, 95)),
  },
  ratio(0.02, ({ error }) => error),
  ratio(0.01, ({ serverError }) => serverError),
];

const bucketOf = ({ at }: Answer): number => Math.floor(at / loadRunbook.bucketMs);

// ---- words

type Told = string | number | undefined;
const withFigures = (figures: Told) => (figures === undefined ? {} : { figures });
const fails = (rule: string, figures?: Told): Broken => ({ rule, weight: 'failed', ...withFigures(figures) });
const unknown = (rule: string, figures?: Told): Broken => ({
  rule,
  weight: 'inconclusive',
  ...withFigures(figures),
});
const nothing = (rule: string): Broken => ({ rule, weight: 'says nothing whatever else was found' });

function outcomeOf(broken: readonly Broken[]): string {
  const weights = broken.map(({ weight }) => weight);
  if (weights.includes('says nothing whatever else was found')) return 'inconclusive';
  if (weights.includes('failed')) return 'failed';
  return weights.includes('inconclusive') ? 'inconclusive' : 'passed';
}

// As k6 documents its exit codes.
const scriptExits: Readonly<Record<number, string>> = {
  100: 'k6-setup-timeout',
  101: 'k6-teardown-timeout',
  102: 'k6-timeout',
  107: 'k6-script-exception',
  108: 'k6-aborted',
  110: 'k6-marked-failed',
};
const otherExits: Readonly<Record<number, string>> = {
  97: 'k6-cloud-failed',
  103: 'k6-stopped',
  104: 'k6-invalid-config',
  105: 'k6-signalled',
  106: 'k6-rest-port-taken',
  109: 'k6-panic',
};

const thrown = ({ source }: Log): boolean => source === 'stacktrace';
const ofSummary = ({ msg = '' }: Log): boolean => msg.includes('at handleSummary (');
const pastTheEnd = ({ msg = '' }: Log): boolean => msg.includes('would exceed context deadline');
const crossing = ({ msg = '' }: Log): boolean => msg.startsWith('thresholds on metrics');

const ofK6 = (line: Log): boolean => !ofSummary(line) && !thrown(line) && !crossing(line);

// ---- points

function pointOf(line: string): readonly Point[] {
  const { metric, type, data, metadata } = JSON.parse(line) as {
    metric: string;
    type: string;
    data: { time: string; value: number; tags: Record<string, string>; metadata?: { vu?: string } };
    metadata?: unknown;
  };
  if (type !== 'Point' || metadata !== undefined) return [];
  const at = Date.parse(data.time) - epoch;
  return [{ metric, at, value: data.value, tags: data.tags, vu: data.metadata?.vu ?? '' }];
}

const leadsOn: readonly (string | undefined)[] = ['301', '302', '303', '307', '308'];
const timeouts: readonly (string | undefined)[] = ['1050', '1211'];

/** A redirected request is told as one answer by the front; its single answers are none. */
function answerOf({ metric, at, value, tags }: Point): readonly Answer[] {
  const single =
    metric === 'http_req_duration' && tags['siaga_hop'] === undefined && !leadsOn.includes(tags['status']);
  if (!single && metric !== 'siaga_redirected') return [];
  const status = Number(tags['status']);
  const endless = tags['siaga_endless'] !== undefined;
  const throttled = status === 429;
  const timedOut = timeouts.includes(tags['error_code']);
  const unanswered = status === 0 && value === 0;
  const latency = timedOut ? Math.max(value, timeoutMs) : unanswered || throttled ? undefined : value;
  const origin = tags['siaga_origin'];
  return [
    {
      endpoint: `${origin === undefined ? '' : `${origin} `}${nameOf(tags, 'GET')}`,
      at,
      began: at - value,
      error: !throttled && (status === 0 || status >= 400 || endless),
      serverError: status >= 500,
      throttled,
      latency,
      elsewhere: origin !== undefined,
      leadsTo: tags['siaga_to'],
    },
  ];
}

const nameOf = (tags: Point['tags'], method: string): string =>
  tags['endpoint'] ?? `${tags['method'] ?? method} ${new URL(tags['name'] ?? tags['url'] ?? '').pathname}`;
const socketName = ({ tags }: Point): string => nameOf(tags, 'WS');

function countsOf(list: readonly Answer[]): EndpointCounts {
  const counted = list.filter(({ throttled }) => !throttled);
  return {
    n: counted.length,
    errors: counted.filter(({ error }) => error).length,
    throttled: list.length - counted.length,
    p95: percentile(
      counted.flatMap(({ latency }) => latency ?? []),
      95,
    ),
  };
}

/** Nearest rank; 0 of nothing. */
const percentile = (values: readonly number[], p: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil((p / 100) * values.length) - 1] ?? 0;

function grouped<T>(list: readonly T[], by: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  return Map.groupBy(list, by);
}

const ms = (text: string): number => Number(text.slice(0, -1)) * 1_000;

function lengthOf({ duration = '0s', stages }: ScenarioOptions): number {
  return sum((stages ?? [{ duration }]).map((stage) => ms(stage.duration)));
}

/** How many iterations a scenario offers within a time since its start, ms. */
function dueOf({ rate = 0, duration = '0s', stages }: ScenarioOptions, within: number): number {
  const parts = stages ?? [{ duration, target: rate }];
  let [due, at, from] = [0, 0, stages === undefined ? rate : 0];
  for (const { duration: long, target: to } of parts) {
    const spent = Math.max(0, Math.min(ms(long), within - at));
    const reached = from + ((to - from) * spent) / ms(long);
    due += (((from + reached) / 2) * spent) / 1_000;
    [at, from] = [at + ms(long), to];
  }
  return due;
}
