import { beforeEach, expect, test, vi } from 'vitest';
import { commandLine, placeIn } from './printed.ts';

const inFreshProcess = () => import('./printed.ts');

beforeEach(() => vi.resetModules());

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
  async (words, argv, expected) => {
    expect(commandLine({ called, ...placeIn(argv) }, words)).toBe(expected);
    const { calledHere, printed } = await inFreshProcess();
    calledHere({ called, ...placeIn(argv) });
    expect(printed(words)).toBe(expected);
  },
);

test('how a process was called is said once, and is "siaga" where nobody says it', async () => {
  const { calledHere, printed } = await inFreshProcess();
  expect(printed('doctor')).toBe('siaga doctor');
  calledHere({ called });
  expect(() => calledHere({ called: 'siaga' })).toThrow('said once');
  expect(printed('doctor')).toBe('npx siaga doctor');
});
