import { announce } from './announce.ts';
import { startCourier, type Courier, type CourierOptions } from './courier.ts';
import type { MessageFacts } from './facts.ts';

/** Requests messages as incidents change, and delivers them: `announce` and `startCourier` in one. */
export function startMessages(options: CourierOptions & { readonly facts: MessageFacts }): Courier {
  const announcing = announce(options.journal, options.clock, options.facts);
  const courier = startCourier(options);
  return {
    async drain(deadlineMs) {
      await announcing.settled();
      return courier.drain(deadlineMs);
    },
    async stop() {
      announcing.stop();
      await courier.stop();
    },
  };
}
