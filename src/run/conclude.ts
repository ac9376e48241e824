import { relative } from 'node:path';
import type { Ending } from '../exercise/ending.ts';
import { envelopeOf } from '../export/envelope-of.ts';
import { exit } from '../kernel/exit.ts';
import { gateText } from '../report/gate-page.ts';
import { tellGitHub } from './github.ts';
import { showsBodies } from './flags.ts';
import { runFiles } from './run-files.ts';
import type { Session } from './session-types.ts';
import { writeGauges } from './textfile.ts';

/** What a run leaves: its reports, one JSON envelope where asked, and what GitHub shows. */
export async function conclude(session: Session, ending: Ending): Promise<void> {
  const { platform, flags, journal, folder, request } = session;
  const events = journal.events();
  const files = runFiles(events);
  const reports = [...files.keys(), 'events.ndjson'].map((file) => `${shown(session)}/${file}`);
  const envelope = envelopeOf(events, {
    command: request.command,
    exitCode: ending.exitCode,
    now: platform.clock.now(),
    reports,
  });
  platform.writeFiles(folder, files);
  if (flags.json) platform.stdout(`${JSON.stringify(envelope, null, 2)}\n`);
  else sayEnding(session, ending);
  tellGitHub(platform, envelope);
  await writeGauges(flags, envelope, platform);
}

function shown({ platform, folder }: Session): string {
  const path = relative(platform.cwd, folder);
  return path.startsWith('..') ? folder : path || '.';
}

// A round or a load has shown its table; what is longer gets one page that says what failed first.
function sayEnding(session: Session, { exitCode, reason }: Ending): void {
  const { platform, journal, request } = session;
  if (request.drill || request.command === 'gate')
    platform.stdout(`\n${gateText(journal.events(), showsBodies(session))}\n`);
  else
    platform.stderr(
      `\n${exitCode === exit.passed ? 'passed' : `not passed (exit ${exitCode})`}${reason && `: ${reason}`}\n`,
    );
  platform.stderr(`report: ${shown(session)}/report.md and report.html\n`);
}
