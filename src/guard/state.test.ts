import { expect, test } from 'vitest';
import type { Pending } from '../effect/recipe.ts';
import { togglesRecipe } from '../effect/toggle/driver.ts';
import { nothing, secretsOf, take } from './state.ts';
import type { GuardLine } from './state.ts';

const fault = (id: string, more: { readonly url?: string } = {}): Pending => ({
  id,
  order: 'first',
  recipe: { replay: 'toxiproxy', url: more.url ?? 'http://t', proxy: 'web', toxics: ['x'] },
});
const method = {
  via: 'command',
  read: { url: 'http://a/toggles', bearer: 'token' },
  change: { kind: 'command', command: ['set'], cwd: '/', secrets: ['key'] },
  timeoutMs: 1,
} as const;
const toggles: Pending = {
  id: 'toggles',
  order: 'then',
  recipe: togglesRecipe(method, {}, { A: { before: 'on', set: ['off'] } }),
};
const lease: Pending = {
  id: 'lease',
  order: 'last',
  recipe: { replay: 'toxiproxy-lease', url: 'http://t', run: 'r', known: [] },
};
const pending = (one: Pending): GuardLine => ({ kind: 'pending', pending: one, ack: 1 });

test.each<[string, readonly GuardLine[], readonly string[]]>([
  ['what is about to be changed', [pending(lease), pending(fault('f'))], ['lease', 'f']],
  ['nothing once it is settled', [pending(fault('f')), { kind: 'settled', id: 'f' }], []],
  [
    'only what else there is',
    [pending(fault('f')), pending(fault('g')), { kind: 'settled', id: 'f' }],
    ['g'],
  ],
])('the guard undoes %s', (_, lines, ids) => {
  expect(lines.reduce(take, nothing).pending.map(({ id }) => id)).toEqual(ids);
});

test('what is told of a change once more takes the place of what was told first', () => {
  const lines = [pending(fault('f')), pending(lease), pending(fault('f', { url: 'http://other' }))];
  expect(lines.reduce(take, nothing).pending).toEqual([fault('f', { url: 'http://other' }), lease]);
});

test('what the recipes hold that nobody may read is known', () => {
  expect(secretsOf([fault('f'), toggles])).toEqual(['token', 'key']);
});
