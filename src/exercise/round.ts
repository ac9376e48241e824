import type { CheckFinished } from '../event/catalogue.ts';
import type { Journal, SiagaEvent } from '../event/envelope.ts';
import type { RoundMeasured } from '../event/round.ts';
import type { JudgeSpec } from '../event/specs.ts';
import type { Engine } from '../incident/engine.ts';
import type { Out } from '../incident/out.ts';
import type { Incident } from '../incident/state.ts';
import { formatMs } from '../kernel/duration.ts';
import { exit } from '../kernel/exit.ts';
import type { Clock } from '../kernel/ports.ts';
import { foreignDrill } from '../projection/findings.ts';
import type { Running } from './drill.ts';
import type { Ending } from './ending.ts';
import { judgeChecks } from './judge-checks.ts';
import { countedOut, endingOf, shownOf } from './round-ending.ts';
import { firingWords, sightOf, type Sight } from './sight.ts';
import { mayBeDown, minutesToStay, untilDecided } from './stay.ts';

/** What a round is made of. The engine already runs beside it. */
export interface RoundParts {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly judge: JudgeSpec;
  readonly signal: AbortSignal;
  readonly engine: Engine;
  /** One pass: every selected check once, the toggles, and the target's metrics before and after. */
  runRound(): Promise<unknown>;
  startSampling(): Running;
  /** How these events of the round measured what is no check. */
  measured(events: readonly SiagaEvent[]): Omit<RoundMeasured, 'checks'>;
}

export interface RoundResult extends Ending {
  /** What is shown of each check: its first failure where it failed, else its newest answer. */
  readonly checks: readonly CheckFinished[];
  readonly measured: RoundMeasured;
  readonly stayed: boolean;
}

/**
 * One round. When something is out of its limits, or an incident is open, it stays and samples until the window has
 * decided, then looks once more: one round an hour cannot fill five one-minute buckets.
 */
export async function round(parts: RoundParts, stay: boolean): Promise<RoundResult> {
  const { journal, engine, judge, signal } = parts;
  const begun = journal.events().length;
  const events = () => journal.events().slice(begun);
  const open = engine.incident;
  await parts.runRound();
  const first = sightOf(judge, events(), parts.measured(events()));
  const opened = open === undefined && engine.incident !== undefined;
  const why = open ? openWords(engine) : outWords(first);
  const settled = opened && !mayBeDown(parts);
  const idle = settled || why === '' || foreignDrill(journal.events()) !== undefined;
  if (!stay || idle || signal.aborted) return conclude(parts, events(), first, {});
  journal.append({ type: 'round.measured', data: first.measured });
  journal.append({
    type: 'run.phase',
    data: { phase: 'keeps sampling', part: 'staying', detail: `${why}; ${forHowLong(judge, first, open)}` },
  });
  const decided = await sampleUntilDecided(parts, { open, first, events });
  const passed = journal.events().length;
  if (!signal.aborted) await parts.runRound();
  const last = sightOf(judge, journal.events().slice(passed), parts.measured(events()));
  const left = decided ? [] : unsettled(engine, first, last);
  const out = [...last.out, ...left].flatMap((each) => overWindow(engine, each));
  return conclude(parts, events(), { ...last, out }, { decided });
}

// After a stay a signal is reported over its window, and not over the few answers of one pass.
function overWindow(engine: Engine, out: Out): readonly Out[] {
  const { undecided, firing } = out;
  const seen = undecided && firing.subject === undefined ? engine.over(firing.signal) : undefined;
  if (seen === undefined) return [out];
  const { firing: whole, ...window } = seen;
  return window.bad === 0 ? [] : [{ ...out, firing: whole, undecided: 'longer-window', window }];
}

/** What was out in the first pass and is neither known to be well since nor out in the last. */
function unsettled({ newest }: Engine, first: Sight, { out }: Sight): Sight['out'] {
  const last = new Set(out.map(({ firing }) => firing.signal));
  return first.out
    .filter(({ firing: { subject, signal } }) => subject === undefined && !last.has(signal))
    .filter(({ firing: { signal } }) => newest?.signals.get(signal)?.state !== 'ok')
    .map((each) => ({ ...each, undecided: each.undecided ?? 'longer-window' }));
}

const openWords = ({ incident }: Engine): string =>
  incident === undefined ? '' : `${incident.id} (${incident.severity}) is open`;

const outWords = ({ out }: Sight): string => out.map(({ firing }) => firingWords(firing)).join('; ');

function forHowLong(judge: JudgeSpec, { out }: Sight, open: Incident | undefined): string {
  const last = (signals: readonly string[]) => minutesToStay(judge, new Set(signals), open);
  const minutes = last(out.map(({ firing }) => firing.signal));
  const longest = last(judge.signals.map(({ name }) => name));
  const what = open ? 'its recovery is decided' : 'the window decides';
  const atMost = `${formatMs(minutes * judge.bucketMs)} at most`;
  const longer = `${formatMs(longest * judge.bucketMs)} where a signal with a longer window goes bad`;
  return `until ${what}, ${atMost}${longest > minutes ? `, ${longer}` : ''}`;
}

async function sampleUntilDecided(
  parts: RoundParts,
  stay: Parameters<typeof untilDecided>[1],
): Promise<boolean> {
  const sampling = parts.startSampling();
  try {
    return await untilDecided(parts, stay);
  } finally {
    await sampling.stop();
  }
}

/** `decided` where the round stayed. */
function conclude(
  parts: RoundParts,
  events: readonly SiagaEvent[],
  sight: Sight,
  { decided }: { readonly decided?: boolean },
): RoundResult {
  const { judge, engine, clock, signal, journal } = parts;
  const stayed = decided !== undefined;
  const counted = sinceRecovered(events);
  const judgedChecks = judgeChecks(counted, judge.loadErrors);
  const checks = judgedChecks.flatMap((check) => shownOf(counted, check) ?? []);
  const unreported = unreportedStates(judge, checks);
  const judged = {
    ...sight.measured,
    checks: judgedChecks,
    ...(unreported.length > 0 && { untold: unreported }),
  };
  const seen = { checks, sight: { ...sight, measured: judged }, decided: decided === true };
  const facts = { judge, engine, now: clock.now(), ...seen };
  const measured = { ...judged, out: countedOut(facts) };
  journal.append({ type: 'round.measured', data: measured });
  const ending = signal.aborted ? { exitCode: exit.interrupted, reason: '' } : endingOf(facts);
  return { ...ending, checks, measured, stayed };
}

/** States of the runbook that a check declares, and that neither its answer nor another one reported. */
function unreportedStates(
  { states = [] }: JudgeSpec,
  answers: readonly CheckFinished[],
): NonNullable<RoundMeasured['untold']> {
  const reported = new Set(answers.flatMap((answer) => Object.keys(answer.states)));
  const missing = new Set(states.map(({ name }) => name).filter((name) => !reported.has(name)));
  return answers.flatMap(({ check, untold = [] }) =>
    untold.filter((state) => missing.has(state)).map((state) => ({ state, check })),
  );
}

// What failed before the incident was RECOVERED is over with it.
function sinceRecovered(events: readonly SiagaEvent[]): readonly SiagaEvent[] {
  const recovered = events.findLastIndex(
    ({ type, data }) => type === 'incident.transition' && data.change.kind === 'recovered',
  );
  return events.slice(recovered + 1);
}
