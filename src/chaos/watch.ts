import type { ExperimentContext } from './context.ts';
import { patience } from './context.ts';
import { parseName, slug } from './names.ts';
import type { FaultPort, ProxyState, ToxicState } from './ports.ts';

export interface Watched {
  /** Toxiproxy has answered a question that was asked then, UTC ms, or said nothing and that is written down. */
  readonly onLook: (until: number) => void;
  /** Somebody else changed a proxy: how. */
  readonly onChanged: (how: string) => void;
}

/**
 * Asks Toxiproxy again and again while an experiment runs. What was measured is known to be the fault's doing only once
 * Toxiproxy has answered after it; while it is silent, or after somebody else changed it, it may be anything's.
 */
export class ToxiproxyWatch {
  /** For whoever puts faults in and takes them out: what changes meanwhile is not somebody else's doing. */
  readonly port: FaultPort;
  readonly #context: Pick<ExperimentContext, 'journal' | 'clock' | 'faults'>;
  readonly #watched: Watched;
  #before: readonly ProxyState[] | undefined;
  #answeredAt: number;
  #changing = 0;
  #changes = 0;

  constructor(context: Pick<ExperimentContext, 'journal' | 'clock' | 'faults'>, watched: Watched) {
    const { faults, clock } = context;
    this.#context = context;
    this.#watched = watched;
    this.#answeredAt = clock.now();
    this.port = {
      ...faults,
      inject: (injection) => this.#change(() => faults.inject(injection)),
      undo: (injection, onDelete) => this.#change(() => faults.undo(injection, onDelete)),
    };
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#context;
    while (!signal.aborted) {
      await this.look();
      await clock.sleep(patience.readBackMs, signal).catch(() => undefined);
    }
  }

  async look(): Promise<void> {
    const { clock, faults, journal } = this.#context;
    const [asked, changes, changing] = [clock.now(), this.#changes, this.#changing];
    const proxies = await faults.list().catch(() => undefined);
    if (proxies === undefined) {
      const data = { sinceMs: this.#answeredAt, untilMs: clock.now() };
      journal.append({ type: 'toxiproxy.silent', data });
      return this.#watched.onLook(data.untilMs);
    }
    this.#answeredAt = Math.max(this.#answeredAt, asked);
    if (changing === 0 && changes === this.#changes) this.#compare(proxies);
    this.#watched.onLook(asked);
  }

  #compare(proxies: readonly ProxyState[]): void {
    this.#before ??= proxies;
    const how = changedByOthers(this.#before, proxies, this.#context.journal.run);
    if (how !== undefined) this.#watched.onChanged(how);
  }

  async #change<T>(act: () => Promise<T>): Promise<T> {
    this.#changing += 1;
    this.#changes += 1;
    try {
      return await act();
    } finally {
      this.#changing -= 1;
    }
  }
}

/** What in a listing differs from an earlier one and is not this run's doing, in words. */
export function changedByOthers(
  before: readonly ProxyState[],
  now: readonly ProxyState[],
  run: string,
): string | undefined {
  for (const was of before.filter(({ name }) => !name.startsWith('siaga.'))) {
    const is = now.find(({ name }) => name === was.name);
    if (!is) return `the proxy ${was.name} is gone`;
    const [earlier, later] = [was, is].map((proxy) => inWords(proxy, run, isDisabledBy(run, was, is)));
    if (earlier !== later) return `${was.name} reads as ${later}, was ${earlier}`;
  }
  return undefined;
}

// Disabling and marking are two requests.
const isDisabledBy = (run: string, ...proxies: readonly ProxyState[]): boolean =>
  proxies.some(({ toxics }) =>
    toxics.some(({ name }) => isOf(run, name) && parseName(name)?.part === 'disabled'),
  );

const isOf = (run: string, toxic: string): boolean => parseName(toxic)?.run === slug(run);

function inWords({ upstream, enabled, toxics }: ProxyState, run: string, byUs: boolean): string {
  const others = toxics.filter(({ name }) => !isOf(run, name)).map(toxicInWords);
  const state = enabled || byUs ? [] : ['disabled'];
  return [...state, `upstream ${upstream}`, ...others.toSorted()].join(', ');
}

function toxicInWords({ name, type, stream, toxicity, attributes }: ToxicState): string {
  const pairs = Object.entries(attributes)
    .map(([key, value]) => `${key} ${value}`)
    .toSorted();
  return `toxic ${name} (${[type, ...pairs, stream, `toxicity ${Number(toxicity.toFixed(4))}`].join(' ')})`;
}
