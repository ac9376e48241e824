/** A share with its sign, as in `'2%'`. */
export type Percent = `${number}%`;

const pattern = /^(\d+(?:\.\d+)?)%$/;

/** The ratio (0…1) of a percentage; `undefined` where the text is not one. */
export function parsePercent(text: string): number | undefined {
  const [, amount] = pattern.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) / 100;
}

/** A ratio as a percentage with at most two decimals: `0.028` is `2.8%`. */
export function formatRatio(ratio: number): string {
  return `${Number((ratio * 100).toFixed(2))}%`;
}

/** At most two decimals. */
export function round(value: number): string {
  return Number(value.toFixed(2)).toString();
}
