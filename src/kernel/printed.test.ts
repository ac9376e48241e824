import { afterEach, expect, test } from 'vitest';
import { calledHere, commandLine, hereOf, placeIn, printed } from './printed.ts';

afterEach(() => calledHere({ called: 'siaga' }));

const called = 'npx siaga';

test.each([
  ['chaos heal', [], 'npx siaga chaos heal'],
  ['chaos heal', ['-C', 'shop', '--target', 'staging'], 'npx siaga chaos heal -C shop --target staging'],
  ['chaos heal', ['-Cshop', '--target=a b'], "npx siaga chaos heal -C shop --target 'a b'"],
  ['doctor', ['--project=shop', '--target', 'staging'], 'npx siaga doctor -C shop'],
  ['chaos heal -C FOLDER', ['-C', 'shop'], 'npx siaga chaos heal -C FOLDER'],
  ['--help', ['-C', 'shop'], 'npx siaga --help'],
])(
  'two-am: a printed command runs as printed: %s where the command line said %j',
  (words, argv, expected) => {
    expect(commandLine({ called, ...placeIn(argv) }, words)).toBe(expected);
    calledHere({ called, ...placeIn(argv) });
    expect(printed(words)).toBe(expected);
  },
);

test.each([
  ['npx siaga check', 'npx siaga chaos heal'],
  ["npx siaga check -C 'my shop' --target x", "npx siaga chaos heal -C 'my shop' --target x"],
  [String.raw`npx siaga check -C 'it'\''s'`, String.raw`npx siaga chaos heal -C 'it'\''s'`],
  [
    'SIAGA_TARGET_URL=http://127.0.0.1:9 npx siaga check -C shop',
    'SIAGA_TARGET_URL=http://127.0.0.1:9 npx siaga chaos heal -C shop',
  ],
])('two-am: what a report prints is for the project and target of its run: %s', (repeat, expected) => {
  expect(commandLine(hereOf({ called, repeat }), 'chaos heal')).toBe(expected);
});
