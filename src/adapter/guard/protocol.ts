import type { Injection, ProxyState } from '../../chaos/ports.ts';
import type { ProcessId } from '../../provision/process.ts';

/** One line of JSON from the runner to its guard. `ack` asks for the same number back, on a line of its own. */
export type GuardLine =
  | ({ readonly kind: 'own' } & ProcessId)
  | {
      readonly kind: 'watch';
      readonly toxiproxy: string;
      readonly run: string;
      readonly proxies: readonly ProxyState[];
      readonly ack: number;
    }
  | { readonly kind: 'planned'; readonly injection: Injection; readonly ack: number }
  | { readonly kind: 'undone'; readonly injection: Injection }
  | { readonly kind: 'done' };

/** What a guard answers with as soon as it listens. */
export const readyLine = 'ready';

/** What the guard knows of its runner: a fold over the lines. */
export interface Charge {
  readonly owned: readonly ProcessId[];
  readonly watched: readonly Extract<GuardLine, { kind: 'watch' }>[];
  readonly planned: readonly Injection[];
  readonly done: boolean;
}

export const nothing: Charge = { owned: [], watched: [], planned: [], done: false };

export function take(charge: Charge, line: GuardLine): Charge {
  switch (line.kind) {
    case 'own':
      return { ...charge, owned: [...charge.owned, { pid: line.pid, startTime: line.startTime }] };
    case 'watch':
      return { ...charge, watched: [...charge.watched, line] };
    case 'planned':
      return { ...charge, planned: [...charge.planned, line.injection] };
    case 'undone':
      return { ...charge, planned: charge.planned.filter((each) => !sameFault(each, line.injection)) };
    case 'done':
      return { ...charge, done: true };
  }
}

export const sameFault = (a: Injection, b: Injection): boolean =>
  a.owner.run === b.owner.run && a.owner.n === b.owner.n;
