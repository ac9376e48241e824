import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { openOutput } from './output.ts';

function opened() {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const output = openOutput(out as unknown as NodeJS.WriteStream, err as unknown as NodeJS.WriteStream);
  return { out, err, output };
}

const fail = (stream: PassThrough, code: string) =>
  stream.emit('error', Object.assign(new Error(`${code}: no more`), { code }));

describe('a stream that is lost', () => {
  test.each([
    ['a reader that went away has its verdict', 'EPIPE', 0, 0],
    ['a full disk that passed is inconclusive', 'ENOSPC', 0, 3],
    ['a full disk that failed has failed', 'ENOSPC', 1, 1],
    ['a full disk that could not undo says so', 'ENOSPC', 4, 4],
  ] as const)('%s', (_name, code, ended, expected) => {
    const { out, err, output } = opened();
    fail(out, code);
    fail(out, code);
    expect(output.exitCode(ended)).toBe(expected);
    expect(String(err.read())).toBe(`siaga: the result cannot be written to stdout: ${code}: no more\n`);
  });

  test('of commentary changes nothing', () => {
    const { err, output } = opened();
    fail(err, 'EPIPE');
    fail(err, 'ENOSPC');
    output.stderr('more');
    expect(output.exitCode(0)).toBe(0);
  });

  test('none leaves everything as it is', () => {
    const { out, err, output } = opened();
    output.stdout('result');
    output.stderr('progress');
    expect([String(out.read()), String(err.read()), output.exitCode(0)]).toEqual(['result', 'progress', 0]);
  });
});
