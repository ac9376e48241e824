import type { CheckFinished } from '../event/catalogue.ts';
import type { Journal } from '../event/envelope.ts';
import type { JudgeSpec } from '../event/specs.ts';
import type { Engine } from '../incident/engine.ts';
import { handOverWords, inHand, stableOf } from '../incident/stable.ts';
import type { Incident } from '../incident/state.ts';
import { exit, type ExitCode } from '../kernel/exit.ts';
import { violationWords } from '../kernel/outcome.ts';
import type { Clock } from '../kernel/ports.ts';
import type { Running } from './drill.ts';
import type { Ending } from './ending.ts';
import { onChange } from './live-judge.ts';

/**
 * At most this many minutes (÷ speed) until a trigger has decided, and until a recovery has: counted from the start of
 * the recovery clock where that starts during the stay, for its ten minutes begin only then.
 */
const stayMinutes = { trigger: 7, recovery: 12 } as const;

/** What a round is made of. The engine already runs beside it. */
export interface RoundParts {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly judge: JudgeSpec;
  readonly signal: AbortSignal;
  readonly engine: Engine;
  /** Every selected check once. */
  runRound(): Promise<readonly CheckFinished[]>;
  startSampling(): Running;
}

export interface RoundResult extends Ending {
  /** The last word on each check. */
  readonly checks: readonly CheckFinished[];
  readonly stayed: boolean;
}

/**
 * One round of checks. When something fails, or an incident is open, it stays and samples until the window has
 * decided, then looks once more: one round an hour cannot fill five one-minute buckets.
 */
export async function round(parts: RoundParts, stay: boolean): Promise<RoundResult> {
  const first = await parts.runRound();
  const failed = first.some(({ outcome }) => outcome === 'failed');
  const open = parts.engine.incident !== undefined;
  if (!stay || !(failed || open) || parts.signal.aborted) return conclude(parts, first, false);
  parts.journal.append({ type: 'run.phase', data: { phase: 'staying', detail: whyStay(first, open) } });
  const sampling = parts.startSampling();
  try {
    await untilDecided(parts, open);
  } finally {
    await sampling.stop();
  }
  return conclude(parts, parts.signal.aborted ? first : lastWord(first, await parts.runRound()), true);
}

// What may not be asked again within the hour keeps what it said before.
function lastWord(
  first: readonly CheckFinished[],
  again: readonly CheckFinished[],
): readonly CheckFinished[] {
  return again.map((last) =>
    last.notAsked === true ? (first.find(({ check }) => check === last.check) ?? last) : last,
  );
}

function whyStay(first: readonly CheckFinished[], open: boolean): string {
  if (open) return 'an incident is open: sampling until its recovery is decided';
  const names = first.filter(({ outcome }) => outcome === 'failed').map(({ check }) => check);
  return `${names.join(', ')} failed: sampling until the window has decided`;
}

async function untilDecided(parts: RoundParts, recovering: boolean): Promise<void> {
  const { clock, journal, judge, engine, signal } = parts;
  const from = clock.now();
  const minutes = recovering ? stayMinutes.recovery : stayMinutes.trigger;
  let restoredAt: number | undefined;
  const unsubscribe = onChange(journal, ['restored'], () => (restoredAt ??= clock.now()));
  // Late results are waited for in real time, whatever the speed.
  const deadline = () => (restoredAt ?? from) + minutes * judge.bucketMs + judge.latenessMs;
  const decided = () =>
    recovering ? engine.incident === undefined : engine.incident !== undefined || calm(engine, from);
  while (!decided() && clock.now() < deadline() && !signal.aborted) {
    await clock.sleep(Math.min(250, judge.bucketMs / 4), signal).catch(() => undefined);
  }
  unsubscribe();
}

// A window only fires while its newest bucket is bad: a whole bucket without a bad signal has decided.
function calm(engine: Engine, since: number): boolean {
  const { newest } = engine;
  if (newest === undefined || newest.start < since) return false;
  const states = [...newest.signals.values()].map(({ state }) => state);
  return states.includes('ok') && !states.includes('bad');
}

function conclude(
  { engine, clock, judge, signal }: RoundParts,
  checks: readonly CheckFinished[],
  stayed: boolean,
): RoundResult {
  const open = openIncident({ engine, clock });
  return {
    checks,
    stayed,
    exitCode: codeOf(checks, open !== undefined, signal),
    reason: reasonOf(checks, open) || inHandWords(engine, judge),
  };
}

/** The incident that somebody must look at: one that is MITIGATED-STABLE is in its owner's hands until its review. */
function openIncident({ engine, clock }: Pick<RoundParts, 'engine' | 'clock'>): Incident | undefined {
  const { incident } = engine;
  return incident === undefined || inHand(incident, clock.now()) !== undefined ? undefined : incident;
}

function codeOf(checks: readonly CheckFinished[], open: boolean, signal: AbortSignal): ExitCode {
  if (signal.aborted) return exit.interrupted;
  if (open || checks.some(({ outcome }) => outcome === 'failed')) return exit.failed;
  const asked = checks.filter(({ notAsked }) => notAsked !== true);
  const silent = asked.length === 0 && checks.length > 0;
  return silent || asked.some(({ outcome }) => outcome === 'inconclusive') ? exit.inconclusive : exit.passed;
}

function inHandWords({ incident }: Engine, judge: JudgeSpec): string {
  const stable = incident && stableOf(incident.phase);
  return stable ? `${incident.id} is MITIGATED-STABLE, ${handOverWords(stable, judge)}` : '';
}

function reasonOf(checks: readonly CheckFinished[], incident: Incident | undefined): string {
  const failed = checks.find(({ outcome }) => outcome === 'failed');
  const [violation] = failed?.violations ?? [];
  if (failed && violation) return `${failed.check}: ${violationWords(violation)}`;
  if (incident !== undefined) {
    const owner = stableOf(incident.phase)?.owner;
    const overdue = owner ? `, its review by ${owner.name} (${owner.role}) is due` : '';
    return `${incident.id} is open (${incident.signals.join(', ')})${overdue}`;
  }
  const asked = checks.filter(({ notAsked }) => notAsked !== true);
  const doubtful = (asked.length > 0 ? asked : checks).find(({ outcome }) => outcome === 'inconclusive');
  return doubtful === undefined
    ? ''
    : `${doubtful.check}: inconclusive, ${doubtful.reason ?? 'no reason given'}`;
}
