import type { CallFigures } from '../event/catalogue.ts';
import { formatMs } from '../kernel/duration.ts';
import { type Rule, anything, number } from '../kernel/shape.ts';
import type { FaultKind } from './definition.ts';

/** What must be seen around a fault that is really there. */
export type Due =
  /** This share of the probes through it fails. */
  | { readonly kind: 'fails'; readonly share: number }
  /** Answers, or the closing of their connections, come this much later, ms. */
  | {
      readonly kind: 'slower';
      readonly by: 'answer' | 'close';
      readonly atLeast: number;
      readonly atMost: number;
    }
  /** That it reads back as it was set is all there is to see. */
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'unprovable'; readonly why: string };

export type Place = 'proxy' | 'process' | 'own';

/** What a fault acts on, as far as what is due depends on it. */
export interface Around {
  /** Share of connections. */
  readonly toxicity: number;
  /** Directions it acts in. */
  readonly streams: number;
  /** Size of an answer without it. */
  readonly bytes: number;
}

/** One entry for each kind. */
export type FaultTable<F extends AnyFault> = {
  readonly [K in F['kind']]: KindRules<Extract<F, { readonly kind: K }>>;
};

interface KindRules<F> {
  /** What it is put on. */
  readonly on: Place;
  /** Its attributes: Toxiproxy takes any without a word. */
  readonly attributes: { readonly [K in Exclude<keyof F, 'kind'>]-?: Rule };
  readonly words: (fault: F) => string;
  readonly due: (fault: F, around: Around) => Due;
  /** What it adds to a call of the system's, ms; `undefined` where it makes calls fail instead. */
  readonly slowsCallsBy: (fault: F, before: CallFigures) => number | undefined;
  /** What it adds to a probe that it lets through, ms in one direction. */
  readonly delaysProbesBy: (fault: F) => number;
}

// What this machine itself may add, beyond the half that is granted to everything.
const slackMs = 200;
/** Less than this cannot be told from noise. */
export const noticeableMs = 20;

const atLeast = (ms: number): number => 0.8 * ms;
const atMost = (ms: number): number => 1.5 * ms + slackMs;
/** What depends on the size of the answer and the way it is cut. */
const around = (ms: number): Due => ({
  kind: 'slower',
  by: 'answer',
  atLeast: 0.5 * ms,
  atMost: 2 * ms + slackMs,
});
const fails = (share: number): Due => ({ kind: 'fails', share });
const failing = { slowsCallsBy: () => undefined, delaysProbesBy: () => 0 } as const;

// How long depends on what is called for: twice as long, and noticeably.
const twice = (_: unknown, { meanMs }: CallFigures): number => Math.max(2 * noticeableMs, meanMs);

const ms = number({ min: 0 });
const count = number({ min: 0, whole: true });

/** Everything that is decided by the kind of a fault. A kind without its entry does not compile. */
const faultKinds: FaultTable<FaultKind> = {
  down: { on: 'proxy', attributes: {}, words: () => 'down', due: () => fails(1), ...failing },
  latency: {
    on: 'proxy',
    attributes: { latency: ms, jitter: ms },
    words: ({ latency, jitter }) =>
      `latency of ${formatMs(latency)}${jitter > 0 ? ` ± ${formatMs(jitter)}` : ''}`,
    due: ({ latency, jitter }, { streams }) => ({
      kind: 'slower',
      by: 'answer',
      atLeast: atLeast(latency - jitter),
      atMost: atMost(streams * (latency + jitter)),
    }),
    slowsCallsBy: ({ latency, jitter }) => latency - jitter,
    delaysProbesBy: ({ latency, jitter }) => latency + jitter,
  },
  bandwidth: {
    on: 'proxy',
    attributes: { rate: count },
    words: ({ rate }) => `bandwidth of ${rate} KB/s`,
    due: ({ rate }, { toxicity, bytes }) => (rate === 0 ? fails(toxicity) : around(bytes / rate)),
    slowsCallsBy: twice,
    delaysProbesBy: () => 0,
  },
  slow_close: {
    on: 'proxy',
    attributes: { delay: ms },
    words: ({ delay }) => `closing ${formatMs(delay)} late`,
    due: ({ delay }, { streams }) => ({
      kind: 'slower',
      by: 'close',
      atLeast: atLeast(streams * delay),
      atMost: atMost(streams * delay),
    }),
    slowsCallsBy: ({ delay }) => delay,
    delaysProbesBy: ({ delay }) => delay,
  },
  timeout: {
    on: 'proxy',
    attributes: { timeout: ms },
    words: ({ timeout }) => (timeout === 0 ? 'silence' : `silence, closed after ${formatMs(timeout)}`),
    due: (_, { toxicity }) => fails(toxicity),
    ...failing,
  },
  reset_peer: {
    on: 'proxy',
    attributes: { timeout: ms },
    words: ({ timeout }) => (timeout === 0 ? 'reset' : `reset after ${formatMs(timeout)}`),
    due: (_, { toxicity }) => fails(toxicity),
    ...failing,
  },
  slicer: {
    on: 'proxy',
    attributes: { average_size: count, size_variation: count, delay: count },
    words: ({ average_size, delay }) => `slices of ${average_size} bytes, ${delay} µs apart`,
    due: ({ average_size, delay }, { bytes }) => around(((bytes / average_size) * delay) / 1_000),
    slowsCallsBy: twice,
    delaysProbesBy: () => 0,
  },
  limit_data: {
    on: 'proxy',
    attributes: { bytes: count },
    words: ({ bytes }) => `closed after ${bytes} bytes`,
    due: (fault, { toxicity, bytes }) =>
      fault.bytes < bytes
        ? fails(toxicity)
        : { kind: 'unprovable', why: "the probe's answer is too small to meet this fault" },
    ...failing,
  },
  frozen: { on: 'process', attributes: {}, words: () => 'frozen', due: () => fails(1), ...failing },
  killed: { on: 'process', attributes: {}, words: () => 'killed', due: () => fails(1), ...failing },
  own: {
    on: 'own',
    attributes: { definition: anything, spec: anything },
    words: ({ definition }) => definition.kind,
    // Its own confirm shows it, and nobody asks around it.
    due: () => ({ kind: 'confirmed' }),
    ...failing,
  },
};

/** What it is called in events and messages. */
export const kindOf = (fault: FaultKind): string =>
  fault.kind === 'own' ? fault.definition.kind : fault.kind;

/** The kinds that can be put on a place, and their attributes. */
export const attributesOn = (place: Place): Readonly<Record<string, Readonly<Record<string, Rule>>>> =>
  Object.fromEntries(
    Object.entries(faultKinds)
      .filter(([, { on }]) => on === place)
      .map(([kind, { attributes }]) => [kind, attributes]),
  );

type AnyFault = { readonly kind: string };

/** What is known of a fault. One of an unknown kind, from a file or a Toxiproxy of another version, has words and is never proven. */
export function rulesOf({ kind }: AnyFault): KindRules<AnyFault> {
  // An entry is given no fault of another kind.
  const known = faultKinds as unknown as Readonly<Record<string, KindRules<AnyFault>>>;
  return (Object.hasOwn(known, kind) ? known[kind] : undefined) ?? unknownKind(kind);
}

const unknownKind = (kind: string): KindRules<AnyFault> => ({
  on: 'proxy',
  attributes: {},
  words: () => `an unknown fault (${kind})`,
  due: () => ({ kind: 'unprovable', why: `nothing is known of a fault of the kind ${kind}` }),
  ...failing,
});

/** A fault in words: "latency of 1 s ± 50 ms". */
export const describeFault = (fault: AnyFault): string => rulesOf(fault).words(fault);
