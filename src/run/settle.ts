import type { Ending } from '../exercise/ending.ts';
import { SiagaError, messageOf } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import type { Session } from './session-types.ts';

type Settled = Pick<Session, 'journal' | 'signal'> & {
  readonly platform: Pick<Session['platform'], 'stderr' | 'interrupted'>;
};

/**
 * How the body of a session ended; never rejects, because what runs beside it must be stopped whatever happens. An
 * interruption is an ending like any other: everything was healed on the way here. So is an error that says what is
 * wrong, and a bug of ours.
 */
export async function settle<S extends Settled>(
  session: S,
  body: (session: S) => Promise<Ending>,
): Promise<Ending> {
  const ending = await body(session).catch((error: unknown) => endingOf(session, error));
  const { interrupted } = session.platform;
  if (!interrupted.aborted || ending.exitCode === exit.rollbackFailed) return ending;
  const signal = String(interrupted.reason);
  session.journal.append({ type: 'run.interrupted', data: { signal } });
  return { exitCode: exit.interrupted, reason: `interrupted by ${signal}; everything of ours was undone` };
}

/** The same ending, unless the judge threw: nothing was judged after that, so nothing of it counts but what stayed broken. */
export function unlessBroken(session: Settled, broken: AbortSignal, ending: Ending): Ending {
  if (!broken.aborted) return ending;
  const bug = bugEnding(session, broken.reason);
  return ending.exitCode === exit.rollbackFailed ? ending : bug;
}

// Told with where it was, and written down.
function bugEnding({ journal, platform }: Settled, error: unknown): Ending {
  const message = messageOf(error);
  platform.stderr(`siaga: this is a bug of Siaga's: ${error instanceof Error ? error.stack : message}\n`);
  journal.append({ type: 'run.problem', data: { code: 'bug', message } });
  return { exitCode: exit.bug, reason: `a bug of Siaga's: ${message}` };
}

function endingOf(session: Settled, error: unknown): Ending {
  if (!(error instanceof SiagaError))
    return session.signal.aborted ? { exitCode: exit.interrupted, reason: '' } : bugEnding(session, error);
  const { hint } = error.facts;
  session.journal.append({
    type: 'run.problem',
    data: { code: error.code, message: error.message, ...(hint !== undefined && { hint }) },
  });
  return { exitCode: error.exitCode, reason: error.message };
}
