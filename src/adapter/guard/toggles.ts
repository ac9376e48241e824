import { setTimeout as sleep } from 'node:timers/promises';
import { putBack } from '../../chaos/put-back.ts';
import type { Draft } from '../../event/envelope.ts';
import { isAlive } from '../../tools/process.ts';
import type { ProcessId } from '../../tools/process.ts';
import { createHttpProbe } from '../http.ts';
import { systemClock } from '../system.ts';
import { actuatorOfWay } from '../toggle-way.ts';
import type { TogglesCharge } from './protocol.ts';

/** Puts back the toggles that the dead runner had changed. Never rejects; what happened is in the events returned. */
export async function putTogglesBack({
  way,
  normal,
  changes,
  awaited,
}: TogglesCharge): Promise<readonly Draft[]> {
  if (way === undefined || changes.size === 0) return [];
  // A change that is under way would undo the undoing.
  await Promise.all(awaited.map((each) => outlast(each, way.timeoutMs)));
  const http = createHttpProbe();
  const drafts: Draft[] = [];
  const context = { http, clock: systemClock, env: process.env, progress: () => undefined };
  try {
    await putBack({
      actuator: actuatorOfWay(way, context),
      clock: systemClock,
      normal,
      changes,
      by: 'guard',
      write: (draft) => drafts.push({ ...draft, at: systemClock.now() }),
    });
  } finally {
    http.close();
  }
  return drafts;
}

async function outlast(id: ProcessId, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (isAlive(id) && performance.now() < deadline) await sleep(20);
  if (isAlive(id)) endGroup(id);
}

function endGroup({ pid }: ProcessId): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
