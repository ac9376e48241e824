import { expect, test } from 'vitest';
import { startGuard } from '../adapter/guard/launch.ts';
import type { Guard } from '../effect/contract.ts';
import { guardOnDemand } from './guard.ts';

/** Guards that are real processes, and how many were started. */
function guards() {
  const started: Guard[] = [];
  const start = async () => {
    const guard = await startGuard({ owner: 'run1', env: process.env });
    started.push(guard);
    return guard;
  };
  return { started, start };
}

test('a run that starts nothing has no guard', async () => {
  const { started, start } = guards();
  const guard = guardOnDemand('run1', start);
  await guard.done();
  expect([guard.owner, started.length]).toEqual(['run1', 0]);
});

test('one guard is started, however often it is needed, and ends with the run', async () => {
  const { started, start } = guards();
  const guard = guardOnDemand('run1', start);
  guard.own(process.pid);
  await Promise.all([guard.ready(), guard.ready()]);
  expect([started.length, guard.lost.aborted]).toEqual([1, false]);
  await guard.done();
  expect(started[0]?.lost.aborted).toBe(true);
});

test('a guard that does not come up is told to whoever needs it', async () => {
  const guard = guardOnDemand('run1', () => Promise.reject(new Error('no room')));
  guard.own(1);
  await expect(guard.ready()).rejects.toThrow('no room');
  expect(guard.lost.aborted).toBe(true);
  await guard.done();
});
