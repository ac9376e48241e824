import fc from 'fast-check';
import { target, timeoutMs } from './runbook.ts';

/** One run of k6, as Siaga meets it. Times are milliseconds since k6 was started. */
export interface Load {
  /** As `k6 inspect --execution-requirements` prints them. */
  readonly options: object;
  readonly observed: boolean;
  /** What k6 writes, in its order, and when it arrives. */
  readonly words: readonly Word[];
  /** When the operating system says that the process is held. */
  readonly held: readonly Span[];
  /** When others use the processor that k6 needs; in whole looks of the watch, 250 ms each. */
  readonly starved: readonly Span[];
  /** Share of all cores that it uses. */
  readonly cpuShare: number;
  /** Siaga ends it. */
  readonly ours?: { readonly how: 'stopped' | 'interrupted'; readonly at: number };
  readonly end: { readonly at: number; readonly code: number | null; readonly signal: string | null };
  /** What it was made from, for a person. */
  readonly plot: Plot;
}

export interface Word {
  readonly at: number;
  readonly to: 'points' | 'log';
  readonly line: string;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

type Wrong =
  | '304'
  | '399'
  | '400'
  | '404'
  | '429'
  | '500'
  | '503'
  | 'timeout'
  | 'refused'
  | 'reset'
  | 'redirected'
  | 'redirected to 500'
  | 'redirected elsewhere'
  | 'endless redirects'
  | 'redirects: 0';

/** One request, or WebSocket, that each iteration asks for. */
interface Ask {
  readonly what: 'http' | 'socket' | 'other origin' | 'one address each';
  readonly path: string;
  /** A tag of the request itself. */
  readonly tag: string | undefined;
  readonly ms: number;
  /** So many of them take so long. */
  readonly slow: number;
  readonly slowMs: number;
  /** So many of them are answered so, of a WebSocket: do not open. */
  readonly wrong: number;
  readonly how: Wrong;
  /** Asked in every so manieth iteration. */
  readonly every: number;
}

interface Scenario {
  readonly executor:
    | 'constant-arrival-rate'
    | 'ramping-arrival-rate'
    | 'constant-vus'
    | 'ramping-vus'
    | 'per-vu-iterations';
  /** Iterations a second; of ramps, the highest. */
  readonly rate: number;
  readonly users: number;
  readonly seconds: number;
  /** Begins so many seconds after the first. */
  readonly starts: number;
  readonly graceful: number;
  readonly tagged: boolean;
  readonly asks: readonly Ask[];
  /** What an iteration does beside asking, ms. */
  readonly thinks: number;
  /** So many iterations (of users: users) never come back… */
  readonly hang: number;
  /** …of those that begin after so many are done, of each user. */
  readonly hangAfter: number;
  readonly dropped: number;
  /** So many of its requests wait so long for their turn under the limit of requests a second, ms. */
  readonly waiting: number;
  readonly waits: number;
  /** Iterations that never begin, without a word. */
  readonly missing: number;
  readonly check: 'none' | 'one' | 'two';
  readonly checkFails: number;
}

interface Plot {
  readonly scenarios: readonly Scenario[];
  readonly observed: boolean;
  readonly hold: { readonly at: number; readonly ms: number; readonly seen: boolean } | undefined;
  readonly cpuShare: number;
  readonly starved: 'never' | 'when iterations are dropped' | 'at another time';
  readonly exceptions: number;
  /** Requests whose turn under `rps` would have come after the end. */
  readonly pastTheEnd: number;
  readonly summaryFails: boolean;
  readonly problem: boolean;
  readonly threshold:
    | 'none'
    | 'met'
    | 'crossed'
    | 'crossed without a word'
    | 'crossed by its own metric'
    | 'crossed by iterations'
    | 'of its own metric'
    | 'without samples'
    | 'content with nothing'
    | 'of iterations'
    | 'of all checks'
    | 'of one check';
  readonly ending: 'itself' | 'stopped' | 'interrupted' | 'killed' | 'killed by us' | 'exit' | 'at once';
  readonly endsAt: number;
  readonly exit: number;
}

const mostly = <T>(usual: T, ...rare: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 20, arbitrary: fc.constant(usual) }, { weight: 5, arbitrary: fc.constantFrom(...rare) });

const anyAsk: fc.Arbitrary<Ask> = fc.record<Ask>({
  what: mostly<Ask['what']>('http', 'http', 'socket', 'other origin', 'one address each'),
  path: fc.constantFrom('/a', '/b', '/c'),
  tag: mostly<string | undefined>(undefined, 'own', 'GET /b'),
  ms: mostly(20, 100, 101, 60),
  slow: mostly(0, 1, 2, 3, 4, 5, 6, 7, 500),
  slowMs: fc.constantFrom(101, 150, 1_000),
  wrong: mostly(0, 1, 2, 3, 4, 500),
  how: fc.constantFrom<Wrong>(
    '304',
    '399',
    '400',
    '404',
    '429',
    '500',
    '503',
    'timeout',
    'refused',
    'reset',
    'redirected',
    'redirected to 500',
    'redirected elsewhere',
    'endless redirects',
    'redirects: 0',
  ),
  every: mostly(1, 2, 5, 10),
});

const anyScenario: fc.Arbitrary<Scenario> = fc.record<Scenario>({
  executor: fc.constantFrom<Scenario['executor']>(
    'constant-arrival-rate',
    'ramping-arrival-rate',
    'constant-vus',
    'ramping-vus',
    'per-vu-iterations',
  ),
  rate: fc.constantFrom(20, 25, 10, 2),
  users: fc.constantFrom(5, 2, 1, 10),
  seconds: fc.constantFrom(5, 4, 8),
  starts: mostly(0, 2, 6),
  graceful: fc.constantFrom(3, 0),
  tagged: fc.boolean(),
  asks: fc.array(anyAsk, { minLength: 1, maxLength: 2 }),
  thinks: mostly(50, 0, 2_500),
  hang: mostly(0, 1, 2, 3, 100),
  hangAfter: fc.constantFrom(0, 3),
  dropped: mostly(0, 1, 5),
  waiting: fc.constantFrom(3, 500),
  waits: fc.constantFrom(0, 0, 30, 300),
  missing: mostly(0, 1, 2, 20),
  check: mostly<Scenario['check']>('none', 'one', 'two'),
  checkFails: fc.constantFrom(0, 1, 2, 3, 500),
});

const anyPlot: fc.Arbitrary<Plot> = fc.record<Plot>({
  scenarios: fc.array(anyScenario, { minLength: 1, maxLength: 2 }),
  observed: mostly(false, true),
  hold: fc.oneof(
    { weight: 9, arbitrary: fc.constant(undefined) },
    {
      weight: 2,
      arbitrary: fc.record({
        at: fc.constantFrom(1_500, 2_750, 3_400),
        ms: fc.constantFrom(700, 1_500, 2_600, 3_000, 10_000),
        seen: fc.boolean(),
      }),
    },
  ),
  cpuShare: mostly(0.1, 0.79, 0.81, 0.95),
  starved: mostly<Plot['starved']>('never', 'when iterations are dropped', 'at another time'),
  exceptions: mostly(0, 0, 1, 7),
  pastTheEnd: mostly(0, 3),
  summaryFails: mostly(false, false, false, true),
  problem: mostly(false, false, false, true),
  threshold: mostly<Plot['threshold']>(
    'none',
    'met',
    'crossed',
    'crossed without a word',
    'crossed by its own metric',
    'crossed by iterations',
    'of its own metric',
    'without samples',
    'content with nothing',
    'of iterations',
    'of all checks',
    'of one check',
  ),
  ending: mostly<Plot['ending']>(
    'itself',
    'stopped',
    'stopped',
    'interrupted',
    'killed',
    'killed by us',
    'exit',
    'at once',
  ),
  endsAt: fc.constantFrom(3_300, 4_300),
  exit: fc.constantFrom(100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 97, 42, 1),
});

/** Loads that k6 could run, and what it would say of them. */
export const load: fc.Arbitrary<Load> = anyPlot.map(unfold);

// ---- k6, as its output tells of it

interface Point {
  readonly metric: string;
  /** Ms since the start. */
  readonly time: number;
  readonly value: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly vu?: number;
}

/** UTC, when k6 was started. */
export const epoch = 29_000_000 * 60_000;

function unfold(plot: Plot): Load {
  const told = plot.scenarios.map((each, index) => play(each, index, plot.hold));
  const natural = Math.max(...told.map(({ end }) => end));
  const cut = plot.ending === 'itself' || plot.ending === 'exit' ? natural : Math.min(natural, plot.endsAt);
  const busy = told.flatMap((each) => each.busy);
  const ticks = Array.from({ length: Math.floor(cut / 1_000) }, (_, index) => (index + 1) * 1_000)
    .filter((at) => !(plot.hold && at > plot.hold.at && at < plot.hold.at + plot.hold.ms))
    .map((at) => tick(at, busy.filter(({ from, to }) => from <= at && at < to).length));
  const points = [...told.flatMap((each) => each.points), ...ticks].filter((point) => point.time <= cut);
  const heard = points.toSorted((a, b) => a.time - b.time);
  const end = awake(cut, plot.hold);
  if (plot.ending === 'at once') return { ...emptyLoad(plot), end: { at: 400, code: 0, signal: null } };
  return {
    options: optionsOf(plot),
    observed: plot.observed,
    words: [...heard.map((point) => said(point, plot, end)), ...logOf(plot, end)].toSorted(
      (a, b) => a.at - b.at,
    ),
    held:
      plot.hold?.seen === true && plot.hold.at < cut
        ? [{ from: plot.hold.at, to: plot.hold.at + plot.hold.ms }]
        : [],
    starved: starving[plot.starved],
    cpuShare: plot.cpuShare,
    ...oursOf(plot, end),
    end: endOf(plot, end),
    plot,
  };
}

// Of a rate of 10 and more the tenth iteration, the first to be dropped, is due in the first second.
const starving: Readonly<Record<Plot['starved'], readonly Span[]>> = {
  never: [],
  'when iterations are dropped': [{ from: 250, to: 1_750 }],
  'at another time': [{ from: 3_500, to: 4_000 }],
};

/** Something else than k6 was started: it says nothing. */
const emptyLoad = (plot: Plot) => ({
  options: optionsOf(plot),
  observed: plot.observed,
  words: [],
  held: [],
  starved: [],
  cpuShare: plot.cpuShare,
  plot,
});

/** What k6 would do while it is held, it does afterwards. */
const awake = (at: number, hold: Plot['hold']): number =>
  hold !== undefined && at > hold.at && at < hold.at + hold.ms ? hold.at + hold.ms : at;

const tick = (time: number, value: number): Point => ({ metric: 'vus', time, value, tags: {} });

/** Points are written every so often; one that is held writes nothing. */
const flushMs = 100;

function said({ metric, time, value, tags, vu }: Point, { hold }: Plot, end: number): Word {
  const moment = `${new Date(epoch + time).toISOString().slice(0, -1)}123456Z`;
  const metadata = vu === undefined ? {} : { metadata: { vu: String(vu) } };
  const data = { time: moment, value, tags, ...metadata };
  const at = awake(Math.ceil((time + 1) / flushMs) * flushMs, hold);
  return { at: Math.min(end, at), to: 'points', line: JSON.stringify({ metric, type: 'Point', data }) };
}

function logOf(
  { exceptions, pastTheEnd, summaryFails, problem, threshold, ending }: Plot,
  end: number,
): readonly Word[] {
  const stack = 'ReferenceError: nobody is not defined\n\tat default (file:///a.js:16:99(17))\n';
  const log = (at: number, level: string, msg: string, more = {}) =>
    ({ at: Math.min(at, end), to: 'log', line: JSON.stringify({ level, msg, ...more }) }) as const;
  const crossed = "thresholds on metrics 'http_req_duration' have been crossed";
  return [
    ...Array.from({ length: exceptions }, (_, index) =>
      log(1_000 + index * 100, 'error', stack, { source: 'stacktrace', scenario: 's0' }),
    ),
    log(1_100, 'warning', 'Request Failed', { error: 'Get "http://target.test/a": request timeout' }),
    log(1_200, 'error', 'a line of the script', { source: 'console' }),
    ...Array.from({ length: pastTheEnd }, () =>
      log(end, 'error', `GoError: rate: Wait(n=1) would exceed context deadline${stack.slice(37)}`, {
        source: 'stacktrace',
      }),
    ),
    ...(problem ? [log(2_000, 'error', 'no space left on device')] : []),
    ...(summaryFails ? [log(end, 'error', 'Error: no\n\tat handleSummary (file:///a.js:4:41(3))\n')] : []),
    ...(threshold === 'crossed' && ending === 'itself' ? [log(end, 'error', crossed)] : []),
  ];
}

function oursOf({ ending }: Plot, at: number): Pick<Load, 'ours'> {
  if (ending === 'stopped' || ending === 'killed by us') return { ours: { how: 'stopped', at } };
  return ending === 'interrupted' ? { ours: { how: 'interrupted', at } } : {};
}

function endOf({ ending, threshold, exit }: Plot, at: number): Load['end'] {
  if (ending === 'exit') return { at, code: exit, signal: null };
  if (ending === 'killed') return { at, code: null, signal: 'SIGKILL' };
  if (ending === 'killed by us') return { at: at + 3_000, code: null, signal: 'SIGKILL' };
  if (ending !== 'itself') return { at: at + 100, code: 103, signal: null };
  return { at, code: threshold.startsWith('crossed') ? 99 : 0, signal: null };
}

// ---- options

function optionsOf({ scenarios, threshold }: Plot): object {
  const rows = scenarios.map((each, index) => [nameOf(index), scenarioOptions(each, index)]);
  const judged = thresholds[threshold];
  return {
    scenarios: Object.fromEntries(rows),
    thresholds: judged && { [judged[0]]: [judged[1]] },
    totalDuration: `${Math.max(...scenarios.map(({ starts, seconds: long, graceful }) => starts + long + graceful))}s`,
  };
}

const thresholds: Readonly<Record<Plot['threshold'], readonly [string, string] | undefined>> = {
  none: undefined,
  met: ['iteration_duration', 'p(95)<100000'],
  crossed: ['http_req_duration', 'p(95)<1'],
  'crossed without a word': ['http_req_duration', 'p(95)<1'],
  'crossed by its own metric': ['own_metric', 'avg<0'],
  'crossed by iterations': ['iterations', 'count>9999'],
  'of its own metric': ['own_metric', 'avg<9'],
  'without samples': ['http_req_duration{endpoint:nobody}', 'p(95)<1'],
  'content with nothing': ['http_reqs{endpoint:nobody}', 'count<10'],
  'of iterations': ['iterations', 'count>0'],
  'of all checks': ['checks', 'rate>=0'],
  'of one check': ['checks{check:one}', 'rate>=0'],
};

const nameOf = (index: number): string => `s${index}`;
const endpointOf = (index: number): string => `GET /named${index}`;
const seconds = (n: number): string => `${n}s`;

function scenarioOptions(each: Scenario, index: number): object {
  const tags = each.tagged ? { endpoint: endpointOf(index) } : null;
  const startTime = each.starts === 0 ? null : seconds(each.starts);
  const common = {
    executor: each.executor,
    startTime,
    gracefulStop: seconds(each.graceful),
    tags,
    exec: null,
  };
  const duration = seconds(each.seconds);
  switch (each.executor) {
    case 'constant-arrival-rate':
      return { ...common, rate: each.rate, timeUnit: '1s', duration, preAllocatedVUs: 200 };
    case 'ramping-arrival-rate':
      return {
        ...common,
        startRate: 0,
        timeUnit: '1s',
        stages: [
          { duration: '2s', target: each.rate },
          { duration: seconds(each.seconds - 2), target: each.rate },
        ],
        preAllocatedVUs: 200,
      };
    case 'constant-vus':
      return { ...common, vus: each.users, duration };
    case 'ramping-vus':
      return { ...common, startVUs: 1, stages: [{ duration, target: each.users }] };
    case 'per-vu-iterations':
      return { ...common, vus: each.users, iterations: 10, maxDuration: duration };
  }
}

// ---- a scenario that is run

interface Played {
  readonly points: readonly Point[];
  /** When users are at an iteration. */
  readonly busy: readonly Span[];
  readonly end: number;
}

interface Turn {
  readonly at: number;
  readonly vu: number;
  readonly hangs: boolean;
}

const isOpen = ({ executor }: Scenario): boolean => executor.endsWith('arrival-rate');

function play(each: Scenario, index: number, hold: Plot['hold']): Played {
  const stage = new Stage(each, index, hold);
  return isOpen(each) ? stage.arrivals() : stage.users();
}

class Stage {
  readonly #each: Scenario;
  readonly #index: number;
  readonly #points: Point[] = [];
  readonly #busy: Span[] = [];
  readonly #asked = new Map<Ask, number>();
  readonly #from: number;
  /** When no more iterations begin. */
  readonly #planned: number;
  readonly #hold: Plot['hold'];
  #turns = 0;
  #waited = 0;
  #checked = 0;

  constructor(each: Scenario, index: number, hold: Plot['hold']) {
    this.#hold = hold;
    this.#each = each;
    this.#index = index;
    this.#from = each.starts * 1_000;
    this.#planned = this.#from + each.seconds * 1_000;
  }

  arrivals(): Played {
    const { dropped, missing, hang, hangAfter } = this.#each;
    const free: number[] = [];
    dueTimes(this.#each).forEach((due, n) => {
      const at = awake(this.#from + due, this.#hold);
      if (n >= 10 && n < 10 + dropped) return this.#say('dropped_iterations', at, 1);
      if (n >= 20 && n < 20 + missing) return;
      const found = free.findIndex((until) => until <= at);
      const vu = found < 0 ? free.length : found;
      const hangs = n >= hangAfter && n < hangAfter + hang;
      free[vu] = this.#turn({ at, vu: this.#number(vu), hangs });
    });
    return this.#played();
  }

  users(): Played {
    const each = this.#each;
    const { users, executor, hang, hangAfter } = each;
    for (let user = 0; user < users; user++) {
      let at =
        this.#from + (executor === 'ramping-vus' ? Math.round((user * each.seconds * 1_000) / users) : 0);
      const most = executor === 'per-vu-iterations' ? 10 : Infinity;
      for (let done = 0; at < this.#planned && done < most; done++) {
        const hangs = user < hang && done >= hangAfter;
        at = this.#turn({ at: awake(at, this.#hold), vu: this.#number(user), hangs });
      }
    }
    return this.#played();
  }

  /** What takes so long ends then; what would end while k6 is held is seen afterwards. */
  #after(at: number, ms: number): number {
    return awake(at + ms, this.#hold) + (awake(at + ms, this.#hold) === at + ms ? 0 : 1);
  }

  #number(vu: number): number {
    return 1_000 * this.#index + vu + 1;
  }

  #played(): Played {
    const last = Math.max(0, ...this.#busy.map(({ to }) => to));
    const grace = this.#planned + this.#each.graceful * 1_000;
    const atOnce = this.#each.executor === 'per-vu-iterations' ? last : Math.max(last, this.#planned);
    const end = Math.min(grace, atOnce);
    return { points: this.#points.filter(({ time }) => time <= end), busy: this.#busy, end };
  }

  /** @returns when the user is free again */
  #turn({ at, vu, hangs }: Turn): number {
    const turn = this.#turns++;
    this.#say('siaga_begun', at, 1, {}, vu);
    let now = at;
    for (const ask of this.#each.asks) {
      if (turn % ask.every !== 0) continue;
      if (hangs) break;
      now = this.#ask(ask, now, vu);
    }
    if (hangs) {
      this.#busy.push({ from: at, to: Infinity });
      return Infinity;
    }
    now = this.#after(now, this.#each.thinks + 2);
    this.#check(now, vu);
    this.#say('iteration_duration', now, now - at, {}, vu);
    this.#say('iterations', now, 1, {}, vu);
    this.#say('own_metric', now, 1, {}, vu);
    this.#busy.push({ from: at, to: now });
    return now + 1;
  }

  #check(at: number, vu: number): void {
    const { check, checkFails } = this.#each;
    if (check === 'none') return;
    this.#say('checks', at, this.#checked++ < checkFails ? 0 : 1, { check }, vu);
    if (check === 'two') this.#say('checks', at, 1, { check: 'one' }, vu);
  }

  #ask(ask: Ask, at: number, vu: number): number {
    const n = this.#asked.get(ask) ?? 0;
    this.#asked.set(ask, n + 1);
    const ms = n < ask.slow ? ask.slowMs : ask.ms;
    const wrong = n < ask.wrong ? ask.how : undefined;
    const own = ask.tag === undefined ? {} : { endpoint: ask.tag };
    if (ask.what === 'socket') return this.#socket(ask.path, own, { at, ms, vu, opens: wrong === undefined });
    const path = ask.what === 'one address each' ? `${ask.path}/${n % 90}` : ask.path;
    const origin = ask.what === 'other origin' ? 'http://other.test' : target;
    const tags = { ...own, ...(ask.what === 'other origin' && { siaga_origin: origin }), method: 'GET' };
    const turn = this.#wait(at, vu);
    return this.#http({ at: turn, ms, vu, url: `${origin}${path}`, tags }, wrong);
  }

  /** @returns when the request's turn is; the front tells of it, by then or a little later */
  #wait(at: number, vu: number): number {
    if (this.#each.waits === 0 || this.#waited++ >= this.#each.waiting) return at;
    const turn = this.#after(at, this.#each.waits);
    this.#say('siaga_waited', turn, turn - at, {}, vu);
    return turn;
  }

  #socket(
    path: string,
    own: Readonly<Record<string, string>>,
    { at, ms, vu, opens }: { at: number; ms: number; vu: number; opens: boolean },
  ): number {
    const status = { status: opens ? '101' : '200' };
    const url = `ws://target.test${path}`;
    const end = this.#after(at, ms);
    this.#say('ws_sessions', end, 1, { ...own, ...status, url }, vu);
    this.#say('ws_connecting', end, end - at, { ...own, ...status, url, subproto: '' }, vu);
    return end;
  }

  #http(asked: Asked, wrong: Wrong | undefined): number {
    const { at, ms, url } = asked;
    switch (wrong) {
      case undefined:
        return this.#answer(asked, { status: '200' });
      case 'timeout':
        return this.#answer({ ...asked, ms: timeoutMs }, failed('1050'));
      case 'refused':
        return this.#answer({ ...asked, ms: 0 }, failed('1212'));
      case 'reset':
        return this.#answer(asked, failed('1220'));
      case 'redirected':
        return this.#redirect(asked, [{ status: '200' }]);
      case 'redirected to 500':
        return this.#redirect(asked, [{ status: '307' }, { status: '500', error_code: '1500' }]);
      case 'endless redirects':
        return this.#redirect(
          asked,
          Array.from({ length: 10 }, () => ({ status: '302' })),
          { siaga_endless: '1' },
        );
      case 'redirected elsewhere':
        return this.#redirect(asked, [], { siaga_to: 'http://third.test' });
      case 'redirects: 0':
        return this.#redirect(asked, []);
      default:
        return this.#answer({ at, ms, url, vu: asked.vu, tags: asked.tags }, { status: wrong });
    }
  }

  #answer({ at, ms, url, vu, tags }: Asked, more: Readonly<Record<string, string>>): number {
    const expected = String(Number(more['status']) >= 200 && Number(more['status']) < 400);
    const all = { name: url, url, ...tags, ...more, expected_response: expected };
    const end = this.#after(at, ms);
    this.#say('http_reqs', end, 1, all, vu);
    this.#say('http_req_duration', end, end - at, all, vu);
    return end;
  }

  /** The first answer leads on; then come the hops, and what the front says of all of them. */
  #redirect(
    asked: Asked,
    hops: readonly Readonly<Record<string, string>>[],
    more: Readonly<Record<string, string>> = {},
  ): number {
    let now = this.#answer(asked, { status: '302' });
    for (const hop of hops) {
      const next = { ...asked, at: now, url: `${asked.url}/on`, ms: 5 };
      now = this.#answer({ ...next, tags: { ...asked.tags, siaga_hop: '1' } }, hop);
    }
    const last = hops.at(-1) ?? { status: '302' };
    const tags = { ...asked.tags, name: asked.url, error_code: '', ...last, ...more };
    this.#say('siaga_redirected', now, now - asked.at, tags, asked.vu);
    return now;
  }

  #say(
    metric: string,
    time: number,
    value: number,
    tags: Readonly<Record<string, string>> = {},
    vu?: number,
  ): void {
    const endpoint = this.#each.tagged ? { endpoint: endpointOf(this.#index) } : {};
    this.#points.push({
      metric,
      time,
      value,
      tags: { ...endpoint, group: '', scenario: nameOf(this.#index), ...tags },
      ...(vu !== undefined && { vu }),
    });
  }
}

interface Asked {
  readonly at: number;
  readonly ms: number;
  readonly vu: number;
  readonly url: string;
  readonly tags: Readonly<Record<string, string>>;
}

const failed = (code: string) => ({ status: '0', error_code: code });

/** When iterations are due that arrive at a rate. */
function dueTimes({ executor, rate, seconds: long }: Scenario): readonly number[] {
  if (executor === 'constant-arrival-rate')
    return Array.from({ length: rate * long }, (_, n) => Math.round((n * 1_000) / rate));
  // From nothing to the rate in two seconds: so many are due after t seconds as the area says.
  return Array.from({ length: rate + rate * (long - 2) }, (_, n) =>
    Math.round(n < rate ? Math.sqrt((4 * n) / rate) * 1_000 : 2_000 + ((n - rate) * 1_000) / rate),
  );
}
