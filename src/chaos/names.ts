import type { ProcessMark } from '../kernel/ports.ts';

/**
 * Names Siaga gives to what it puts into Toxiproxy. They are the only thing that outlives a dead runner, so
 * each says whose it is and until when: `siaga.<run>.<n>.<expiry>`, expiry in milliseconds since the epoch.
 */
export interface Owner {
  readonly run: string;
  /** Counts the faults of a run from 1. */
  readonly n: number;
  /** UTC ms after which anybody may undo it. */
  readonly expiresAt: number;
}

/** Which toxic of one fault: the only one, one of two directions, or the marker that says who disabled the proxy. */
export type Part = 'whole' | 'upstream' | 'downstream' | 'disabled';

export interface OwnedName extends Owner {
  readonly part: Part;
}

const pattern = /^siaga\.([A-Za-z0-9_-]+)\.(\d{1,6})\.(\d{1,16})(?:\.(upstream|downstream|disabled))?$/;

export function nameOf({ run, n, expiresAt }: Owner, part: Part): string {
  const base = `siaga.${slug(run)}.${n}.${expiresAt}`;
  return part === 'whole' ? base : `${base}.${part}`;
}

/** The toxics that a fault of a proxy consists of. For `down` it is the marker that says who disabled it. */
export function toxicNames({ owner, fault, stream }: Named): readonly string[] {
  return partsOf(fault, stream).map((part) => nameOf(owner, part));
}

interface Named {
  readonly owner: Owner;
  readonly fault: { readonly kind: string };
  readonly stream: 'upstream' | 'downstream' | 'both';
}

function partsOf({ kind }: Named['fault'], stream: Named['stream']): readonly Part[] {
  if (kind === 'down') return ['disabled'];
  return stream === 'both' ? ['upstream', 'downstream'] : ['whole'];
}

/** Whose toxic this is; `undefined` where it is not Siaga's. */
export function parseName(name: string): OwnedName | undefined {
  const [, run, n, expiresAt, part] = pattern.exec(name) ?? [];
  if (run === undefined) return undefined;
  return { run, n: Number(n), expiresAt: Number(expiresAt), part: (part as Part | undefined) ?? 'whole' };
}

/** The right to break a target: a disabled proxy of this name, which Toxiproxy creates only once. */
export const leaseProxy = 'siaga.lease';

/** Whoever creates the proxy of this name may replace exactly that expired lease, and nobody else. */
export function takeoverProxy(expired: Holder): string {
  return `siaga.takeover.${slug(expired.run)}.${expired.expiresAt}`;
}

export interface Holder {
  readonly run: string;
  readonly expiresAt: number;
  readonly experiment?: string;
  /** The runner and its guard. */
  readonly processes?: readonly ProcessMark[];
}

const upstreamPattern =
  /^run-([\w-]+)\.until-(\d{1,16})(?:\.of-([\w-]+))?((?:\.by-[0-9a-f]+-\d+-\w*)*)\.siaga\.invalid:1$/;

/** The holder as an upstream address: one creating request then carries the lock and its owner. */
export function upstreamOf({ run, expiresAt, experiment, processes = [] }: Holder): string {
  const of = experiment === undefined ? '' : `.of-${slug(experiment)}`;
  const by = processes.map(({ machine, pid, startTime }) => `.by-${machine}-${pid}-${startTime}`);
  return `run-${slug(run)}.until-${expiresAt}${of}${by.join('')}.siaga.invalid:1`;
}

export function parseUpstream(upstream: string): Holder | undefined {
  const [, run, expiresAt, experiment, by = ''] = upstreamPattern.exec(upstream) ?? [];
  if (run === undefined) return undefined;
  const processes = [...by.matchAll(/\.by-([0-9a-f]+)-(\d+)-(\w*)/g)].map(
    ([, machine = '', pid, startTime = '']) => ({ machine, pid: Number(pid), startTime }),
  );
  return {
    run,
    expiresAt: Number(expiresAt),
    ...(experiment !== undefined && { experiment }),
    ...(processes.length > 0 && { processes }),
  };
}

export const isTakeover = (proxy: string): boolean => proxy.startsWith('siaga.takeover.');

/** A run id as it stands in names. */
export const slug = (run: string): string => run.replaceAll(/[^A-Za-z0-9_-]/g, '_') || '_';

/** A fault's id in events: unique in its run. */
export const faultId = ({ n }: Pick<Owner, 'n'>): string => `fault-${n}`;
