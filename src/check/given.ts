import type { Violation } from '../kernel/outcome.ts';
import { show } from './text.ts';

/** That a function of the project gave something of no use, from this answer. */
export const notAValue = (path: string, rule: string, given: unknown, allowed: string): Violation => ({
  path,
  rule,
  got: showGiven(given),
  allowed,
});

/** A promise that nobody waits for must not end the process when it rejects. */
export function settle(given: unknown): void {
  for (const each of Array.isArray(given) ? given : [given]) {
    if (isPromise(each)) Promise.resolve(each).catch(() => undefined);
  }
}

export const isPromise = (given: unknown): boolean => given instanceof Promise;

/** A text in quotes, `900n`, `a Promise`, `{"a":1}`. */
function showGiven(given: unknown): string {
  if (given === undefined) return 'undefined';
  if (typeof given === 'bigint') return `${given}n`;
  const kind = Object.prototype.toString.call(given).slice(8, -1);
  if (Array.isArray(given)) return `[${given.map(showGiven).join(', ')}]`;
  return typeof given === 'object' && given !== null && kind !== 'Object' ? `a ${kind}` : show(given);
}
