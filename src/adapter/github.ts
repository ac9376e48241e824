import { appendFileSync } from 'node:fs';
import { messageOf } from '../kernel/errors.ts';

/**
 * Appends to the file that GitHub names in `GITHUB_STEP_SUMMARY`; does nothing elsewhere. Returns why it could not,
 * `undefined` where it could: a summary that cannot be written must not change a verdict.
 */
export function appendStepSummary(
  env: Readonly<Record<string, string | undefined>>,
  markdown: string,
): string | undefined {
  const file = env['GITHUB_STEP_SUMMARY'];
  if (file === undefined || file === '') return undefined;
  try {
    appendFileSync(file, markdown);
    return undefined;
  } catch (error) {
    return `the step summary cannot be written: ${messageOf(error)}`;
  }
}
