import type { SiagaEvent } from '../../event/envelope.ts';
import { sameValue } from '../../kernel/setting.ts';
import type { ToggleChanges } from '../recipe.ts';

type Toggles = Readonly<Record<string, string>>;

/** A change of toggles, as it is written down before it is made. */
export interface PlannedChange {
  readonly values: Toggles;
  /** What these toggles read as before. */
  readonly before: Toggles;
}

/** A toggle that is changed once more still goes back to what it was at first. */
export function withPlanned(changes: ToggleChanges, { values, before }: PlannedChange): ToggleChanges {
  const added = Object.entries(values).map(([name, value]) => {
    const known = changes[name];
    return [name, { before: known?.before ?? before[name] ?? '', set: [...(known?.set ?? []), value] }];
  });
  return { ...changes, ...Object.fromEntries(added) };
}

export const without = (changes: ToggleChanges, names: readonly string[]): ToggleChanges =>
  only(changes, (name) => !names.includes(name));

const only = (changes: ToggleChanges, keep: (name: string) => boolean): ToggleChanges =>
  Object.fromEntries(Object.entries(changes).filter(([name]) => keep(name)));

/** What is to be put back, given what the system says its toggles are. */
export interface Owed {
  readonly restore: Toggles;
  /** Neither as before nor as the run set them: somebody else's decision since, and left alone. */
  readonly others: readonly { readonly name: string; readonly got: string; readonly before: string }[];
  /** Not told by the system, with what they were before: whether they are back is unknown, and they stay owed. */
  readonly untold: Toggles;
}

export function owed(changes: ToggleChanges, read: Toggles): Owed {
  const off = Object.entries(changes).flatMap(([name, { before, set }]) => {
    const got = Object.hasOwn(read, name) ? read[name] : undefined;
    return got === undefined || sameValue(got, before)
      ? []
      : [{ name, got, before, ours: set.some((each) => sameValue(each, got)) }];
  });
  const restore = off.filter(({ ours }) => ours).map(({ name, before }) => [name, before]);
  const untold = only(changes, (name) => !Object.hasOwn(read, name));
  return {
    restore: Object.fromEntries(restore),
    untold: beforeAll(untold),
    others: off.filter(({ ours }) => !ours).map(({ name, got, before }) => ({ name, got, before })),
  };
}

export const beforeAll = (changes: ToggleChanges): Toggles =>
  Object.fromEntries(Object.entries(changes).map(([name, { before }]) => [name, before]));

/** What one run owes one system. */
export interface Debt {
  readonly run: string;
  readonly place: string;
  readonly changes: ToggleChanges;
}

interface Account extends Debt {
  /** The process that planned it. */
  readonly boot: string;
  readonly planned: ToggleChanges;
}

/** What the runs of a target have changed and not put back, the latest first; from all their toggle events in order. */
export function debtsIn(events: readonly SiagaEvent[]): readonly Debt[] {
  const accounts = new Map<string, Account>();
  for (const event of events) {
    for (const [key, account] of accounts) accounts.set(key, settle(account, event));
    if (event.type !== 'toggle.planned') continue;
    const { run, boot, data } = event;
    const key = `${run} ${data.place}`;
    const planned = withPlanned(accounts.get(key)?.planned ?? {}, data);
    accounts.set(key, { run, boot, place: data.place, planned, changes: planned });
  }
  return [...accounts.values()].filter(({ changes }) => Object.keys(changes).length > 0).toReversed();
}

/**
 * A debt is settled by a restore that read back, or by another process that read something else than what was set.
 * What is read while the runner still works says nothing: its change may be on its way.
 */
function settle(account: Account, event: SiagaEvent): Account {
  const { run, boot, planned, changes } = account;
  if (event.type === 'toggle.applied' && event.data.purpose === 'restore') {
    if (event.run !== run || !event.data.ok) return account;
    const names = Object.keys(event.data.values);
    return { ...account, planned: without(planned, names), changes: without(changes, names) };
  }
  if (event.boot === boot) return { ...account, changes: planned };
  if (event.type !== 'toggle.read') return account;
  const { restore, untold } = owed(changes, event.data.values);
  return {
    ...account,
    changes: only(changes, (name) => name in restore || name in untold),
  };
}
