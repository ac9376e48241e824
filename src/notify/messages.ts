import { announce } from './announce.ts';
import { startCourier, type Courier, type CourierOptions } from './courier.ts';
import type { MessageFacts } from './facts.ts';

/** How long the standby channels have at the end of a run for what the others could not be told. */
const handOverMs = 10_000;

/** Requests messages as incidents change, and delivers them: `announce` and `startCourier` in one. */
export function startMessages(options: CourierOptions & { readonly facts: MessageFacts }): Courier {
  const announcing = announce(options.journal, options.clock, options.facts);
  const courier = startCourier(options);
  return {
    async drain(deadlineMs) {
      await announcing.settled();
      const left = await courier.drain(deadlineMs);
      if (left.length === 0 || !(await announcing.handOver())) return left;
      return courier.drain(handOverMs);
    },
    async stop() {
      announcing.stop();
      await courier.stop();
    },
  };
}
