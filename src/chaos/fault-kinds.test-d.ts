import { expectTypeOf, test } from 'vitest';
import type { FaultTable } from './fault-kinds.ts';

type Two = { readonly kind: 'a'; readonly delay: number } | { readonly kind: 'b' };
type Entries = FaultTable<Two>;

test('a kind of fault without its entry does not compile, nor one without all of its decisions', () => {
  expectTypeOf<Entries>().toExtend<FaultTable<Two>>();
  expectTypeOf<Omit<Entries, 'b'>>().not.toExtend<FaultTable<Two>>();
  expectTypeOf<{ a: Omit<Entries['a'], 'due'>; b: Entries['b'] }>().not.toExtend<FaultTable<Two>>();
});

test('an attribute without a rule does not compile', () => {
  expectTypeOf<keyof Entries['a']['attributes']>().toEqualTypeOf<'delay'>();
  expectTypeOf<{ a: Entries['b']; b: Entries['b'] }>().not.toExtend<FaultTable<Two>>();
});
