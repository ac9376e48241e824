import type { EventType } from '../event/catalogue.ts';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import type { Decide, JournalOptions, RunJournal } from '../event/store.ts';
import { Mirror } from './mirror.ts';
import { Recorder, onceEach } from './recorder.ts';
import { ClockSteps } from './steps.ts';
import { stamp } from './stamp.ts';

/**
 * A journal without a store, for runs that may keep no state: sequences count from 1, nothing is shared with other
 * processes, and `events.ndjson` is written where a folder is given.
 * @throws {SiagaError} `run-folder-unwritable` (exit 3).
 */
export function memoryJournal(options: JournalOptions): RunJournal {
  const tell = onceEach(options.onProblem);
  const mirror = options.folder === undefined ? undefined : new Mirror(options.folder, tell);
  const recorder = new Recorder({ earlier: [], mirror, tell });
  const steps = new ClockSteps(options.clock);
  const append = (draft: Draft): SiagaEvent => {
    const step = steps.look();
    if (step !== undefined) append(step);
    const event = { ...stamp(options, draft), seq: (recorder.events.at(-1)?.seq ?? 0) + 1 };
    recorder.accept([event]);
    return event;
  };
  return {
    run: options.run,
    recorded: true,
    append,
    subscribe: (listener) => recorder.subscribe(listener),
    events: () => recorder.events,
    decide: async (since: number, fold: Decide, types?: readonly EventType[]) => {
      const known = recorder.events.filter((event) => event.seq > since && matches(event, types));
      return fold(known).map(append);
    },
    finish: () => mirror?.rewrite(recorder.events),
  };
}

const matches = (event: SiagaEvent, types: readonly EventType[] | undefined): boolean =>
  types?.includes(event.type) ?? true;
