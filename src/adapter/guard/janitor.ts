import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../kernel/errors.ts';
import type { Progress } from '../../kernel/ports.ts';
import { describeLeftover, isHeld, liveRuns } from '../../chaos/leftovers.ts';
import type { FaultPort, Leftover } from '../../chaos/ports.ts';
import { hasEnded } from '../../tools/process.ts';

/**
 * Polls each second beside Toxiproxy and undoes whatever nobody holds any more, until aborted. What is only
 * without a lease must be so twice in a row: a listing is not one moment.
 */
export async function undoAbandoned(port: FaultPort, say: Progress, stop: AbortSignal): Promise<void> {
  let suspects = new Set<string>();
  let silent = false;
  while (!stop.aborted) {
    try {
      suspects = await lookOnce(port, suspects, say);
      silent = false;
    } catch (error) {
      if (!silent) say(`cannot ask Toxiproxy: ${messageOf(error)}`);
      silent = true;
    }
    await sleep(1_000, undefined, { signal: stop }).catch(() => undefined);
  }
}

async function lookOnce(port: FaultPort, suspects: ReadonlySet<string>, say: Progress): Promise<Set<string>> {
  const checkedAt = Date.now();
  const live = liveRuns(await port.list(), checkedAt, hasEnded);
  const now = new Set<string>();
  const ends = await port.undoLeft((leftover) => {
    if (isHeld(leftover, live, checkedAt)) return false;
    now.add(keyOf(leftover));
    return suspects.has(keyOf(leftover));
  });
  for (const { leftover, undone } of ends) {
    say(`${describeLeftover(leftover)}: ${undone.done ? undone.step : `stuck (${undone.tried.join('; ')})`}`);
  }
  return now;
}

const keyOf = (leftover: Leftover): string =>
  [leftover.kind, leftover.proxy, leftover.owner.run, leftover.owner.expiresAt].join(' ');
