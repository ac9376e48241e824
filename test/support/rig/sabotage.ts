import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Rule } from './interceptor.ts';
import { setUpRig } from './rig.ts';
import type { Rig } from './rig.ts';
import { experimentIn } from './siaga.ts';

/** An expectation that does not hold, as its experiment tells it. */
interface Broken {
  readonly id: string;
  readonly path: string;
  readonly got: unknown;
  readonly allowed: string;
}

/** One thing that is wrong with the system, and all that an experiment is to find of it. */
export interface Sabotage {
  readonly what: string;
  readonly experiment: string;
  commit(rig: Rig): Promise<AsyncDisposable> | AsyncDisposable;
  readonly ending: readonly [exitCode: number, verdict: string];
  readonly broken: readonly Broken[];
}

const nothing: AsyncDisposable = { [Symbol.asyncDispose]: () => Promise.resolve() };

/** Nothing is wrong: the same experiment holds. */
export const unsabotaged = (experiment: string): Sabotage => ({
  what: 'nothing: the unsabotaged twin',
  experiment,
  commit: () => nothing,
  ending: [0, 'held'],
  broken: [],
});

export const both = (one: AsyncDisposable, other: Disposable): AsyncDisposable => ({
  async [Symbol.asyncDispose]() {
    other[Symbol.dispose]();
    await one[Symbol.asyncDispose]();
  },
});

export const lie = (rig: Rig, rule: Rule): AsyncDisposable => both(nothing, rig.interceptor.use(rule));

/** Nobody waits the whole of the runbook's forty minutes for what never comes. */
export const impatient = (rig: Rig): Disposable =>
  rig.checkout.patch('runbook.ts', "deadline: '40m'", "deadline: '12m'");

/** A group's sabotages, one after the other on a system of its own. */
export function failsExactly(
  sabotages: readonly Sabotage[],
  prepare: (rig: Rig) => void = () => undefined,
): void {
  let rig: Rig;
  beforeAll(async () => {
    rig = await setUpRig({ recoversSoon: true });
    prepare(rig);
  });
  afterAll(() => rig[Symbol.asyncDispose]());
  beforeEach(() => rig.forget());

  it.each(sabotages)('$what ($experiment)', async ({ experiment, commit, ending, broken }) => {
    await using _sabotage = await commit(rig);
    const envelope = await rig.run(['chaos', 'run', experiment]);
    await rig.expectClean();
    const { expectations, verdict, reasons } = experimentIn(envelope);
    const found = expectations.filter(({ outcome }) => outcome === 'broken');
    const told = found.map(({ id, path, got, allowed }) => ({ id, path, got, allowed }));
    expect(told, reasons.join('; ')).toEqual(broken);
    expect([envelope.exitCode, verdict]).toEqual(ending);
    for (const { got } of found) expect(reasons.join('\n')).toContain(got);
  });
}
