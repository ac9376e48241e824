import type { EventType } from '../event/catalogue.ts';
import type { EventOf, SiagaEvent } from '../event/envelope.ts';
import { SiagaError, messageOf } from '../kernel/errors.ts';
import { exit, type ExitCode } from '../kernel/exit.ts';
import type { Result, ResultEnvelope } from './envelope.ts';
import { foldExperiments } from '../projection/experiments.ts';
import { verdictOfExit } from '../projection/run.ts';
import { experimentResult } from './experiments.ts';
import { problemOf } from './problem.ts';
import {
  errorResult,
  failedParts,
  findingResults,
  checkResults,
  loadResults,
  unreportedParts,
  problemResults,
  incidentResults,
  iso,
  problemError,
  signalResults,
} from './results.ts';

/** What the events do not tell. */
export interface EnvelopeExtra {
  readonly command: string;
  /** Wins over the run's own exit code: a report that could not be written makes a passed run inconclusive. */
  readonly exitCode?: ExitCode;
  /** Whatever ended the command before its time. */
  readonly error?: unknown;
  /** UTC ms, where no event tells. */
  readonly now: number;
  readonly reports?: readonly string[];
  /** Results that no event tells. */
  readonly results?: readonly Result[];
}

/** The published form of a run, from its events in order of sequence. Without any, of a command that never began. */
export function envelopeOf(events: readonly SiagaEvent[], extra: EnvelopeExtra): ResultEnvelope {
  const started = first(events, 'run.started');
  const finished = events.findLast((event) => event.type === 'run.finished');
  const exitCode = exitCodeOf(finished, extra);
  const facts = started?.data;
  const problems = problemResults(events);
  const signals = signalResults(events, facts?.judge);
  const reason = inALine(finished?.data.reason || (extra.error === undefined ? '' : messageOf(extra.error)));
  const results = [
    ...resultsOf(events),
    ...(extra.results ?? []),
    ...(isDecided(exitCode) ? [] : problems.map(problemError)),
    ...errorsOf(extra),
  ];
  return {
    version: 1,
    command: facts?.command ?? extra.command,
    verdict: verdictOfExit(exitCode) ?? 'error',
    exitCode,
    reason,
    target: facts?.target ?? null,
    run: started?.run ?? null,
    startedAt: iso(events[0]?.at ?? extra.now),
    finishedAt: iso(events.at(-1)?.at ?? extra.now),
    speed: facts?.judge.speed ?? 1,
    drill: facts?.drill ?? false,
    repeat: facts?.repeat ?? null,
    results: [...results, ...unreported(results, events, { exitCode, reason, command: extra.command })],
    incidents: incidentResults(events),
    ...(signals && { signals }),
    problems,
    reports: extra.reports ?? [],
  };
}

// A list of faults, or what a tool printed, may have many.
const inALine = (text: string): string => text.trim().replaceAll(/\s*\n\s*/g, '; ');

function resultsOf(events: readonly SiagaEvent[]): readonly Result[] {
  return [
    ...checkResults(events),
    ...findingResults(events),
    ...loadResults(events),
    ...foldExperiments(events).map(experimentResult),
    ...unreportedParts(events),
  ];
}

interface End {
  readonly command: string;
  readonly exitCode: number;
  readonly reason: string;
}

/** Why the run did not pass, where no other result tells: parts of a gate that did not pass, else the run itself. */
function unreported(results: readonly Result[], events: readonly SiagaEvent[], end: End): readonly Result[] {
  const { command: name, exitCode } = end;
  if (exitCode === exit.passed || explains(results, exitCode)) return [];
  const parts = failedParts(events);
  if (explains(parts, exitCode)) return parts;
  const unfinished = events.length > 0 && !events.some(({ type }) => type === 'run.finished');
  const noReason = unfinished
    ? 'the run wrote no end: it was killed, or its events were cut off'
    : `it ended with exit code ${exitCode} and gave no reason`;
  const reason = end.reason || noReason;
  return [{ kind: 'run', name, outcome: exitCode === exit.failed ? 'failed' : 'inconclusive', reason }];
}

/** What has failed explains exit code 1, what could not be judged any other. */
function explains(results: readonly Result[], exitCode: number): boolean {
  const needed = exitCode === exit.failed ? 'failure' : 'error';
  return results.some((result) => problemOf(result)?.kind === needed);
}

const isDecided = (exitCode: number): boolean => exitCode === exit.passed || exitCode === exit.failed;

function exitCodeOf(
  finished: EventOf<'run.finished'> | undefined,
  { exitCode, error }: EnvelopeExtra,
): number {
  if (exitCode !== undefined) return exitCode;
  if (error instanceof SiagaError) return error.exitCode;
  if (error !== undefined) return exit.bug;
  return finished?.data.exitCode ?? exit.inconclusive;
}

function errorsOf({ error }: EnvelopeExtra): Result[] {
  if (error === undefined) return [];
  if (error instanceof SiagaError) return [errorResult(error)];
  const bug = { kind: 'error', code: 'bug', what: messageOf(error) } as const;
  return [{ ...bug, where: null, got: null, allowed: null, hint: null }];
}

function first<T extends EventType>(events: readonly SiagaEvent[], type: T): EventOf<T> | undefined {
  return events.find((event): event is Extract<SiagaEvent, { type: T }> & EventOf<T> => event.type === type);
}
