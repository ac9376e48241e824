/** Who measured: our checks, k6's raw points, the system's own metrics, or a source that the project defines itself. */
export type SampleSource = 'probe' | 'load' | 'server' | 'own';

/**
 * The samples of one signal and label set within `[from, to)`. A batch never crosses a bucket's edge.
 * `values` feed percentiles, maxima and gauges (one without bounds is written as ±`Number.MAX_VALUE`); a `ratio` counts good and bad; a `histogram` is the increase of
 * a server's histogram (upper bounds in the signal's unit, `Infinity` as the last one written as null);
 * a `counter` is an increase.
 */
export interface SampleBatch {
  readonly signal: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly source: SampleSource;
  readonly from: number;
  readonly to: number;
  readonly data: SampleData;
}

export type SampleData =
  | { readonly kind: 'values'; readonly values: readonly number[] }
  | { readonly kind: 'ratio'; readonly total: number; readonly bad: number; readonly throttled: number }
  | {
      readonly kind: 'histogram';
      readonly le: readonly (number | null)[];
      readonly counts: readonly number[];
    }
  | { readonly kind: 'counter'; readonly increase: number };
