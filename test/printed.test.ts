import { expect, test } from 'vitest';
import { filesBelow, read } from './support/sources.ts';

const command = /\bsiaga (?:check|gate|load|gameday|chaos|validate|doctor|reference|report|--help)\b/;
const token = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;
// Help is read before anything was called; and who removed a fault is a name, not a command.
const help = /\.(?:description|option|argument|addHelpText)\(|new Option\(|heal: 'siaga chaos heal'/;

/** Literals of a source that name a command of this program as nobody may have called it, each with its line. */
function literals(source: string): readonly string[] {
  return [...source.matchAll(token)].flatMap(({ 0: text, index }) => {
    const line = source.slice(source.lastIndexOf('\n', index) + 1, source.indexOf('\n', index));
    return text.startsWith('/') || !command.test(text) || help.test(line) ? [] : [line.trim()];
  });
}

test('two-am: no text prints a command otherwise than it was called', () => {
  const sources = filesBelow('src', '.ts').filter((path) => !/\.test(-d)?\.ts$|\/testing\//.test(path));
  expect(sources.flatMap((path) => literals(read(path)).map((line) => `${path}: ${line}`))).toEqual([]);
});

test('two-am: such a text would be found', () => {
  const found = ["hint: 'undo it with siaga chaos heal',", 'hint: `siaga doctor shows ${tool}`,'];
  for (const line of found) expect(literals(`\n${line}\n`)).toEqual([line]);
  expect(literals("// siaga check\n.description('until siaga reference down')")).toEqual([]);
});
