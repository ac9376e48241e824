import type { Toggles } from '../toggles.ts';
import type { Source } from './types.ts';

/** What is known of the sources at one moment. */
export interface SourceFacts {
  readonly coinapi: boolean;
  readonly okx: boolean;
}

export type Standing =
  | { readonly kind: 'serving'; readonly source: Source }
  | { readonly kind: 'unavailable' };

/** The sources that may serve, best first. */
export function allowedSources(toggles: Toggles): readonly Source[] {
  const fallback: readonly Source[] = toggles.fallbackProvider === 'okx' ? ['okx', 'cache'] : ['cache'];
  if (!toggles.coinapiEnabled) return fallback;
  return toggles.fallbackEnabled ? ['coinapi', ...fallback] : ['coinapi'];
}

/** The first allowed source that is usable. The cache counts as usable: whether it holds something shows on reading. */
export function chooseSource(toggles: Toggles, facts: SourceFacts): Standing {
  const source = allowedSources(toggles).find((one) => one === 'cache' || facts[one]);
  return source === undefined ? { kind: 'unavailable' } : { kind: 'serving', source };
}

export function isDegraded(toggles: Toggles, source: Source): boolean {
  return toggles.degradedMode || source !== 'coinapi';
}
