import { attributesOf } from '../../chaos/faults.ts';
import { toxicNames } from '../../chaos/names.ts';
import type { Injection, ProxyState, ReadBack, Stream, ToxicState } from '../../chaos/ports.ts';

/** The toxics a fault consists of. For `down` it is the marker: no effect, readable by anybody. */
export function toxicsOf(injection: Injection): readonly ToxicState[] {
  const { fault, stream, toxicity } = injection;
  const names = toxicNames(injection);
  if (fault.kind === 'down') return names.map(marker);
  const attributes = attributesOf(fault);
  const streams: readonly Stream[] = stream === 'both' ? ['upstream', 'downstream'] : [stream];
  return streams.map((each, index) => {
    return { name: names[index] ?? '', type: fault.kind, stream: each, toxicity, attributes };
  });
}

function marker(name: string): ToxicState {
  return { name, type: 'latency', stream: 'downstream', toxicity: 0, attributes: { latency: 0, jitter: 0 } };
}

/** What was read against what was set. */
export function compare(injection: Injection, proxy: ProxyState | undefined): ReadBack {
  if (!proxy) return { state: 'gone', why: `the proxy ${injection.proxy} is gone` };
  const wanted = toxicsOf(injection);
  const missing = wanted.find(({ name }) => !proxy.toxics.some((toxic) => toxic.name === name));
  if (missing) return { state: 'gone', why: `the toxic ${missing.name} is gone` };
  if (injection.fault.kind === 'down' && proxy.enabled) return { state: 'gone', why: 'the proxy is enabled' };
  if (injection.fault.kind !== 'down' && !proxy.enabled) return differs('enabled false', 'enabled true');
  return (
    wanted.map((each) => compareToxic(each, proxy)).find(({ state }) => state === 'differs') ?? asSet(proxy)
  );
}

function compareToxic(wanted: ToxicState, proxy: ProxyState): ReadBack {
  const got = proxy.toxics.find(({ name }) => name === wanted.name);
  const [shown, allowed] = [got, wanted].map((toxic) => (toxic ? words(toxic) : 'none'));
  return shown === allowed ? asSet(proxy) : differs(shown ?? '', allowed ?? '');
}

const asSet = (proxy: ProxyState): ReadBack => ({ state: 'as-set', proxy });
const differs = (got: string, allowed: string): ReadBack => ({ state: 'differs', got, allowed });

// Toxicity travels as a 32-bit float.
function words({ type, stream, toxicity, attributes }: ToxicState): string {
  const pairs = Object.entries(attributes)
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([name, value]) => `${name} ${value}`);
  return `${type} ${pairs.join(' ')} ${stream} toxicity ${Number(toxicity.toFixed(4))}`;
}
