import type { ExperimentFinished, RunFinished, RunVerdict } from '../event/catalogue.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import { exit } from '../kernel/exit.ts';

/** Where a verdict that a run wrote contradicts what it wrote before of the parts that decide it, in words. */
export function recordedFaults(events: readonly SiagaEvent[]): readonly string[] {
  return events.flatMap((event, index) => {
    const before = events.slice(0, index);
    if (event.type === 'experiment.finished') return experimentFaults(event.data, before);
    return event.type === 'run.finished' ? runFaults(event.data, before) : [];
  });
}

/** An experiment that held has broken no expectation, and every fault of it was proven. */
function experimentFaults(
  { name, verdict }: ExperimentFinished,
  before: readonly SiagaEvent[],
): readonly string[] {
  if (verdict !== 'held') return [];
  const start = before.findLastIndex(
    (event) => event.type === 'experiment.started' && event.data.name === name,
  );
  return before.slice(Math.max(0, start)).flatMap((event) => {
    if (
      event.type === 'expectation.settled' &&
      event.data.experiment === name &&
      event.data.outcome !== 'met'
    )
      return [`written ${name} held, but ${event.data.expectation} is ${event.data.outcome}`];
    return event.type === 'fault.stuck'
      ? [`written ${name} held, but the fault on ${event.data.proxy} is stuck`]
      : [];
  });
}

const verdictOf: Readonly<Record<number, RunVerdict>> = {
  [exit.passed]: 'passed',
  [exit.failed]: 'failed',
  [exit.rollbackFailed]: 'rollback-failed',
  [exit.interrupted]: 'interrupted',
  [exit.usage]: 'error',
  [exit.bug]: 'error',
};

/** A run has the verdict of its exit code, and passes only when none of its experiments failed. */
function runFaults({ verdict, exitCode }: RunFinished, before: readonly SiagaEvent[]): readonly string[] {
  const due = verdictOf[exitCode] ?? 'inconclusive';
  const failed = before.flatMap((event) =>
    event.type === 'experiment.finished' && ['weakness', 'rollback-failed'].includes(event.data.verdict)
      ? [event.data]
      : [],
  );
  return [
    ...(verdict === due || (due === 'error' && verdict === 'inconclusive')
      ? []
      : [`written verdict ${verdict}, but exit code ${exitCode} is ${due}`]),
    ...(verdict === 'passed'
      ? failed.map(({ name, verdict: of }) => `written verdict passed, but ${name} is ${of}`)
      : []),
  ];
}
