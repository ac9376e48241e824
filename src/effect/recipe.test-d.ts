import { expectTypeOf, test } from 'vitest';
import type { Json } from '../kernel/json.ts';
import type { Recipe } from './recipe.ts';

// An interface is assignable to no index signature, a type with the same members is.
type Plain<T> = T extends Json ? T : { [K in keyof T]: Plain<T[K]> };

test('an undo is plain data, whatever replays it', () => {
  expectTypeOf<Plain<Recipe>>().toExtend<Json>();
});
