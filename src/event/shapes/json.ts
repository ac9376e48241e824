import type { Json } from '../../kernel/json.ts';
import type { Shape } from './shape.ts';

const deepest = 64;

/** Any JSON that can be walked: at most 64 levels deep. */
export const json: Shape<Json> = {
  schema: {},
  fault: (got) =>
    got !== undefined && isShallow(got, deepest)
      ? undefined
      : { path: [], got, allowed: `JSON of at most ${deepest} levels` },
};

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((item) => isShallow(item, levels - 1));
}
