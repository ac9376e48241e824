import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openOutput, terminalOf } from './output.ts';
import { Screen } from './testing/screen.ts';

/** Output whose both streams are one terminal. */
function on(screen: Screen) {
  const stream = {
    isTTY: true,
    rows: screen.rows,
    get columns() {
      return screen.columns;
    },
    write: (text: string) => screen.write(text),
    on: () => stream,
  } as unknown as NodeJS.WriteStream;
  return openOutput(stream, stream);
}

describe('two-am: the live view', () => {
  test('two-am: a message stands above the frame and is never painted over', () => {
    const screen = new Screen(40);
    const output = on(screen);
    output.paint(['one', 'two']);
    output.stderr('\nDEGRADED\n\n');
    output.paint(['one', 'three', 'four']);
    output.stdout('a result\n');
    output.paint(['five']);
    expect(screen.lines()).toEqual(['', 'DEGRADED', '', 'a result', 'five']);
  });

  test('two-am: what ends without a line break does not run into the frame', () => {
    const screen = new Screen(40);
    const output = on(screen);
    output.paint(['frame']);
    output.stderr('half');
    expect(screen.lines()).toEqual(['half', 'frame']);
  });

  test('two-am: a narrower window leaves no stale line, and takes no message away', () => {
    const screen = new Screen(60);
    const output = on(screen);
    output.stderr('a message\n');
    output.paint(['x'.repeat(60), 'y'.repeat(45), 'z']);
    screen.resize(20);
    output.paint(['a'.repeat(20), 'b']);
    expect(screen.lines()).toEqual(['a message', 'a'.repeat(20), 'b']);
    screen.resize(60);
    output.paint(['c'.repeat(60)]);
    expect(screen.lines()).toEqual(['a message', 'c'.repeat(60)]);
  });

  test('two-am: what a smaller window has scrolled away is left alone, and nothing empty is scrolled after it', () => {
    const screen = new Screen(60, 6);
    const output = on(screen);
    output.stderr('a message\n');
    output.paint(['1', '2', '3', '4'].map((letter) => letter.repeat(60)));
    screen.resize(20);
    output.paint(['a', 'b']);
    const lines = screen.lines();
    expect(lines[0]).toBe('a message');
    expect(lines.slice(-2)).toEqual(['a', 'b']);
    expect(lines.filter((line) => line === '')).toEqual([]);
  });

  test('two-am: what is kept stays, and what follows stands below', () => {
    const screen = new Screen(40);
    const output = on(screen);
    output.paint(['the end']);
    output.keep();
    output.stdout('the page\n');
    expect(screen.lines()).toEqual(['the end', 'the page']);
  });

  test('two-am: nothing is written where nothing has changed', () => {
    const screen = new Screen(40);
    const output = on(screen);
    output.paint(['frame']);
    const before = screen.written;
    output.paint(['frame']);
    expect(screen.written).toBe(before);
  });

  test('two-am: whatever is written and however it is resized, every message stands and one frame at its foot', () => {
    const word = fc.string({
      unit: fc.constantFrom('a', '東', 'é', ' ', '\u001b[31mr\u001b[39m'),
      maxLength: 30,
    });
    const step = fc.oneof(
      fc.record({ kind: fc.constant('say' as const), text: fc.stringMatching(/^m[a-z]{0,8}$/) }),
      fc.record({ kind: fc.constant('paint' as const), lines: fc.array(word, { maxLength: 5 }) }),
      fc.record({ kind: fc.constant('resize' as const), columns: fc.integer({ min: 10, max: 60 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const screen = new Screen(30);
        const output = on(screen);
        const said: string[] = [];
        for (const each of steps) {
          if (each.kind === 'resize') screen.resize(each.columns);
          else if (each.kind === 'paint') output.paint(each.lines.map((line) => `|${line}`));
          else {
            said.push(each.text);
            output.stderr(`${each.text}\n`);
          }
        }
        output.paint(['|end']);
        expect(screen.lines()).toEqual([...said, '|end']);
      }),
    );
  });
});

test.each<[string, object, Record<string, string>, boolean, boolean]>([
  ['a terminal', { isTTY: true }, { TERM: 'xterm-256color' }, true, true],
  ['two-am: a dumb terminal', { isTTY: true }, { TERM: 'dumb' }, false, false],
  ['a pipe', {}, { TERM: 'xterm' }, false, false],
  ['a log in CI', { isTTY: true }, { TERM: 'xterm', CI: 'true' }, false, true],
  ['NO_COLOR', { isTTY: true }, { TERM: 'xterm', NO_COLOR: '1' }, true, false],
])('%s', (_, stream, env, isTerminal, color) => {
  expect(terminalOf(stream, env)).toMatchObject({ isTerminal, color });
});

test('two-am: the size is the one of now', () => {
  const stream = { isTTY: true, columns: 100, rows: 40 };
  const terminal = terminalOf(stream, {});
  stream.columns = 20;
  stream.rows = 10;
  expect([terminal.columns, terminal.rows]).toEqual([20, 10]);
  expect(terminalOf({ isTTY: true, columns: 0 }, {}).columns).toBe(100);
});
