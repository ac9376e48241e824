import type { Guard } from '../effect/contract.ts';

/** A guard that is only started where a run has something to guard: a round of checks starts no process. */
export interface GuardOnDemand extends Guard {
  /** Resolves when it listens. To be awaited before anything is started that must not outlive the run. */
  ready(): Promise<void>;
}

/** @param start rejects where the guard does not come up; then so does whatever needs it */
export function guardOnDemand(owner: string, start: () => Promise<Guard>): GuardOnDemand {
  const lost = new AbortController();
  let started: Promise<Guard> | undefined;
  let listening: Guard | undefined;
  const begun = async () => (listening = await begin(start, lost));
  const running = (): Promise<Guard> => (started ??= begun());
  return {
    owner,
    get pid() {
      return listening?.pid;
    },
    lost: lost.signal,
    ready: async () => void (await running()),
    // Whoever loses its guard learns so by `lost`.
    own: (pid) =>
      void running().then(
        (guard) => guard.own(pid),
        () => undefined,
      ),
    pending: async (pending) => (await running()).pending(pending),
    settled: (id) => void started?.then((guard) => guard.settled(id)),
    done: async () => (await started?.catch(() => undefined))?.done(),
  };
}

async function begin(start: () => Promise<Guard>, lost: AbortController): Promise<Guard> {
  try {
    const guard = await start();
    guard.lost.addEventListener('abort', () => lost.abort(guard.lost.reason), { once: true });
    return guard;
  } catch (error) {
    lost.abort(error);
    throw error;
  }
}
