import type { AnyCheck } from '../check/definition.ts';
import type { EventType } from '../event/catalogue.ts';
import type { StandingAnswer } from '../event/round.ts';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import type { RunJournal, Store } from '../event/store.ts';
import type { Clock } from '../kernel/ports.ts';
import type { HourlyLimit } from './context.ts';

const answering: readonly EventType[] = ['check.finished', 'experiment.started', 'experiment.finished'];
const hourMs = 3_600_000;

/**
 * The newest conclusive answer of a check in the events of several runs. What an experiment brought about is no answer
 * about the system as it is.
 */
export function standingAnswer(events: readonly SiagaEvent[], check: string): StandingAnswer | undefined {
  const broken = new Set<string>();
  let answer: StandingAnswer | undefined;
  for (const { type, run, data, at } of events) {
    if (type === 'experiment.started') broken.add(run);
    else if (type === 'experiment.finished') broken.delete(run);
    else if (
      type === 'check.finished' &&
      data.check === check &&
      !broken.has(run) &&
      data.outcome !== 'inconclusive'
    ) {
      const { outcome, violations, requestId } = data;
      answer = { outcome, at, violations, ...(requestId !== undefined && { requestId }) };
    }
  }
  return answer;
}

/** The run that may begin, as the event that counts it; nothing where the last hour holds as many as it may. */
export function grant(
  events: readonly SiagaEvent[],
  { name, maxPerHour }: Pick<AnyCheck, 'name' | 'maxPerHour'>,
  now: number,
): readonly Draft[] {
  const asked = events.filter(
    ({ type, data, at }) => type === 'check.asked' && data.check === name && at > now - hourMs,
  );
  const free = maxPerHour === undefined || asked.length < maxPerHour;
  return free ? [{ type: 'check.asked', data: { check: name } }] : [];
}

/** Where what was asked of a target in the last hour is found. */
export interface LastHour {
  readonly store: Pick<Store, 'read'>;
  readonly target: string;
  /** A sequence before it, so that a year of rounds is not read again. */
  readonly since: number;
}

/**
 * Counts over what every process has written of this target in the last hour: deciding and counting are one
 * transaction. A check without `maxPerHour` is neither counted nor held back.
 */
export function hourlyLimit(
  journal: Pick<RunJournal, 'decide'>,
  clock: Pick<Clock, 'now'>,
  { store, target, since }: LastHour,
): HourlyLimit {
  return {
    lastAnswer: ({ name }) => standingAnswer(store.read({ target, types: answering, sinceSeq: since }), name),
    async mayRun(check) {
      if (check.maxPerHour === undefined) return true;
      const fold = (events: readonly SiagaEvent[]) => grant(events, check, clock.now());
      const counted = await journal.decide(since, fold, ['check.asked']);
      return counted.length > 0;
    },
  };
}

// More than runs of an ordinary hour.
const runsAnHour = 100;

/** A sequence that lies before the last hour: that of the newest run which began before it. */
export function beforeLastHour(store: Pick<Store, 'read'>, target: string, now: number): number {
  const query = { target, types: ['run.started'] } as const;
  const before = ({ at }: SiagaEvent) => at <= now - hourMs;
  const found = store.read({ ...query, newest: runsAnHour }).findLast(before);
  return (found ?? store.read(query).findLast(before))?.seq ?? 0;
}
