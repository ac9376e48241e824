import type { AnyCheck } from '../check/definition.ts';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import type { RunJournal, Store } from '../event/store.ts';
import type { Clock } from '../kernel/ports.ts';

const hourMs = 3_600_000;

/** Keeps a check within its `maxPerHour`, whoever else asks the same target. */
export interface HourlyLimit {
  /** Whether the check may run now. A yes counts as a run. */
  mayRun(check: AnyCheck): Promise<boolean>;
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

/**
 * Counts over what every process has written of this target in the last hour: deciding and counting are one
 * transaction. A check without `maxPerHour` is neither counted nor held back.
 * @param since a sequence before the last hour, so that a year of rounds is not read again
 */
export function hourlyLimit(
  journal: Pick<RunJournal, 'decide'>,
  clock: Pick<Clock, 'now'>,
  since: number,
): HourlyLimit {
  return {
    async mayRun(check) {
      if (check.maxPerHour === undefined) return true;
      const fold = (events: readonly SiagaEvent[]) => grant(events, check, clock.now());
      const counted = await journal.decide(since, fold, ['check.asked']);
      return counted.length > 0;
    },
  };
}

/** A sequence that lies before the last hour: that of the newest run which began before it. */
export function beforeLastHour(store: Pick<Store, 'read'>, target: string, now: number): number {
  const starts = store.read({ target, types: ['run.started'] });
  return starts.findLast(({ at }) => at <= now - hourMs)?.seq ?? 0;
}
