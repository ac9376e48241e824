import type { Dependency } from '../project/target.ts';
import type { ExperimentContext } from './context.ts';
import type { AnyInjection, ProbeAnswer, ProxyState } from './ports.ts';
import { probesEachWay } from './proof.ts';
import { Stop } from './stop.ts';

/** Asked through the fault, and where it is not. */
export interface Answers {
  readonly through: readonly ProbeAnswer[];
  readonly past: readonly ProbeAnswer[];
}

/** Asks around a fault that is in. */
export type AskAround = (timeoutMs: number) => Promise<Answers>;

export type AskTools = Pick<ExperimentContext, 'clock' | 'probes' | 'faults' | 'target'>;

/** How a fault is asked around, to be made before it is in: a process can be asked without its fault only then. */
export async function asking(tools: AskTools, injection: AnyInjection): Promise<AskAround> {
  const { target } = tools;
  if ('proxy' in injection) {
    const dependency = target.proxies[injection.proxy];
    if (!dependency) throw new Stop('could-not-run', `nothing is known about ${injection.proxy}`);
    return (timeoutMs) => askBothWays(tools, injection.proxy, dependency, timeoutMs);
  }
  if (!('process' in injection)) return async () => ({ through: [], past: [] });
  const place = target.processes?.[injection.process];
  if (!place) throw new Stop('could-not-run', `nothing is known about ${injection.process}`);
  const ask = (timeoutMs: number) =>
    fewTimes(tools, () => tools.probes.ask(place.probe, place.address, timeoutMs));
  const past = await ask(soundMs);
  return async (timeoutMs) => ({ through: await ask(timeoutMs), past });
}

// A process that is well answers within this.
const soundMs = 2_000;
const spacingMs = 150;

async function fewTimes<T>({ clock }: AskTools, ask: () => Promise<T>): Promise<readonly T[]> {
  const asked: Promise<T>[] = [];
  for (let n = 0; n < probesEachWay; n++) {
    if (n > 0) await clock.sleep(spacingMs);
    asked.push(ask());
  }
  return Promise.all(asked);
}

async function askBothWays(
  tools: AskTools,
  name: string,
  { probe, direct }: Dependency,
  timeoutMs: number,
): Promise<Answers> {
  const { probes, faults } = tools;
  const proxy = await proxyOf(faults, name);
  if (!proxy) return { through: [], past: [] };
  const listen = reachable(proxy.listen, faults.url);
  const answers = await fewTimes(tools, () =>
    Promise.all([
      probes.ask(probe, listen, timeoutMs),
      probes.ask(probe, direct ?? proxy.upstream, timeoutMs),
    ]),
  );
  return { through: answers.map(([through]) => through), past: answers.map(([, past]) => past) };
}

async function proxyOf(faults: AskTools['faults'], name: string): Promise<ProxyState | undefined> {
  return (await faults.list()).find((proxy) => proxy.name === name);
}

/** The address at which a listener is reached: "every interface" is asked where Toxiproxy itself is. */
export function reachable(listen: string, toxiproxy: string): string {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(listen) ?? [];
  const anywhere = ['', '0.0.0.0', '[::]', '::'].includes(host);
  return anywhere ? `${new URL(toxiproxy).hostname}:${port}` : listen;
}
