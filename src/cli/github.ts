import type { ResultEnvelope } from '../export/envelope.ts';
import { annotations, stepSummary } from '../export/github.ts';
import { messageOf } from '../kernel/errors.ts';
import type { World } from './world.ts';

/** What GitHub shows of a command, where it runs there. That it cannot be told never changes a verdict. */
export function tellGitHub(
  world: Pick<World, 'env' | 'stderr' | 'appendFile' | 'secrets'>,
  envelope: ResultEnvelope,
): void {
  const summary = world.env['GITHUB_STEP_SUMMARY'];
  try {
    if (summary) world.appendFile(summary, world.secrets.hide(stepSummary(envelope)));
    if (world.env['GITHUB_ACTIONS'] === 'true') world.stderr(`${annotations(envelope).join('\n')}\n`);
  } catch (error) {
    world.stderr(`siaga: the GitHub summary could not be written: ${messageOf(error)}\n`);
  }
}
