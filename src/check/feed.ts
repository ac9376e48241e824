import type { RequestRole } from '../event/specs.ts';
import type { Violation } from '../kernel/outcome.ts';
import { notAValue } from './text.ts';
import { settle } from './read-trace.ts';

/** One sample on its way into a signal: one that the check names, or the one that has this role. */
export type Feed = (
  | { readonly signal: string; readonly role?: never }
  | { readonly role: RequestRole; readonly signal?: never }
) &
  (
    | { readonly kind: 'value'; readonly value: number }
    | { readonly kind: 'ratio'; readonly bad: boolean }
    /** Our own request budget ran out: no traffic and no error. */
    | { readonly kind: 'throttled' }
  );

/** What the samples of a signal must be, by the statistic and the unit that it is judged in. */
export type SampleType = 'flags' | 'durations' | 'numbers';

const allowed: Readonly<Record<SampleType | 'any', string>> = {
  flags: 'true or false',
  durations: 'a finite number of milliseconds, 0 or more, or a list of them',
  numbers: 'a finite number, or a list of them',
  any: 'a finite number, a list of them, true or false',
};

/**
 * The samples that a value stands for, whatever a function of the project gave: numbers feed values, a boolean feeds a
 * ratio, `true` being good, and `undefined` feeds nothing. Anything else is a violation.
 */
export function feedsOf(
  signal: string,
  given: unknown,
  type: SampleType | undefined,
  path = `samples.${signal}`,
): readonly Feed[] | Violation {
  if (given === undefined) return [];
  if (typeof given === 'boolean' && (type ?? 'flags') === 'flags')
    return [{ signal, kind: 'ratio', bad: !given }];
  const values: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (type !== 'flags' && values.every((value) => isFigure(value, type)))
    return values.map((value) => ({ signal, kind: 'value', value }));
  settle(given);
  return notAValue(path, 'it is a sample of its signal', given, allowed[type ?? 'any']);
}

const isFigure = (value: unknown, type: SampleType | undefined): value is number =>
  Number.isFinite(value) && (type !== 'durations' || (value as number) >= 0);
