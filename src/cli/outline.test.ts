import { Command } from 'commander';
import { expect, test, vi } from 'vitest';
import { commands, asksForOutline, registersFor, tellOutline } from './commands.ts';
import type { Platform } from '../run/platform.ts';

// Commands read most of src: nothing here is about time, also where the machine is busy.
vi.setConfig({ testTimeout: 60_000 });

const names = Object.keys(commands);

async function helpFor(argv: readonly string[]): Promise<string> {
  const program = new Command('siaga');
  for (const register of await registersFor(argv)) register(program, {} as Platform);
  return program.helpInformation();
}

function outline(argv: readonly string[]): string {
  let told = '';
  tellOutline(argv, { version: '1.2.3', stdout: (text) => (told += text), stderr: () => undefined });
  return told;
}

test.each([
  [['--help'], true],
  [['-h'], true],
  [['help'], true],
  [['--version'], true],
  [['-V'], true],
  [['help', 'check'], false],
  [['check', '--help'], false],
  [['chekc'], false],
  [[], false],
])('%j asks for no command: %s', (argv, expected) => {
  expect(asksForOutline(argv)).toBe(expected);
});

test('help names every command without reading any', () => {
  const help = outline(['--help']);
  expect(names.filter((name) => !help.includes(`\n  ${name} `))).toEqual([]);
  expect(outline(['--version'])).toBe('1.2.3\n');
});

test.each([[['chekc']], [['--help', 'check']], [['check', 'report']], [['--', 'load']]])(
  '%j sees each command once',
  async (argv) => {
    const help = await helpFor(argv);
    const counts = names.map((name) => help.split(new RegExp(`^  ${name} `, 'm')).length - 1);
    expect(counts).toEqual(names.map(() => 1));
  },
);

test.each(names)('%s is registered under its name and summary, and can be run', async (name) => {
  const program = new Command('siaga');
  const [register] = await registersFor([name]);
  register?.(program, {} as Platform);
  const [command] = program.commands;
  expect([command?.name(), command?.description()]).toEqual([name, commands[name]?.does]);
  // The outline of a command takes no option.
  expect((command?.options.length ?? 0) + (command?.commands.length ?? 0)).toBeGreaterThan(0);
});
