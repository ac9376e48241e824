import { announce } from './announce.ts';
import { startDispatcher, type Dispatcher, type DispatcherOptions } from './dispatcher.ts';
import type { MessageFacts } from './facts.ts';

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
