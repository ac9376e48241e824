import type { Direction } from '../analytics/smc.ts';

/** What a user screens for. What is left out does not filter. */
export interface Criteria {
  readonly pairs?: readonly string[];
  readonly minChangePercent?: number;
  readonly maxChangePercent?: number;
  readonly minVolume?: number;
  readonly cvd?: 'positive' | 'negative';
  readonly trend?: Direction;
  readonly limit?: number;
}

/** The same as JSON Schema. A name that does not stand here is refused: a misspelt filter must not pass for one. */
export const criteriaSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    pairs: { type: 'array', maxItems: 50, items: { type: 'string', maxLength: 32 } },
    minChangePercent: { type: 'number' },
    maxChangePercent: { type: 'number' },
    minVolume: { type: 'number', minimum: 0 },
    cvd: { enum: ['positive', 'negative'] },
    trend: { enum: ['bullish', 'bearish'] },
    limit: { type: 'integer', minimum: 1, maximum: 100 },
  },
} as const;

/** What was computed for one pair. */
export interface Screened {
  readonly pair: string;
  readonly price: number;
  readonly changePercent: number;
  readonly volume: number;
  readonly cvd: number;
  readonly trend: Direction | 'undecided';
}

export function matches(criteria: Criteria, screened: Screened): boolean {
  const { minChangePercent = -Infinity, maxChangePercent = Infinity, minVolume = 0, cvd, trend } = criteria;
  if (screened.changePercent < minChangePercent || screened.changePercent > maxChangePercent) return false;
  if (screened.volume < minVolume) return false;
  if (cvd !== undefined && (cvd === 'positive') !== screened.cvd > 0) return false;
  return trend === undefined || trend === screened.trend;
}
