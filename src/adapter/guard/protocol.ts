import type { Injection, ProxyState } from '../../chaos/ports.ts';
import { noChanges, without, withPlanned } from '../../chaos/toggle-ledger.ts';
import type { Changes, PlannedChange } from '../../chaos/toggle-ledger.ts';
import type { ToggleWay } from '../../toggle/way.ts';
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
  | {
      readonly kind: 'actuate';
      readonly way: ToggleWay;
      readonly normal: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'changing'; readonly change: PlannedChange; readonly ack: number }
  | ({ readonly kind: 'awaits' } & ProcessId)
  | { readonly kind: 'restored'; readonly names: readonly string[] }
  /** The runner ends by itself. What it could not put back of the toggles is a person's: only faults are still undone. */
  | { readonly kind: 'ending' }
  | { readonly kind: 'done' };

/** What a guard answers with as soon as it listens. */
export const readyLine = 'ready';

/** What the guard knows of its runner: a fold over the lines. */
export interface Charge {
  readonly owned: readonly ProcessId[];
  readonly watched: readonly Extract<GuardLine, { kind: 'watch' }>[];
  readonly planned: readonly Injection[];
  readonly toggles: TogglesCharge;
  readonly done: boolean;
}

export interface TogglesCharge {
  readonly way?: ToggleWay;
  readonly normal: Readonly<Record<string, string>>;
  readonly changes: Changes;
  /** Processes that may still be changing toggles. */
  readonly awaited: readonly ProcessId[];
}

export const nothing: Charge = {
  owned: [],
  watched: [],
  planned: [],
  toggles: { normal: {}, changes: noChanges, awaited: [] },
  done: false,
};

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
    default:
      return { ...charge, toggles: takeToggles(charge.toggles, line) };
  }
}

type ToggleLine = Extract<GuardLine, { kind: 'actuate' | 'changing' | 'awaits' | 'restored' | 'ending' }>;

function takeToggles(toggles: TogglesCharge, line: ToggleLine): TogglesCharge {
  switch (line.kind) {
    case 'actuate':
      return { ...toggles, way: line.way, normal: line.normal };
    case 'changing':
      return { ...toggles, changes: withPlanned(toggles.changes, line.change) };
    case 'awaits':
      return { ...toggles, awaited: [...toggles.awaited, { pid: line.pid, startTime: line.startTime }] };
    case 'restored':
      return { ...toggles, changes: without(toggles.changes, line.names) };
    case 'ending':
      return { ...toggles, changes: noChanges };
  }
}

export const sameFault = (a: Injection, b: Injection): boolean =>
  a.owner.run === b.owner.run && a.owner.n === b.owner.n;
