import type { SampleValue } from './definition.ts';

/** One sample on its way into a signal. */
export type Feed =
  | { readonly signal: string; readonly kind: 'value'; readonly value: number }
  | { readonly signal: string; readonly kind: 'ratio'; readonly bad: boolean }
  /** Our own request budget ran out: no traffic and no error. */
  | { readonly signal: string; readonly kind: 'throttled' };

/** The samples a value stands for: numbers feed values, a boolean feeds a ratio, `true` being good. */
export function feedsOf(signal: string, value: SampleValue | undefined): Feed[] {
  if (value === undefined) return [];
  if (typeof value === 'boolean') return [{ signal, kind: 'ratio', bad: !value }];
  const values = typeof value === 'number' ? [value] : value;
  return values.filter(Number.isFinite).map((one) => ({ signal, kind: 'value', value: one }));
}
