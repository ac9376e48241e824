import type { EventType } from '../event/catalogue.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import type { RunJournal } from '../event/store.ts';
import type { Clock } from '../kernel/ports.ts';
import type { MessageFacts } from './facts.ts';
import { requestMessages } from './request.ts';
import { ownTypes, sharedTypes } from './story.ts';
import { startDispatcher, type Dispatcher, type DispatcherOptions } from './dispatcher.ts';

interface Announcing {
  /** Nothing more happens: resolves when everything is requested. Rejects with what went wrong, a bug of ours. */
  settled(): Promise<void>;
  /** The run ends: what could not be delivered is requested on the standby channels. Resolves to whether any was. */
  handOver(): Promise<boolean>;
  stop(): void;
}

const wakes: ReadonlySet<EventType> = new Set([
  'incident.transition',
  'incident.blind',
  'message.dead',
  'toggle.read',
]);

/**
 * Requests the messages that follow from every transition of this run as it is written, and those that an earlier
 * run of the target did not come to request. Each is decided inside the store's transaction, so that several
 * processes request each message once. What is held back for a while is asked for again with every closed bucket.
 */
export function announce(
  journal: RunJournal,
  clock: Pick<Clock, 'now' | 'sleep'>,
  facts: MessageFacts,
): Announcing {
  const own: ReadonlySet<EventType> = new Set(ownTypes);
  const errors = facts.judge.recovery.wholeHold.signal;
  const isContext = (event: SiagaEvent): boolean =>
    own.has(event.type) || (event.type === 'samples' && event.data.signal === errors);
  let waiting = false;
  let gathered = false;
  let ending = false;
  let due: number | undefined;
  const stopped = new AbortController();
  const hasStandby = facts.channels.some(({ standby }) => standby === true);
  const request = (shared: readonly SiagaEvent[]) => {
    const events = [...journal.events().filter(isContext), ...shared].toSorted((a, b) => a.seq - b.seq);
    const recorded = facts.recorded && journal.recorded;
    const requested = requestMessages(events, { ...facts, recorded, gathered, ending }, clock.now());
    waiting = requested.waiting;
    if (requested.until !== undefined) wakeAt(requested.until);
    return requested.drafts;
  };
  const wakeAt = (until: number): void => {
    if (due === until) return;
    due = until;
    // A timer may be early: it is set again.
    const again = (): void => {
      due = undefined;
      run();
    };
    clock.sleep(Math.max(1, until - clock.now()), stopped.signal).then(again, () => undefined);
  };
  const decide = async () => await journal.decide(0, request, sharedTypes);

  const decisions: Promise<unknown>[] = [];
  function run(): void {
    const deciding = decide();
    // Told by `settled`; until then it must not end the process.
    deciding.catch(() => undefined);
    decisions.push(deciding);
  }
  let late = false;
  // A machine that is late once is late a hundred times: the first one is enough to tell.
  const isFirstLate = (event: SiagaEvent): boolean => {
    if (late || event.type !== 'check.finished' || event.data.late !== true) return false;
    if (event.data.outcome !== 'inconclusive') return false;
    late = true;
    return true;
  };
  const isWake = (event: SiagaEvent): boolean =>
    wakes.has(event.type) ||
    (hasStandby && event.type === 'message.failed') ||
    (waiting && event.type === 'tick') ||
    isFirstLate(event);
  const unsubscribe = journal.subscribe((event) => void (isWake(event) && run()));
  run();
  return {
    async settled() {
      gathered = true;
      if (waiting) run();
      for (const deciding of decisions) await deciding;
    },
    async handOver() {
      ending = true;
      return hasStandby && (await decide()).length > 0;
    },
    stop() {
      stopped.abort();
      unsubscribe();
    },
  };
}

/** How long the standby channels have at the end of a run for what the others could not deliver. */
const handOverMs = 10_000;

/** Requests messages as incidents change, and delivers them: `announce` and `startDispatcher` in one. */
export function startMessages(options: DispatcherOptions & { readonly facts: MessageFacts }): Dispatcher {
  const announcing = announce(options.journal, options.clock, options.facts);
  const dispatcher = startDispatcher(options);
  return {
    async drain(deadlineMs) {
      await announcing.settled();
      const left = await dispatcher.drain(deadlineMs);
      if (left.length === 0 || !(await announcing.handOver())) return left;
      return dispatcher.drain(handOverMs);
    },
    async stop() {
      announcing.stop();
      await dispatcher.stop();
    },
  };
}
