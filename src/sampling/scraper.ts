import { decode } from '../check/reading.ts';
import type { HttpExchange } from '../check/ports.ts';
import type { UnusableMetric } from '../event/round.ts';
import { redactor } from '../check/text.ts';
import { messageOf } from '../kernel/errors.ts';
import type { SamplingContext } from './context.ts';
import { increases, type Scrape, type ScrapedMetric } from './increase.ts';
import { type MetricsPage, readPage } from './metrics-text.ts';
import { type Process, processOf, recognise } from './processes.ts';
import type { Recorder } from './recorder.ts';
import { isStale, unusableOf, unusableWords } from './unusable.ts';

const timeoutMs = 2_000;
const maxBytes = 8 * 1_048_576;

/** Where the target's own metrics are read, and which of them. */
export interface MetricsSource {
  /** Absolute. */
  readonly url: string;
  readonly metrics: readonly ScrapedMetric[];
}

/** The newest look that succeeded. */
export interface LastRead {
  readonly series: Scrape;
  /** The names on the page. */
  readonly names: ReadonlySet<string>;
  /** The metrics that it tells so that they cannot be judged. */
  readonly unusable: readonly UnusableMetric[];
  /** UTC ms. */
  readonly at: number;
}

/**
 * Reads the target's metrics, and goes on from its own look before at the same process. It begins with two looks at
 * once, which count nothing: where two processes take turns, both are known from then on. A look that fails writes no sample: what cannot be
 * seen is unknown, and so it is with a metric that a look tells so that it cannot be judged. The first failure of a
 * series is recorded; what counted meanwhile is credited to the next look that succeeds.
 */
export class MetricsReader {
  readonly metrics: readonly ScrapedMetric[];
  readonly #url: string;
  #last: LastRead | undefined;
  #why: string | undefined;
  #trouble: string | undefined;
  #known: readonly Process[] = [];
  #several = false;

  constructor({ url, metrics }: MetricsSource) {
    this.#url = url;
    this.metrics = metrics;
  }

  get last(): LastRead | undefined {
    return this.#last;
  }

  /** Why the newest look failed; `undefined` where it did not. */
  get why(): string | undefined {
    return this.#why;
  }

  /** Whether more than one process answered, or one was restarted and did not tell so: what is counted is too little. */
  get several(): boolean {
    return this.#several;
  }

  async look(recorder: Pick<Recorder, 'sample'>, context: SamplingContext): Promise<void> {
    const first = this.#known.length === 0;
    const look = await scrape(this.#url, context);
    if (context.signal.aborted) return;
    if (look.ok) this.#take(look, context.clock.now(), recorder);
    this.#why = look.ok ? undefined : look.reason;
    const trouble = this.#why ?? unusableWords(this.#last?.unusable ?? []);
    if (this.#trouble === undefined && trouble !== undefined)
      context.journal.append({ type: 'run.problem', data: { code: 'scrape-failed', message: trouble } });
    this.#trouble = trouble;
    if (first && look.ok) await this.#lookAgain(context);
  }

  #take(
    { page }: Extract<Look, { readonly ok: true }>,
    at: number,
    recorder: Pick<Recorder, 'sample'>,
  ): void {
    const look = this.#lookOf(page, at);
    const { before, known, another } = recognise(this.#known, processOf(look, at, this.metrics));
    const unusable = new Set(look.unusable.map(({ metric }) => metric));
    const fresh = page.series.filter((series) => !isStale(series, at));
    // Of a gauge the series that can be read are known, whatever the others are.
    const counted = this.metrics.filter(
      ({ metric }) => metric.type === 'gauge' || !unusable.has(metric.name),
    );
    for (const increase of increases(before, fresh, counted))
      recorder.sample({ ...increase, source: 'server', at });
    this.#last = look;
    this.#known = known;
    this.#several ||= another;
  }

  #lookOf(page: MetricsPage, at: number): LastRead {
    return { series: page.series, names: page.names, unusable: unusableOf(page, at, this.metrics), at };
  }

  async #lookAgain(context: SamplingContext): Promise<void> {
    const look = await scrape(this.#url, context);
    if (!look.ok) return;
    const at = context.clock.now();
    const second = processOf(this.#lookOf(look.page, at), at, this.metrics);
    const { another, known } = recognise(this.#known, second);
    this.#several = another;
    this.#known = [...this.#known, known.at(-1) ?? second];
  }
}

type Look =
  | { readonly ok: true; readonly page: MetricsPage }
  | { readonly ok: false; readonly reason: string };

async function scrape(
  url: string,
  { http, target, random, signal, secrets }: SamplingContext,
): Promise<Look> {
  const headers = {
    accept: 'text/plain; version=0.0.4',
    'accept-encoding': 'identity',
    'user-agent': 'siaga',
    'x-request-id': `siaga-${random.id(16)}`,
    ...target.identity?.probe,
  };
  const ca = target.ca === undefined ? {} : { ca: target.ca };
  const exchange = await http.ask(
    { method: 'GET', url, headers, timeoutMs, maxBytes, repeatable: true, ...ca },
    signal,
  );
  const look = read(exchange);
  return look.ok
    ? look
    : { ok: false, reason: redactor(secrets).line(`the metrics could not be read: ${look.reason}`) };
}

function read(exchange: HttpExchange): Look {
  if (exchange.kind === 'broken') return { ok: false, reason: `${exchange.message} (${exchange.code})` };
  if (exchange.kind !== 'answered') return { ok: false, reason: exchange.kind };
  if (exchange.status !== 200) return { ok: false, reason: `status ${exchange.status}` };
  if (exchange.cut) return { ok: false, reason: 'there is too much of them' };
  const text = decode(exchange);
  if (typeof text !== 'string') return { ok: false, reason: text.got };
  try {
    return { ok: true, page: readPage(text) };
  } catch (error) {
    return { ok: false, reason: messageOf(error) };
  }
}
