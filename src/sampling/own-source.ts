import { decode } from '../check/reading.ts';
import { redactor, show } from '../check/text.ts';
import { parseDuration } from '../kernel/duration.ts';
import { messageOf } from '../kernel/errors.ts';
import type { SamplingContext } from './context.ts';
import type { Recorder } from './recorder.ts';
import type { Source } from './source.ts';

const maxBytes = 1_048_576;

/** A project's own code, and how it is bounded. Each rejects with what is wrong, in time. */
export interface OwnCode {
  call<T>(
    call: { readonly part: string; readonly timeoutMs: number; readonly signal?: AbortSignal },
    code: (signal: AbortSignal) => T | Promise<T>,
  ): Promise<T>;
  /** What a command prints, once it has ended with exit code 0 and left no process behind. */
  output(command: OwnCommand): Promise<string>;
}

export interface OwnCommand {
  /** Program and arguments; no shell reads them. */
  readonly command: readonly string[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** A source as it is read here: its variables filled in. */
export interface FilledSource {
  readonly source: Source;
  /** The signals that it feeds. */
  readonly signals: readonly string[];
  /** Variables that are not set: it is not read. */
  readonly unset: readonly string[];
}

/**
 * Reads a project's own source, and records what it yields. A look that fails writes no sample: what cannot be seen is
 * unknown. The first failure of a series is recorded. Rejects only where the journal cannot be written.
 */
export class SourceReader {
  readonly #filled: FilledSource;
  readonly #own: OwnCode;
  #why: string | undefined;

  constructor(filled: FilledSource, own: OwnCode) {
    this.#filled = filled;
    this.#own = own;
  }

  get name(): string {
    return this.#filled.source.name;
  }

  get signals(): readonly string[] {
    return this.#filled.signals;
  }

  /** Why the newest look failed; `undefined` where it did not. */
  get why(): string | undefined {
    return this.#why;
  }

  async look(recorder: Pick<Recorder, 'sample'>, context: SamplingContext): Promise<void> {
    const reading = await this.#read(context);
    if (context.signal.aborted) return;
    const before = this.#why;
    this.#why = 'why' in reading ? this.#words(reading.why, context) : undefined;
    if (this.#why !== undefined && before === undefined)
      context.journal.append({ type: 'run.problem', data: { code: 'source-failed', message: this.#why } });
    if ('why' in reading) return;
    const data = { kind: 'values', values: [reading.value] } as const;
    for (const signal of this.signals)
      recorder.sample({ signal, labels: {}, source: 'own', at: context.clock.now(), data });
  }

  #words(why: string, { secrets }: SamplingContext): string {
    return redactor(secrets).line(`source ${this.name}: ${why}`);
  }

  async #read(context: SamplingContext): Promise<{ readonly value: number } | { readonly why: string }> {
    const { source, unset } = this.#filled;
    if (unset.length > 0) return { why: `${unset.join(' and ')} not set` };
    try {
      const found = await valueOf(source, this.#own, context);
      return typeof found === 'number' && Number.isFinite(found)
        ? { value: found }
        : { why: `it gave ${show(found)}, which is no number` };
    } catch (error) {
      return { why: messageOf(error) };
    }
  }
}

async function valueOf(
  { name, timeout, read }: Source,
  own: OwnCode,
  context: SamplingContext,
): Promise<unknown> {
  const { signal } = context;
  const bounds = { part: `source ${name}`, timeoutMs: parseDuration(timeout) ?? 0, signal };
  if (typeof read === 'function') return own.call(bounds, read);
  if ('command' in read) {
    const text = (await own.output({ ...bounds, command: read.command })).trim();
    return text === '' || Number.isNaN(Number(text)) ? text : Number(text);
  }
  const body = await bodyOf(read, bounds.timeoutMs, context);
  return own.call(bounds, () => read.pick(body));
}

async function bodyOf(
  { url, headers = {} }: { readonly url: string; readonly headers?: Readonly<Record<string, string>> },
  timeoutMs: number,
  { http, signal }: SamplingContext,
): Promise<unknown> {
  const own = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  const asked = {
    accept: 'application/json, */*;q=0.5',
    'accept-encoding': 'identity',
    'user-agent': 'siaga',
  };
  const exchange = await http.ask(
    {
      method: 'GET',
      url,
      headers: { ...asked, ...Object.fromEntries(own) },
      timeoutMs,
      maxBytes,
      repeatable: true,
    },
    signal,
  );
  if (exchange.kind === 'broken') throw new Error(`${exchange.message} (${exchange.code})`);
  if (exchange.kind !== 'answered') throw new Error(exchange.kind);
  if (exchange.status !== 200) throw new Error(`status ${exchange.status}`);
  if (exchange.cut) throw new Error('the answer is too long');
  const text = decode(exchange);
  if (typeof text !== 'string') throw new Error(text.got);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
