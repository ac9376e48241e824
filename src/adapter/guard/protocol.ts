import type { Injection, ProxyState } from '../../chaos/ports.ts';
import { noChanges, without, withPlanned } from '../../chaos/toggle-ledger.ts';
import type { Changes, PlannedChange } from '../../chaos/toggle-ledger.ts';
import type { Pending } from '../../effect/recipe.ts';
import type { ToggleWay } from '../../toggle/way.ts';
import type { ProcessId } from '../../tools/process.ts';

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
  | { readonly kind: 'recreating'; readonly proxy: ProxyState; readonly ack: number }
  | { readonly kind: 'undone'; readonly injection: Injection }
  | { readonly kind: 'pending'; readonly pending: Pending; readonly ack: number }
  | { readonly kind: 'settled'; readonly pending: Pending }
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
  readonly watched: readonly Watch[];
  readonly planned: readonly Injection[];
  /** To be undone by their recipes. */
  readonly pending: readonly Pending[];
  /** Proxies that the runner was about to delete and create again, and had not yet. */
  readonly deleted: readonly ProxyState[];
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
  pending: [],
  deleted: [],
  toggles: { normal: {}, changes: noChanges, awaited: [] },
  done: false,
};

export function take(charge: Charge, line: GuardLine): Charge {
  switch (line.kind) {
    case 'own':
      return { ...charge, owned: [...charge.owned, { pid: line.pid, startTime: line.startTime }] };
    case 'watch':
      return { ...charge, watched: [...charge.watched.filter((each) => !sameServer(each, line)), line] };
    case 'planned':
      return { ...charge, planned: [...charge.planned, line.injection] };
    case 'pending':
      return { ...charge, pending: [...charge.pending, line.pending] };
    case 'settled':
      return { ...charge, pending: charge.pending.filter((each) => !samePending(each, line.pending)) };
    case 'recreating':
      return { ...charge, deleted: [...charge.deleted, line.proxy] };
    case 'undone':
      return {
        ...charge,
        planned: charge.planned.filter((each) => !sameFault(each, line.injection)),
        deleted: charge.deleted.filter(({ name }) => name !== line.injection.proxy),
      };
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

type Watch = Extract<GuardLine, { kind: 'watch' }>;

// Each experiment of a run says it anew.
const sameServer = (a: Watch, b: Watch): boolean => a.toxiproxy === b.toxiproxy && a.run === b.run;

const samePending = (a: Pending, b: Pending): boolean => a.run === b.run && a.fault === b.fault;

export const sameFault = (a: Injection, b: Injection): boolean =>
  a.owner.run === b.owner.run && a.owner.n === b.owner.n;
