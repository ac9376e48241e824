import { SiagaError } from '../../kernel/errors.ts';
import { nearest } from '../../kernel/nearest.ts';
import { parseName } from '../../chaos/names.ts';
import { leftoversIn } from '../../chaos/leftovers.ts';
import type {
  FaultPort,
  Injection,
  Leftover,
  ProxyState,
  LeftoverUndone,
  Undone,
} from '../../chaos/ports.ts';
import { connect } from './client.ts';
import type { Client } from './client.ts';
import { compare, toxicsOf } from './compare.ts';
import { failureOf, undoIn } from './undo.ts';
import type { ProxyUndo, UndoTools } from './undo.ts';
import { isSilence, statusOf, unreachable } from './http.ts';
import { takeLease } from './lease.ts';
import { printed } from '../../kernel/printed.ts';

export interface FaultsOptions {
  /** Proxies as seen earlier, from which a wedged Toxiproxy can be restored. */
  readonly known?: readonly ProxyState[];
  /** Where the server is the reference system's of this project, which a guard may restart. */
  readonly projectDir?: string | undefined;
  /** Proxies that a dead runner may have deleted in order to create them again. */
  readonly deleted?: readonly ProxyState[];
  /** How long calls of the first, gentle step may take, and others. Default 2 s each. */
  readonly patience?: { readonly gentleMs: number; readonly callMs: number };
}

/**
 * Toxiproxy (2.5 and later) as the place where faults are put.
 * @param url its HTTP address.
 */
export function toxiproxyFaults(url: string, options: FaultsOptions = {}): FaultPort {
  const seen = seenOf(url, options);
  const { client } = seen;
  const list = async () => remember(seen, await client.list());
  const { projectDir } = options;
  return {
    url: client.url,
    list: () => named(client, list()),
    inject: (injection) => named(client, inject(client, seen, injection, list)),
    readBack: async (injection) => compare(injection, await named(client, client.get(injection.proxy))),
    undoOfLease: async (run) => ({
      replay: 'toxiproxy-lease',
      url: client.url,
      run,
      known: await named(client, list()),
      ...(projectDir !== undefined && { projectDir }),
    }),
    undo: (injection, onDelete) => undoFault(seen, injection.proxy, namesOf(injection), onDelete),
    lease: (run, details) => named(client, takeLease(client, run, details)),
    undoLeft: (select) => undoLeft(seen, select),
  };
}

const nothing = (): Promise<void> => Promise.resolve();

/** What is undone in a Toxiproxy for a runner that died. */
export interface ToxiproxyUndo extends Pick<FaultPort, 'undoLeft'> {
  undo(proxy: string, toxics: readonly string[]): Promise<Undone>;
}

export function toxiproxyUndo(url: string, options: FaultsOptions): ToxiproxyUndo {
  const seen = seenOf(url, options);
  return {
    undo: (proxy, toxics) => undoFault(seen, proxy, toxics),
    undoLeft: (select) => undoLeft(seen, select),
  };
}

const undoFault = (
  seen: Seen,
  proxy: string,
  toxics: readonly string[],
  onDelete: UndoTools['onDelete'] = nothing,
): Promise<Undone> => undoIn({ ...seen, onDelete }, proxyUndo(seen, proxy, toxics));

const namesOf = (injection: Injection): readonly string[] => toxicsOf(injection).map(({ name }) => name);

interface Seen {
  readonly client: Client;
  /** For what may be given up sooner. */
  readonly gentle: Client;
  readonly proxies: Map<string, ProxyState>;
  /** Markers seen on proxies: a disabling request may arrive after its marker was taken out again. */
  readonly markers: Set<string>;
  readonly deleted: Map<string, ProxyState>;
}

const byName = (proxies: readonly ProxyState[] = []): Map<string, ProxyState> =>
  new Map(proxies.map((proxy) => [proxy.name, proxy]));

function seenOf(url: string, { known, deleted, patience }: FaultsOptions): Seen {
  const client = connect(url, patience?.callMs);
  const gentle = patience ? connect(url, patience.gentleMs) : client;
  return { client, gentle, proxies: byName(known), markers: new Set(), deleted: byName(deleted) };
}

function remember(seen: Seen, proxies: readonly ProxyState[]): readonly ProxyState[] {
  for (const proxy of proxies) seen.proxies.set(proxy.name, proxy);
  return proxies;
}

async function inject(
  client: Client,
  seen: Seen,
  injection: Injection,
  list: () => Promise<readonly ProxyState[]>,
) {
  const before = usable(injection, await list());
  seen.deleted.delete(before.name);
  for (const toxic of toxicsOf(injection)) await client.addToxic(before.name, toxic);
  if (injection.fault.kind === 'down') {
    const { name, listen, upstream } = before;
    await client.update({ name, listen, upstream, enabled: false });
  }
  const back = compare(injection, await client.get(before.name));
  if (back.state === 'as-set') return remember(seen, [back.proxy])[0] ?? back.proxy;
  throw notSet(client.url, injection, back.state === 'gone' ? back.why : back.got);
}

function usable(injection: Injection, proxies: readonly ProxyState[]): ProxyState {
  const proxy = proxies.find(({ name }) => name === injection.proxy);
  if (!proxy) throw unknownProxy(injection.proxy, proxies);
  if (proxy.enabled) return proxy;
  throw new SiagaError('proxy-disabled', {
    what: `the proxy ${proxy.name} is disabled already, by someone else`,
    got: 'enabled false',
    allowed: 'enabled true',
    hint: `${printed('chaos heal')} undoes what an earlier run left; otherwise ask who disabled it`,
    exitCode: 3,
  });
}

function unknownProxy(name: string, proxies: readonly ProxyState[]): SiagaError {
  const names = proxies.map((proxy) => proxy.name);
  const near = nearest(name, names);
  return new SiagaError('unknown-proxy', {
    what: 'Toxiproxy has no proxy of this name',
    got: name,
    allowed: names.join(', ') || 'none: it has no proxies',
    ...(near === undefined ? {} : { hint: `did you mean ${near}?` }),
    exitCode: 3,
  });
}

function notSet(url: string, injection: Injection, got: string): SiagaError {
  return new SiagaError('fault-not-set', {
    what: `the fault on ${injection.proxy} did not read back as it was set`,
    where: url,
    got,
    allowed: JSON.stringify(injection.fault),
    exitCode: 3,
  });
}

function proxyUndo(seen: Seen, proxy: string, toxics: readonly string[]): ProxyUndo {
  return { proxy, toxics, ours: disabledByUs(seen, toxics), known: seen.proxies.get(proxy) };
}

/** A disabled proxy is ours where it carries our marker, or carried it when this process last looked. */
function disabledByUs(seen: Seen, toxics: readonly string[]) {
  return (proxy: ProxyState): boolean => {
    const present = proxy.toxics.map(({ name }) => name).filter((name) => toxics.includes(name));
    for (const name of present.filter((each) => parseName(each)?.part === 'disabled')) seen.markers.add(name);
    return toxics.some((name) => seen.markers.has(name));
  };
}

const isRight = ({ kind }: Leftover): boolean => kind === 'lease' || kind === 'takeover';

/** Each proxy for itself, so that a wedged one keeps no other waiting; then the leases. */
async function undoLeft(
  seen: Seen,
  select: (leftover: Leftover) => boolean,
): Promise<readonly LeftoverUndone[]> {
  const listed = seen.gentle.list().then((proxies) => remember(seen, proxies));
  const proxies = await listed.catch((error: unknown) => oneByOne(seen, error));
  const selected = leftoversIn(proxies).filter(select);
  const groups = Map.groupBy(
    selected.filter((leftover) => !isRight(leftover)),
    ({ proxy }) => proxy,
  );
  const faults = await Promise.all([...groups.values()].map((group) => undoAll(seen, group)));
  return [...faults.flat(), ...(await undoAll(seen, selected.filter(isRight)))];
}

// One wedged proxy silences the listing, not the others: ask each that was seen before, and go by memory for the silent.
async function oneByOne({ client, gentle, proxies }: Seen, error: unknown): Promise<readonly ProxyState[]> {
  if (statusOf(error) === undefined && !isSilence(error)) throw unreachable(client.url, error);
  const answers = await Promise.all(
    [...proxies.values()].map((last) => gentle.get(last.name).catch(() => last)),
  );
  return answers.filter((proxy) => proxy !== undefined);
}

async function undoAll(seen: Seen, leftovers: readonly Leftover[]): Promise<readonly LeftoverUndone[]> {
  const all: LeftoverUndone[] = [];
  for (const leftover of leftovers) all.push({ leftover, undone: await undo(seen, leftover) });
  return all;
}

async function undo(seen: Seen, leftover: Leftover): Promise<Undone> {
  const { client } = seen;
  if (leftover.kind === 'toxic' || leftover.kind === 'disabled') {
    return undoFault(seen, leftover.proxy, [leftover.toxic]);
  }
  try {
    const step = (await client.deleteProxy(leftover.proxy)) ? 'toxic-deleted' : 'already-gone';
    return { done: true, step };
  } catch (error) {
    return { done: false, why: failureOf(error), tried: [unreachable(client.url, error).message] };
  }
}

async function named<T>(client: Client, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw unreachable(client.url, error);
  }
}
