import { expect, test } from 'vitest';
import { SiagaError } from '../kernel/errors.ts';
import { tell } from './program.ts';
import type { Platform } from '../run/platform.ts';

function told(error: unknown) {
  const shown = { stderr: '', summary: '' };
  const platform = {
    env: { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: '/summary' },
    clock: { now: () => 0 },
    interrupted: new AbortController().signal,
    secrets: { hide: (text: string) => text.replaceAll('hunter2', '…') },
    stderr: (text: string) => void (shown.stderr += text),
    appendFile: (_: string, text: string) => void (shown.summary += text),
  } as unknown as Platform;
  return { code: tell(error, ['gate'], platform), ...shown };
}

test('hunt 6: a command that ends before its run tells GitHub why, and no secret', () => {
  const wrong = new SiagaError('invalid-definitions', { what: 'the password hunter2 is wrong', exitCode: 2 });
  const { code, stderr, summary } = told(wrong);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^::(?:error|warning) title=siaga error invalid-definitions::/m);
  expect(summary).toContain('siaga gate: error');
  expect(summary).toContain('the password … is wrong');
  expect(told(new TypeError('x is undefined'))).toMatchObject({
    code: 70,
    summary: expect.stringContaining('x is undefined'),
  });
});
