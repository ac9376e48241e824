import type { CheckFinished } from '../event/catalogue.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Violation } from '../kernel/outcome.ts';
import type { AnyCheck, Answer } from './definition.ts';
import { type Feed, feedsOf, type SampleType } from './feed.ts';
import { notAValue } from './text.ts';
import { settle, readsTime } from './read-trace.ts';

type States = CheckFinished['states'];

export interface Derived {
  readonly feeds: readonly Feed[];
  readonly states: States;
  /** States that the check declares and the answer did not tell. */
  readonly unreported: readonly string[];
  readonly violations: readonly Violation[];
}

export const derivedNothing: Derived = { feeds: [], states: {}, unreported: [], violations: [] };

/**
 * Samples and states as the definition computes them from answers, or says for the lack of any. What a function of the
 * project gives is not trusted: what is of no use is a violation of the check, by name.
 * @param isLate a share that is computed from the time of an answer is left out
 */
export function derive(
  check: AnyCheck,
  answers: readonly Answer<unknown>[],
  types: Readonly<Record<string, SampleType>>,
  isLate: boolean,
): Derived {
  const { samples = {}, states = {} } = check;
  const newest = answers.at(-1);
  if (newest === undefined) return unansweredBy(check, types);
  const found = answers.flatMap((answer) =>
    Object.entries(samples)
      .filter(([, how]) => !isLate || !readsTime(how, answer))
      .map(([name, how]) =>
        attempt(`samples.${name}`, how, answer, (given) => feedsOf(name, given, types[name])),
      ),
  );
  const reported = Object.entries(states).map(([name, how]) => ({
    name,
    value: attempt(`states.${name}`, how, newest, (given) => stateOf(`states.${name}`, given)),
  }));
  return gather(found, reported);
}

function unansweredBy({ unanswered = {} }: AnyCheck, types: Readonly<Record<string, SampleType>>): Derived {
  const { samples = {}, states = {} } = unanswered;
  const found = Object.entries(samples).map(([name, given]) =>
    feedsOf(name, given, types[name], `unanswered.samples.${name}`),
  );
  const reported = Object.entries(states).map(([name, given]) => ({
    name,
    value: stateOf(`unanswered.states.${name}`, given),
  }));
  return { ...gather(found, reported), unreported: [] };
}

type State = States[string];

interface NamedState {
  readonly name: string;
  readonly value: State | undefined | Violation;
}

function gather(found: readonly (readonly Feed[] | Violation)[], reported: readonly NamedState[]): Derived {
  const values = [...found, ...reported.map(({ value }) => value)];
  return {
    feeds: found.flatMap((each) => (isViolation(each) ? [] : each)),
    states: Object.fromEntries(
      reported.flatMap(({ name, value }) =>
        value === undefined || isViolation(value) ? [] : [[name, value]],
      ),
    ),
    unreported: reported.flatMap(({ name, value }) => (value === undefined ? [name] : [])),
    violations: values.filter(isViolation),
  };
}

const isViolation = (value: unknown): value is Violation =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function attempt<T>(
  path: string,
  how: (answer: Answer<never>) => unknown,
  answer: Answer<unknown>,
  use: (given: unknown) => T,
): T | Violation {
  try {
    return use(how(answer as Answer<never>));
  } catch (error) {
    return { path, rule: 'it can be computed', got: messageOf(error), allowed: 'a value' };
  }
}

function stateOf(path: string, given: unknown): State | undefined | Violation {
  if (given === undefined || typeof given === 'boolean' || typeof given === 'string') return given;
  if (Number.isFinite(given)) return given as number;
  settle(given);
  return notAValue(path, 'it is a state', given, 'a text, a finite number, true or false');
}
