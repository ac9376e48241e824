import type { LoadFinished } from '../event/catalogue.ts';
import { SiagaError } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import { Collector } from './collector.ts';
import type { EndpointTally } from './endpoint-tally.ts';
import { CpuWatch } from './cpu.ts';
import { ForeignTime } from './foreign-time.ts';
import { toGoDuration } from './go-duration.ts';
import type { Limit } from './held-back.ts';
import type { Plan } from './plan.ts';
import type { Environment, K6End, K6Run, Launch } from './ports.ts';
import { defaultMaxRate, preflight } from './preflight.ts';
import type { Stood } from './standstill.ts';
import { rounded } from './tally.ts';
import { contentWithNothing, selectorOf } from './threshold.ts';
import type { LoadContext, LoadRequest, RunningLoad } from './types.ts';
import { judgeLoad, type Ended } from './verdict.ts';

const defaultTimeoutMs = 2_000;
const flushEveryMs = 250;
/** So many buckets without a word of k6 are a load that stands still. */
const silentBuckets = 2;

/**
 * Runs a load to its end and judges it.
 * @throws {SiagaError} as `startLoad` does; the target doing badly is a verdict, never an error.
 */
export async function runLoad(request: LoadRequest, context: LoadContext): Promise<LoadFinished> {
  const load = await startLoad(request, context);
  return load.finished;
}

/**
 * Starts a load beside something else. Writes `load.started`, `samples` with source `load`, `load.exception`,
 * `load.stood`, `load.silent` and `load.finished`. An abort of the context's signal stops it.
 * @throws {SiagaError} `scenario-types`, `scenario-options`, `scenario-broken`, `load-not-allowed` (exit 2),
 * `k6-unusable`, `k6-not-started` (exit 3)
 */
export async function startLoad(request: LoadRequest, context: LoadContext): Promise<RunningLoad> {
  const env = environmentOf(request, context);
  const plan = await preflight(request, context, env);
  context.signal?.throwIfAborted();
  return new Load(request, context, plan).start(env);
}

/** What a scenario finds in `__ENV`. */
function environmentOf(request: LoadRequest, { target }: LoadContext): Environment {
  return {
    SIAGA_TARGET_URL: target.url,
    SIAGA_HEADERS: JSON.stringify(target.headers),
    ...(target.ca !== undefined && { SSL_CERT_FILE: target.ca }),
    SIAGA_TIMEOUT: toGoDuration(request.timeoutMs ?? defaultTimeoutMs),
    ...(request.rate !== undefined && { SIAGA_RATE: String(request.rate) }),
    ...(request.durationMs !== undefined && { SIAGA_DURATION: toGoDuration(request.durationMs) }),
    ...request.env,
  };
}

class Load {
  readonly #request: LoadRequest;
  readonly #context: LoadContext;
  readonly #plan: Plan;
  readonly #collector: Collector;
  readonly #endpoints: readonly string[];
  readonly #mode: 'judged' | 'observed';
  readonly #first = Promise.withResolvers<void>();
  readonly #startedAt: number;
  #flowing = false;
  /** When k6 last said anything, monotonic. */
  #heard: number;
  #silenceWritten = false;
  /** Until when each standstill was written. */
  readonly #stood = new Map<Stood, number>();
  readonly #limit: Limit;
  #ours: Ended['ours'] = 'no';

  constructor(request: LoadRequest, context: LoadContext, plan: Plan) {
    this.#request = request;
    this.#context = context;
    this.#plan = plan;
    this.#endpoints = request.endpoints ?? plan.endpoints;
    this.#mode = request.thresholds ?? 'judged';
    this.#limit = limitOf(context.target, plan);
    const foreign = new ForeignTime(context.clock);
    this.#collector = new Collector({
      ...context.judge,
      timeoutMs: request.timeoutMs ?? defaultTimeoutMs,
      ownTime: (wallMs) => foreign.own(wallMs),
      selectors: Object.entries(plan.thresholds)
        .filter(([, expressions]) => !contentWithNothing(expressions))
        .map(([key]) => selectorOf(key)),
      covered: Object.keys(plan.thresholds)
        .map(selectorOf)
        .filter(({ metric }) => metric === 'checks'),
    });
    this.#startedAt = context.clock.monotonic();
    this.#heard = this.#startedAt;
    // Nobody may be waiting for the first request.
    this.#first.promise.catch(() => {});
  }

  async start(env: Environment): Promise<RunningLoad> {
    this.#announce();
    const run = await this.#context.k6.start(this.#launch(env));
    const cpu = new CpuWatch(run, this.#context.clock);
    const interrupt = () => void this.#stop(run, 'interrupted');
    this.#context.signal?.addEventListener('abort', interrupt, { once: true });
    if (this.#context.signal?.aborted) interrupt();
    const flushing = this.#flush(run, cpu);
    const finished = run.ended.then(async (end) => {
      this.#context.signal?.removeEventListener('abort', interrupt);
      await flushing;
      return this.#finish(end, cpu);
    });
    finished.catch(() => {});
    return { ready: this.#first.promise, finished, stop: () => this.#stop(run, 'stopped') };
  }

  #announce(): void {
    const { name, script, label, rate, durationMs } = this.#request;
    const { unread = [] } = this.#plan;
    this.#context.journal.append({
      type: 'load.started',
      data: {
        load: name,
        script: label ?? fileName(script),
        tool: `k6 ${this.#context.k6.version}`,
        rate: this.#plan.rate || (unread.includes('SIAGA_RATE') ? 0 : (rate ?? 0)),
        durationMs: this.#plan.durationMs || (durationMs ?? 0),
        thresholds: this.#plan.thresholds,
      },
    });
  }

  #launch(env: Environment): Launch {
    const { systemTags } = this.#plan;
    return {
      name: this.#request.name,
      script: this.#request.script,
      env,
      functions: this.#plan.functions,
      folder: this.#context.runFolder,
      systemTags: [...new Set([...(systemTags ?? defaultTags), ...neededTags])],
      // The offered iterations were allowed, but each may send several requests, and some executors offer no rate.
      rps: this.#limit.perSecond,
      onPoint: (line) => this.#point(line),
      onLog: (line) => this.#log(line),
      onSpawn: this.#context.onSpawn,
    };
  }

  #point(line: string): void {
    this.#heard = this.#context.clock.monotonic();
    this.#silenceWritten = false;
    if (!this.#collector.point(line) || this.#flowing) return;
    this.#flowing = true;
    this.#first.resolve();
  }

  #log(line: string): void {
    const { finding, count } = this.#collector.log(line);
    if (finding.kind !== 'exception' || count > 1) return;
    const data = { message: finding.message, count };
    this.#context.journal.append({ type: 'load.exception', data });
  }

  async #stop(run: K6Run, why: 'stopped' | 'interrupted'): Promise<void> {
    if (this.#ours === 'no') {
      this.#ours = why;
      this.#collector.until(this.#context.clock.now());
    }
    await run.stop();
  }

  async #flush(run: K6Run, cpu: CpuWatch): Promise<void> {
    const { clock } = this.#context;
    const over = new AbortController();
    void run.ended.then(() => over.abort());
    while (!over.signal.aborted) {
      await clock.sleep(flushEveryMs, over.signal).catch(() => {});
      if (this.#flowing) cpu.look();
      this.#listen(run);
      this.#write(clock.now());
    }
    this.#tellStood(true);
    this.#write(Number.POSITIVE_INFINITY);
  }

  // k6 says each second at least how many users are active; only one that stands still says nothing.
  #listen(run: K6Run): void {
    const { clock, judge, journal } = this.#context;
    const held = run.held();
    if (held) this.#collector.held(clock.now());
    this.#tellStood(!held);
    const sinceMs = Math.round(clock.monotonic() - this.#heard);
    if (this.#silenceWritten || this.#ours !== 'no' || sinceMs < silentBuckets * judge.bucketMs) return;
    this.#silenceWritten = true;
    journal.append({ type: 'load.silent', data: { load: this.#request.name, sinceMs } });
    this.#first.reject(neverFlowed(this.#request.name, 'k6 stands still: it said nothing for two buckets'));
  }

  // What it sent meanwhile must not be judged: that is said before its samples are written.
  #tellStood(over: boolean): void {
    for (const stood of this.#collector.stood) {
      const written = this.#stood.get(stood);
      if (written === stood.to || (written !== undefined && !over)) continue;
      this.#stood.set(stood, stood.to);
      const [from, to] = [Math.floor(stood.from), Math.ceil(stood.to)];
      this.#context.journal.append({ type: 'load.stood', data: { load: this.#request.name, from, to } });
    }
  }

  #write(now: number): void {
    for (const data of this.#collector.take(now)) this.#context.journal.append({ type: 'samples', data });
  }

  #finish(end: K6End, cpu: CpuWatch): LoadFinished {
    if (end.rawProblem !== undefined) {
      const message = `the raw points of ${this.#request.name} are lost: ${end.rawProblem}`;
      this.#context.journal.append({ type: 'run.problem', data: { code: 'raw-points-lost', message } });
    }
    this.#first.reject(neverFlowed(this.#request.name, 'load.finished in the events says why'));
    const data = this.#judged(end, cpu);
    this.#context.journal.append({ type: 'load.finished', data });
    return data;
  }

  #judged(end: K6End, cpu: CpuWatch): LoadFinished {
    const measured = this.#collector.measured(this.#context.clock.now());
    const { outcome, violations, reason, rates, notes } = judgeLoad({
      measured,
      plan: this.#plan,
      judge: this.#context.judge,
      endpoints: this.#endpoints,
      thresholds: this.#mode,
      end,
      ours: this.#ours,
      cpuShare: cpu.share(),
      starved: cpu.starved,
      limit: this.#limit,
    });
    return {
      load: this.#request.name,
      outcome,
      violations,
      ...(reason !== undefined && { reason }),
      exitCode: end.code ?? -1,
      requests: measured.requests,
      iterations: measured.iterations,
      dropped: measured.dropped,
      exceptions: [...measured.exceptions.values()].reduce((total, count) => total + count, 0),
      offeredRate: rounded(rates.offered),
      achievedRate: rounded(rates.achieved),
      requestRate: rounded(measured.sent.perSecond),
      maxRate: this.#limit.perSecond,
      durationMs: Math.round(this.#context.clock.monotonic() - this.#startedAt),
      ...(this.#mode === 'observed' && { observed: true }),
      ...(this.#ours === 'stopped' && { stopped: true }),
      unfinished: measured.users.reduce((total, { unfinished }) => total + unfinished, 0),
      endpoints: [...measured.endpoints, ...measured.sockets].map(figuresOf),
      ...(notes.length > 0 && { notes }),
      ...(end.raw !== undefined && { raw: end.raw }),
    };
  }
}

// Without these a request cannot be told from another, or a failure from a success.
const neededTags = [
  'method',
  'url',
  'name',
  'status',
  'error_code',
  'scenario',
  'check',
  'expected_response',
  'group',
  'vu',
];

const defaultTags = ['proto', 'subproto', 'error', 'tls_version', 'service'];

/** k6 keeps whole requests a second. */
function limitOf({ name, maxRate }: LoadContext['target'], { rps = Infinity }: Plan): Limit {
  const allowed = Math.floor(maxRate ?? defaultMaxRate);
  if (rps < allowed) return { perSecond: Math.floor(rps), by: 'the rps of the script' };
  const target = name === undefined ? 'the target' : `target ${name}`;
  const by =
    maxRate === undefined
      ? `the default maxRate, as siaga.config.ts sets none for ${target}`
      : `the maxRate of ${target} (siaga.config.ts)`;
  return { perSecond: allowed, by };
}

function figuresOf({ endpoint, n, errors, throttled, latency }: EndpointTally) {
  const at = (p: number) => latency.percentile(p) ?? 0;
  return { endpoint, n, p50: at(50), p95: at(95), p99: at(99), errors, throttled };
}

function neverFlowed(name: string, hint: string): SiagaError {
  return new SiagaError('load-never-flowed', {
    what: 'the load sent no request',
    where: name,
    hint,
    exitCode: exit.inconclusive,
  });
}

function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}
