import type { RunFinished, RunStarted, RunVerdict } from '../event/catalogue.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import { SiagaError } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import { ofType } from './pick.ts';

export interface RunFacts extends RunStarted {
  readonly id: string;
  readonly startedAt: number;
  /** Of the last event, where the run wrote no end. */
  readonly endedAt: number;
  readonly verdict: RunVerdict | 'unfinished';
  readonly exitCode: number | null;
  readonly reason: string;
  /** Sequences of the first event and of the one that ended the run (or the last one). */
  readonly seq: { readonly started: number; readonly ended: number };
  readonly events: number;
}

export interface Phase {
  readonly name: string;
  readonly detail: string;
  readonly from: number;
  readonly to: number;
  readonly seq: number;
}

/** @throws {SiagaError} `not-a-run` (exit 2) where no event starts a run. */
export function foldRun(events: readonly SiagaEvent[]): RunFacts {
  const [started] = ofType(events, 'run.started');
  if (started === undefined) throw notARun(events.length);
  const last = events.at(-1) ?? started;
  const finished = ofType(events, 'run.finished').at(-1);
  const interrupted = ofType(events, 'run.interrupted').at(-1);
  return {
    ...started.data,
    id: started.run,
    startedAt: started.at,
    endedAt: finished?.at ?? last.at,
    verdict: (finished && verdictOf(finished.data)) ?? (interrupted ? 'interrupted' : 'unfinished'),
    exitCode: finished?.data.exitCode ?? null,
    reason: finished?.data.reason ?? (interrupted ? `interrupted by ${interrupted.data.signal}` : ''),
    seq: { started: started.seq, ended: finished?.seq ?? last.seq },
    events: events.length,
  };
}

// Earlier versions wrote these as inconclusive.
function verdictOf({ verdict, exitCode }: RunFinished): RunVerdict {
  return exitCode === exit.usage || exitCode === exit.bug ? 'error' : verdict;
}

export function foldPhases(events: readonly SiagaEvent[], end: number): readonly Phase[] {
  const phases = ofType(events, 'run.phase');
  return phases.map(({ data, at, seq }, index) => ({
    name: data.phase,
    detail: data.detail ?? '',
    from: at,
    to: phases[index + 1]?.at ?? end,
    seq,
  }));
}

function notARun(count: number): SiagaError {
  return new SiagaError('not-a-run', {
    what: 'these events are not of a run',
    got: count === 0 ? 'no events' : `${count} events, none of them run.started`,
    allowed: 'the events.ndjson of one run, whole',
    exitCode: 2,
  });
}

const verdicts: Readonly<Record<number, RunVerdict>> = {
  [exit.passed]: 'passed',
  [exit.failed]: 'failed',
  [exit.usage]: 'error',
  [exit.inconclusive]: 'inconclusive',
  [exit.rollbackFailed]: 'rollback-failed',
  [exit.bug]: 'error',
  [exit.interrupted]: 'interrupted',
};

/** What an exit code says of a run; `undefined` for one that no run of ours ends with. */
export const verdictOfExit = (exitCode: number): RunVerdict | undefined => verdicts[exitCode];
