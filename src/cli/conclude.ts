import { relative } from 'node:path';
import type { Ending } from '../exercise/ending.ts';
import { envelopeOf } from '../export/envelope-of.ts';
import { exit } from '../kernel/exit.ts';
import { gateText } from '../report/gate-page.ts';
import { tellGitHub } from './github.ts';
import { showsBodies } from './options.ts';
import { runFiles } from './run-files.ts';
import type { Session } from './session-types.ts';

/** What a run leaves: its reports, one JSON envelope where asked, and what GitHub shows. */
export function conclude(session: Session, ending: Ending): void {
  const { world, flags, journal, folder, request } = session;
  const events = journal.events();
  const files = runFiles(events);
  const reports = [...files.keys(), 'events.ndjson'].map((file) => `${shown(session)}/${file}`);
  const envelope = envelopeOf(events, {
    command: request.command,
    exitCode: ending.exitCode,
    now: world.clock.now(),
    reports,
  });
  world.writeFiles(folder, files);
  if (flags.json) world.stdout(`${JSON.stringify(envelope, null, 2)}\n`);
  else sayEnding(session, ending);
  tellGitHub(world, envelope);
}

function shown({ world, folder }: Session): string {
  const path = relative(world.cwd, folder);
  return path.startsWith('..') ? folder : path || '.';
}

// A round or a load has shown its table; what is longer gets one page that says what failed first.
function sayEnding(session: Session, { exitCode, reason }: Ending): void {
  const { world, journal, request } = session;
  if (request.drill || request.command === 'gate')
    world.stdout(`\n${gateText(journal.events(), showsBodies(session))}\n`);
  else
    world.stderr(
      `\n${exitCode === exit.passed ? 'passed' : `not passed (exit ${exitCode})`}${reason && `: ${reason}`}\n`,
    );
  world.stderr(`report: ${shown(session)}/report.md and report.html\n`);
}
