import type { ResultEnvelope } from '../export/envelope.ts';
import { annotations, stepSummary } from '../export/github.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Platform } from './platform.ts';

/** What GitHub shows of a command, where it runs there. That it cannot be written never changes a verdict. */
export function tellGitHub(
  platform: Pick<Platform, 'env' | 'stderr' | 'appendFile' | 'secrets'>,
  envelope: ResultEnvelope,
): void {
  const summary = platform.env['GITHUB_STEP_SUMMARY'];
  try {
    if (summary) platform.appendFile(summary, platform.secrets.hide(stepSummary(envelope)));
    if (platform.env['GITHUB_ACTIONS'] === 'true') platform.stderr(`${annotations(envelope).join('\n')}\n`);
  } catch (error) {
    platform.stderr(`siaga: the GitHub summary could not be written: ${messageOf(error)}\n`);
  }
}
