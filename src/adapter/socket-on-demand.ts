import type { SocketProbe } from '../check/ports.ts';

/** WebSockets, whose library is read with the first of them: most projects have none. */
export function socketProbeOnDemand(): SocketProbe {
  let opened: Promise<SocketProbe> | undefined;
  const open = () => (opened ??= import('./websocket.ts').then((module) => module.createSocketProbe()));
  return {
    converse: async (request, signal) => (await open()).converse(request, signal),
    close: () => void opened?.then((probe) => probe.close()),
  };
}
