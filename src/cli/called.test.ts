import { expect, test } from 'vitest';
import { calledAs } from './program.ts';

test.each([
  ['in a checkout', '/home/a/siaga/src/main.ts', '/home/a/siaga', 'npm run -s siaga --'],
  [
    'a checkout from elsewhere',
    '/home/a/siaga/src/main.ts',
    '/home/a/shop',
    'node /home/a/siaga/bin/siaga.js',
  ],
  ['installed', '/home/a/shop/node_modules/siaga/dist/main.js', '/home/a/shop', 'npx siaga'],
  ['installed for everybody', '/usr/lib/node_modules/siaga/dist/main.js', '/home/a', 'npx siaga'],
])('two-am: a printed command runs as printed: %s', (_, entry, cwd, expected) => {
  expect(calledAs(entry, cwd)).toBe(expected);
});
