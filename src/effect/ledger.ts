import type { Draft, EventOf, SiagaEvent } from '../event/envelope.ts';
import type { FaultPlanned } from '../event/fault.ts';
import { sameValue } from '../kernel/setting.ts';
import type { Pending, Settled, ToggleChanges, Undoer } from './recipe.ts';
import { only, stillChanged, withPlanned } from './toggle/changes.ts';

/**
 * How far a change has come: written down and perhaps made · made · seen in the system · undone, or gone by itself ·
 * not to be undone so far.
 */
export type ChangeState = 'planned' | 'applied' | 'confirmed' | 'undone' | 'stuck';

/** What one run changed, as it was written down. */
export type LedgerEntry = { readonly run: string; readonly state: ChangeState } & (
  | { readonly kind: 'fault'; readonly planned: FaultPlanned }
  /** Of one system: what is not undone of its toggles. */
  | { readonly kind: 'toggles'; readonly place: string; readonly changes: ToggleChanges }
);
export type FaultEntry = Extract<LedgerEntry, { kind: 'fault' }>;
export type TogglesEntry = Extract<LedgerEntry, { kind: 'toggles' }>;

/** What is not undone in the events of a target, of any run, in order; the latest first. */
export const pendingChanges = (events: readonly SiagaEvent[]): readonly LedgerEntry[] =>
  foldLedger(events)
    .filter(({ state }) => state !== 'undone')
    .toReversed();

/** Every change in the events of a target: faults, then toggles, each in the order in which they were first planned. */
export function foldLedger(events: readonly SiagaEvent[]): readonly LedgerEntry[] {
  const faults = new Map<string, FaultEntry>();
  const toggles = new Map<string, TogglesAccount>();
  for (const event of events) {
    foldFault(faults, event);
    foldToggles(toggles, event);
  }
  return [...faults.values(), ...[...toggles.values()].map(entryOf)];
}

function foldFault(faults: Map<string, FaultEntry>, { type, run, data }: SiagaEvent): void {
  if (!('fault' in data)) return;
  const key = `${run} ${data.fault}`;
  const entry = faults.get(key);
  const to = (state: ChangeState) => entry && faults.set(key, { ...entry, state });
  if (type === 'fault.planned') faults.set(key, { kind: 'fault', run, state: 'planned', planned: data });
  if (type === 'fault.injected') to('applied');
  if (type === 'fault.proof' && data.proven) to('confirmed');
  if (type === 'fault.removed') to('undone');
  if (type === 'fault.stuck') to('stuck');
}

function foldToggles(toggles: Map<string, TogglesAccount>, event: SiagaEvent): void {
  for (const [key, account] of toggles) toggles.set(key, togglesAfter(account, event));
  if (event.type !== 'toggle.planned') return;
  const { run, boot, data } = event;
  const { place } = data;
  const key = `${run} ${place}`;
  const planned = withPlanned(toggles.get(key)?.planned ?? {}, data);
  toggles.set(key, { kind: 'toggles', run, boot, place, state: 'planned', planned, changes: planned });
}

interface TogglesAccount extends TogglesEntry {
  readonly state: Exclude<ChangeState, 'undone'>;
  /** The process that planned it. */
  readonly boot: string;
  /** What the run itself has not undone, whatever others read. */
  readonly planned: ToggleChanges;
}

function entryOf({ kind, run, place, changes, state }: TogglesAccount): TogglesEntry {
  return { kind, run, place, changes, state: Object.keys(changes).length === 0 ? 'undone' : state };
}

function togglesAfter(account: TogglesAccount, event: SiagaEvent): TogglesAccount {
  if (event.type === 'toggle.applied' && event.run === account.run) return appliedTo(account, event);
  // What is read while the runner still works says nothing of an undo: its change may be on its way.
  if (event.boot === account.boot) return { ...seenIn(account, event), changes: account.planned };
  if (event.type !== 'toggle.read') return account;
  // Another process read something else than what was set: it is undone, or somebody has decided otherwise since.
  const { ours, untold } = stillChanged(account.changes, event.data.values);
  return { ...account, changes: only(account.changes, (name) => name in ours || name in untold) };
}

function appliedTo(account: TogglesAccount, { data }: EventOf<'toggle.applied'>): TogglesAccount {
  const { purpose, ok, values } = data;
  if (purpose !== 'restore')
    return { ...account, ...(ok && { state: 'applied' as const }), changes: account.planned };
  if (!ok) return { ...account, state: 'stuck' };
  const left = (changes: ToggleChanges) => only(changes, (name) => !(name in values));
  return { ...account, planned: left(account.planned), changes: left(account.changes) };
}

function seenIn(account: TogglesAccount, event: SiagaEvent): TogglesAccount {
  if (event.type !== 'toggle.read' || account.state !== 'applied') return account;
  const { values } = event.data;
  const isSeen = Object.entries(account.planned).every(([name, { set }]) =>
    sameValue(values[name] ?? '', set.at(-1) ?? ''),
  );
  return isSeen ? { ...account, state: 'confirmed' } : account;
}

/** The end of a change in the ledger of its run. */
export function draftsOf({ fault }: Pick<Pending, 'fault'>, end: Settled, by: Undoer): readonly Draft[] {
  const happened = end.events ?? [];
  if (fault === undefined || end.outcome === 'others') return happened;
  if (end.outcome === 'stuck')
    return [...happened, { type: 'fault.stuck', data: { ...fault, tried: end.tried } }];
  // One that was never made has its end in the ledger too.
  const rung = end.outcome === 'undone' ? end.step : end.outcome;
  return [...happened, { type: 'fault.removed', data: { ...fault, by, rung } }];
}
