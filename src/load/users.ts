import type { Point } from './point.ts';

/** Who runs the iterations of one scenario, and what became of them. */
export interface ScenarioUsers {
  readonly scenario: string;
  /** Virtual users that began an iteration. */
  readonly users: number;
  /** Of them, those that never finished one. */
  readonly never: number;
  readonly begun: number;
  /** Begun and not finished when k6 ended. */
  readonly unfinished: number;
  /** Of the unfinished, those that took longer than any answer may and than every iteration that was finished. */
  readonly hanging: number;
  /** Users that hang and never finished one. */
  readonly hangingNever: number;
  /** How long all iterations took together, those that are open until now, ms. */
  readonly busyMs: number;
}

interface Scenario {
  readonly users: Set<string>;
  readonly finished: Set<string>;
  /** When the iteration that a user is in began. */
  readonly open: Map<string, number>;
  begun: number;
  longestMs: number;
  finishedMs: number;
}

/** Pairs the beginnings of iterations with their ends: k6 says nothing of an iteration that never ends. */
export class Users {
  readonly #scenarios = new Map<string, Scenario>();

  begin({ tags, at, user = '' }: Point): void {
    const scenario = this.#of(tags['scenario'] ?? '');
    scenario.begun++;
    scenario.users.add(user);
    scenario.open.set(user, at);
  }

  end({ tags, value, user = '' }: Point): void {
    const scenario = this.#of(tags['scenario'] ?? '');
    scenario.open.delete(user);
    scenario.finished.add(user);
    scenario.longestMs = Math.max(scenario.longestMs, value);
    scenario.finishedMs += value;
  }

  /** What is known at `at`, the end of the run, UTC ms. */
  scenarios(at: number, timeoutMs: number): readonly ScenarioUsers[] {
    return [...this.#scenarios].map(([scenario, { users, finished, open, begun, longestMs, finishedMs }]) => {
      const hanging = [...open].filter(([, since]) => at - since > Math.max(timeoutMs, longestMs));
      return {
        scenario,
        users: users.size,
        never: [...users].filter((user) => !finished.has(user)).length,
        begun,
        unfinished: open.size,
        hanging: hanging.length,
        hangingNever: hanging.filter(([user]) => !finished.has(user)).length,
        busyMs: [...open.values()].reduce((sum, since) => sum + Math.max(0, at - since), finishedMs),
      };
    });
  }

  #of(name: string): Scenario {
    const known = this.#scenarios.get(name);
    if (known !== undefined) return known;
    const scenario = {
      users: new Set<string>(),
      finished: new Set<string>(),
      open: new Map(),
      begun: 0,
      longestMs: 0,
      finishedMs: 0,
    };
    this.#scenarios.set(name, scenario);
    return scenario;
  }
}
