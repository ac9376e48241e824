import { afterEach, expect, test } from 'vitest';
import { calledHere, commandLine, placeIn, printed } from './printed.ts';

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
