import { sameValue } from '../../kernel/setting.ts';
import type { ToggleChanges, ValuesUndone } from '../recipe.ts';

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

export const only = (changes: ToggleChanges, keep: (name: string) => boolean): ToggleChanges =>
  Object.fromEntries(Object.entries(changes).filter(([name]) => keep(name)));

/** What these toggles were before. */
export const beforeAll = (changes: ToggleChanges): Toggles =>
  Object.fromEntries(Object.entries(changes).map(([name, { before }]) => [name, before]));

/** What is still to be undone, given what the system says its toggles are. */
interface StillChanged {
  /** Reads as it was set, with what it was before. */
  readonly ours: Toggles;
  /** Neither as before nor as it was set: somebody else's decision since, and left alone. */
  readonly others: ValuesUndone['others'];
  /** Not told by the system, with what it was before: whether it is undone is unknown, and it stays pending. */
  readonly untold: Toggles;
}

export function stillChanged(changes: ToggleChanges, read: Toggles): StillChanged {
  const told = Object.entries(changes).flatMap(([name, { before, set }]) => {
    const got = Object.hasOwn(read, name) ? read[name] : undefined;
    return got === undefined || sameValue(got, before)
      ? []
      : [{ name, got, before, isOurs: set.some((each) => sameValue(each, got)) }];
  });
  const ours = told.filter(({ isOurs }) => isOurs).map(({ name, before }) => [name, before]);
  return {
    ours: Object.fromEntries(ours),
    others: told.filter(({ isOurs }) => !isOurs).map(({ name, got, before }) => ({ name, got, before })),
    untold: beforeAll(only(changes, (name) => !Object.hasOwn(read, name))),
  };
}
