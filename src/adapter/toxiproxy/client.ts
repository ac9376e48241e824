import { Proxy, Toxic, Toxiproxy } from 'toxiproxy-node-client';
import type { ToxicType } from 'toxiproxy-node-client';
import { SiagaError } from '../../kernel/errors.ts';
import type { ProxyState, ToxicState } from '../../chaos/ports.ts';
import { BoundedHttp, callTimeoutMs, statusOf } from './http.ts';

/** The calls that are needed of Toxiproxy, each bounded, over toxiproxy-node-client. `/reset` and `/populate` are not among them. */
export interface Client {
  readonly url: string;
  version(): Promise<string>;
  list(): Promise<readonly ProxyState[]>;
  /** `undefined` where there is none of that name. */
  get(proxy: string): Promise<ProxyState | undefined>;
  /** False where the name is taken: creating is atomic, so that it can serve as a lock. */
  create(proxy: Omit<ProxyState, 'toxics'>): Promise<boolean>;
  update(proxy: Omit<ProxyState, 'toxics'>): Promise<void>;
  /** False where there was none. */
  deleteProxy(proxy: string): Promise<boolean>;
  addToxic(proxy: string, toxic: ToxicState): Promise<void>;
  /** False where there was none. */
  deleteToxic(proxy: string, toxic: string): Promise<boolean>;
}

/** @param timeoutMs how long a call may take. Default 2 s. */
export function connect(url: string, timeoutMs: number = callTimeoutMs): Client {
  const base = url.replace(/\/+$/, '');
  const api = new Toxiproxy(base);
  // Its own HTTP client has no time limit; the field is public and only these four methods are used of it.
  api.api = new BoundedHttp(timeoutMs) as unknown as Toxiproxy['api'];
  return {
    url: base,
    version: async () => readVersion(await api.getVersion()),
    list: () => list(api),
    get: (proxy) =>
      orUndefined(api.api.get<WireProxy>(handle(api, proxy).getPath()).then(({ data }) => stateOf(data))),
    create: (proxy) => unless(409, api.createProxy(proxy)),
    update: async (proxy) => void (await handle(api, proxy.name).update(proxy)),
    deleteProxy: (proxy) => unless(404, handle(api, proxy).remove()),
    addToxic: async (proxy, toxic) => void (await handle(api, proxy).addToxic(wire(toxic))),
    deleteToxic: (proxy, toxic) => unless(404, toxicHandle(api, proxy, toxic).remove()),
  };
}

type WireProxy = Omit<ProxyState, 'toxics'> & { readonly toxics?: readonly ToxicState[] | null };

async function list(api: Toxiproxy): Promise<readonly ProxyState[]> {
  const { data } = await api.api.get<Record<string, WireProxy>>(`${api.host}/proxies`);
  return Object.values(data ?? {}).map(stateOf);
}

function stateOf({ name, listen, upstream, enabled, toxics }: WireProxy): ProxyState {
  return { name, listen, upstream, enabled, toxics: toxics ?? [] };
}

// The library puts names into paths as they are.
function handle(api: Toxiproxy, name: string): Proxy {
  const body = { name: encoded(name), listen: '', upstream: '', enabled: true, toxics: [] };
  return new Proxy(api, body);
}

function toxicHandle(api: Toxiproxy, proxy: string, name: string): Toxic<object> {
  const unread = { type: 'latency', stream: 'downstream', toxicity: 1, attributes: {} } as const;
  return new Toxic(api.api, handle(api, proxy).getPath(), { ...unread, name: encoded(name) });
}

const wire = (toxic: ToxicState) => ({ ...toxic, type: toxic.type as ToxicType });

function encoded(name: string): string {
  if (!/^\.{1,2}$|\//.test(name)) return encodeURIComponent(name);
  throw new SiagaError('unaddressable-proxy', {
    what: 'Toxiproxy cannot be asked about a proxy or toxic of this name',
    got: name,
    allowed: 'a name without slashes that is not . or ..',
    exitCode: 2,
  });
}

// 2.5 answers with the bare version, later builds with {"version":"2.12.0"}.
function readVersion(text: string): string {
  return /\d+\.\d+\.\d+[\w.-]*/.exec(text)?.[0] ?? text;
}

async function unless(status: number, call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (statusOf(error) === status) return false;
    throw error;
  }
}

async function orUndefined<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}
