import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../kernel/errors.ts';
import { ofRun } from '../../chaos/leftovers.ts';
import type { FaultPort, Injection, Leftover, Undone } from '../../chaos/ports.ts';
import { toxiproxyFaults } from '../toxiproxy/faults.ts';
import { stopProcess, withEnvironment } from '../../provision/process.ts';
import { sameFault } from './protocol.ts';
import type { Charge } from './protocol.ts';

/** One fault that the guard took out, or could not. */
export interface GuardUndone {
  readonly injection: Injection;
  readonly undone: Undone;
}

// A request of the dead runner may still be on its way: look again, and keep the lease until nothing more comes.
const passesAtMs = [0, 100, 250, 450];
const lastPassAtMs = 700;
const giveUpAfterMs = 60_000;

/** Undoes everything the dead runner left in Toxiproxy and ends its children. Never rejects. */
export async function undoEverything(charge: Charge, owner: string): Promise<readonly GuardUndone[]> {
  const began = performance.now();
  const ports = charge.watched.map(({ toxiproxy, run, proxies }) => ({
    run,
    port: toxiproxyFaults(toxiproxy, proxies),
  }));
  const reports: GuardUndone[] = [];
  const pass = async (last: boolean) => {
    const clean = await Promise.all(ports.map(({ run, port }) => passOver(port, run, charge, last, reports)));
    return clean.every(Boolean);
  };
  await pass(false);
  const children = endChildren(charge, owner);
  for (const at of passesAtMs.slice(1)) {
    await sleep(Math.max(0, at - (performance.now() - began)));
    await pass(false);
  }
  await children;
  await untilClean(began, () => pass(true));
  return reports;
}

async function untilClean(began: number, pass: () => Promise<boolean>): Promise<void> {
  await sleep(Math.max(0, lastPassAtMs - (performance.now() - began)));
  while (!(await pass()) && performance.now() - began < giveUpAfterMs) await sleep(1_000);
}

/** Whether nothing of the run is left. The lease goes only with the last pass. */
async function passOver(port: FaultPort, run: string, charge: Charge, last: boolean, reports: GuardUndone[]) {
  const planned = charge.planned.filter(({ owner }) => owner.run === run);
  for (const injection of planned) {
    const undone = await port.remove(injection);
    if (undone.done && undone.rung === 'already-gone') continue;
    reports.push({ injection, undone });
  }
  const mine = ofRun(run);
  const select = (leftover: Leftover) => mine(leftover) && (last || leftover.kind !== 'lease');
  try {
    const swept = await port.sweep(select);
    return swept.every(({ undone }) => undone.done);
  } catch (error) {
    // Nobody listens any more: its faults ended with it, perhaps as one of the runner's own children.
    return last && messageOf(error).includes('ECONNREFUSED');
  }
}

async function endChildren(charge: Charge, owner: string): Promise<void> {
  const graceMs = 500;
  await Promise.all(charge.owned.map((child) => stopProcess(child, 'SIGTERM', graceMs)));
  // Those the runner had no time to announce.
  const unannounced = withEnvironment('SIAGA_OWNER', owner);
  await Promise.all(unannounced.map((child) => stopProcess(child, 'SIGTERM', graceMs)));
}

/** The last report of each fault. */
export function finalReports(reports: readonly GuardUndone[]): readonly GuardUndone[] {
  return reports.filter(
    ({ injection }, index) =>
      !reports.slice(index + 1).some((later) => sameFault(later.injection, injection)),
  );
}
