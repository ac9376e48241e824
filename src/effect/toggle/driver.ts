import { SiagaError } from '../../kernel/errors.ts';
import { exit } from '../../kernel/exit.ts';
import type { Clock } from '../../kernel/ports.ts';
import type { ToggleMethod } from '../../toggle/method.ts';
import type { ToggleActuator } from '../../toggle/ports.ts';
import type { Difference, Driver, Effect, Reporter, Undone } from '../contract.ts';
import type { Recipe, ToggleChanges } from '../recipe.ts';
import { beforeAll, withPlanned } from './changes.ts';
import { differencesOf, setAndRead, wordsOf } from './set.ts';
import type { SetAndRead } from './set.ts';

type Toggles = Readonly<Record<string, string>>;

export interface ToggleSpec {
  readonly values: Toggles;
  /** What the toggles read as now. */
  readonly found: Toggles;
  /** What was changed before and is not undone: it is undone with this change, by one setting. */
  readonly earlier: ToggleChanges;
  readonly purpose: 'prepare' | 'contain';
}

export interface ToggleEffect extends Effect {
  /** What its undo undoes: these toggles and the earlier ones. */
  readonly changes: ToggleChanges;
}

/** Toggles of a system, which it tells and which are set the way the runbook says. */
export interface ToggleDriver extends Driver<ToggleSpec>, Pick<ToggleActuator, 'via' | 'place' | 'read'> {
  prepare(spec: ToggleSpec): Promise<ToggleEffect>;
}

export interface ToggleDriverOptions {
  readonly actuator: ToggleActuator;
  readonly clock: Clock;
  /** The runbook's values. */
  readonly normal: Toggles;
  /** How the guard sets them too. Absent: what is set ends with this process. */
  readonly method?: ToggleMethod;
}

export function toggleDriver(options: ToggleDriverOptions): ToggleDriver {
  const { via, place, read } = options.actuator;
  return { via, place, read, prepare: async (spec) => toggled(options, spec) };
}

function toggled(options: ToggleDriverOptions, spec: ToggleSpec): ToggleEffect {
  const { actuator, normal, method } = options;
  const { values, purpose, earlier } = spec;
  const changes = withPlanned(earlier, { values, before: { ...normal, ...spec.found } });
  const set = (reporter: Reporter, wanted: Toggles, as: 'prepare' | 'contain' | 'restore') =>
    setAndRead({ ...options, write: reporter.write, processes: reporter }, wanted, { purpose: as });
  return {
    changes,
    ...(method && {
      recipe: togglesRecipe(method, normal, changes),
      waitMs: method.timeoutMs,
    }),
    async inject(reporter) {
      const left = differences(await set(reporter, values, purpose), values);
      if (left.length > 0) throw notSet(purpose, left);
      return { ...values };
    },
    async confirm() {
      const left = differencesOf(await actuator.read(), values);
      if (left.length === 0) return { state: 'as-set' };
      return { state: 'differs', got: pairs(left, 'got'), allowed: pairs(left, 'wanted') };
    },
    async undo(reporter) {
      // It is this run's system while it holds the lease: what it changed goes back, whatever it reads as.
      const wanted = beforeAll(changes);
      return undoneBy(differences(await set(reporter, wanted, 'restore'), wanted));
    },
  };
}

function undoneBy(left: readonly Difference[]): Undone {
  if (left.length === 0) return { done: true, step: 'undone' };
  return { done: false, why: 'left', tried: [wordsOf(left)], left };
}

/** A system that does not tell all its toggles is not believed about any. */
function differences({ read, whole, reason }: SetAndRead, wanted: Toggles): readonly Difference[] {
  if (read && whole) return differencesOf(read, wanted);
  const got = reason ?? 'unreadable';
  return Object.entries(wanted).map(([name, value]) => ({ name, got, wanted: value }));
}

const pairs = (left: readonly Difference[], which: 'got' | 'wanted'): string =>
  left.map((each) => `${each.name}=${each[which]}`).join(', ');

/** How a guard, or whoever comes later, undoes them. */
export const togglesRecipe = (method: ToggleMethod, normal: Toggles, changes: ToggleChanges): Recipe => ({
  replay: 'toggles',
  method,
  normal,
  changes,
  secrets: secretsOf(method),
});

const secretsOf = ({ read: { bearer }, change }: ToggleMethod): readonly string[] => [
  ...(bearer === undefined ? [] : [bearer]),
  ...(change.kind === 'command' ? change.secrets : []),
];

function notSet(purpose: ToggleSpec['purpose'], left: readonly Difference[]): SiagaError {
  return new SiagaError('toggles-not-set', {
    what: `toggles to ${purpose} did not take: ${wordsOf(left)}`,
    exitCode: exit.inconclusive,
  });
}
