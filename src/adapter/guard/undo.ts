import { setTimeout as sleep } from 'node:timers/promises';
import { faultId } from '../../chaos/names.ts';
import type { Draft } from '../../event/envelope.ts';
import { ofRun } from '../../chaos/leftovers.ts';
import type { FaultPort, Injection, Leftover, ProxyState, Undone } from '../../chaos/ports.ts';
import { toxiproxyFaults } from '../toxiproxy/faults.ts';
import { isRefusal } from '../toxiproxy/http.ts';
import { stopProcess, withEnvironment } from '../../tools/process.ts';
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
// Toggles wait for the faults to be out, but not for a Toxiproxy that is gone.
const togglesAfterMs = 4_000;

// A healthy answer takes about 1 ms. Whoever is not gentle enough for a busy machine closes connections, no more;
// one that waits for a wedged Toxiproxy misses the two seconds.
const patience = { gentleMs: 400, callMs: 700 };

export interface Undoing {
  /** Told of each fault's last report, once they are out and at the end. */
  readonly onFaults: (reports: readonly GuardUndone[]) => Promise<void>;
  /** Puts the toggles back; `undefined` where none are owed. Until it is done the lease is kept. */
  readonly toggles: (() => Promise<void>) | undefined;
  /** What is undone elsewhere meanwhile: the lease is kept until it is done. */
  readonly others: Promise<void>;
}

/** Undoes everything the dead runner left in Toxiproxy, ends its children, and puts its toggles back. Never rejects. */
export async function undoEverything(charge: Charge, owner: string, undoing: Undoing): Promise<void> {
  const began = performance.now();
  const ports = charge.watched.map(({ toxiproxy, run, proxies }): Watched => {
    const port = toxiproxyFaults(toxiproxy, { known: proxies, deleted: charge.deleted, patience });
    return { run, port, proxies };
  });
  const reports: GuardUndone[] = [];
  const pass = async (how: Pass) => {
    const clean = await Promise.all(ports.map(({ run, port }) => passOver(port, run, charge, how, reports)));
    return clean.every(Boolean);
  };
  await pass(early);
  const children = endChildren(charge, owner);
  if (finalReports(reports).some(isMute)) await restartServers(charge, ports, reports);
  for (const at of passesAtMs.slice(1)) {
    await sleep(Math.max(0, at - (performance.now() - began)));
    await pass(early);
  }
  await children;
  const { toggles, onFaults, others } = undoing;
  if (toggles) {
    const out = untilClean(began, () => pass({ ...final, lease: false }));
    await Promise.race([out, sleep(togglesAfterMs, undefined, { ref: false })]);
    await onFaults(finalReports(reports));
    await toggles();
    await out;
  }
  await others;
  await untilClean(began, () => pass(final));
  await onFaults(finalReports(reports));
}

async function untilClean(began: number, pass: () => Promise<boolean>): Promise<void> {
  await sleep(Math.max(0, lastPassAtMs - (performance.now() - began)));
  while (!(await pass()) && performance.now() - began < giveUpAfterMs) await sleep(1_000);
}

interface Watched {
  readonly run: string;
  readonly port: FaultPort;
  /** As they were before the run touched them. */
  readonly proxies: readonly ProxyState[];
}

// A new connection while a toxic is being removed in vain keeps even the proxy from being deleted: nothing is
// answered any more, and only a restart helps.
const isMute = ({ undone }: GuardUndone): boolean => !undone.done && undone.why === 'silent';

/** The last rung, for servers that are ours to restart. */
async function restartServers(
  { planned, toggles }: Charge,
  watched: readonly Watched[],
  reports: GuardUndone[],
): Promise<void> {
  const { change } = toggles.way ?? {};
  if (change?.kind !== 'restart') return;
  const { restartServer } = await import('./restart-server.ts');
  for (const { port, run, proxies } of watched) {
    if (!(await restartServer(change.projectDir, port.url, proxies))) continue;
    for (const injection of planned.filter((each) => each.owner.run === run)) {
      const undone = await port.remove(injection);
      reports.push({ injection, undone: undone.done ? { done: true, rung: 'server-restarted' } : undone });
    }
  }
}

interface Pass {
  /** Whether the lease goes too. */
  readonly lease: boolean;
  /** Whether nobody listening means that nothing is left, rather than that somebody restarts it. */
  readonly final: boolean;
}

const early: Pass = { lease: false, final: false };
const final: Pass = { lease: true, final: true };

/** Whether nothing of the run is left. */
async function passOver(port: FaultPort, run: string, charge: Charge, how: Pass, reports: GuardUndone[]) {
  const planned = charge.planned.filter(({ owner }) => owner.run === run);
  // Each proxy for itself, so that a wedged one keeps no other waiting.
  const groups = Map.groupBy(planned, ({ proxy }) => proxy);
  const answered = await Promise.all(
    [...groups.values()].map((injections) => removeAll(port, injections, reports)),
  );
  // It would only hang again.
  if (answered.includes(false)) return false;
  const mine = ofRun(run);
  const select = (leftover: Leftover) => mine(leftover) && (how.lease || leftover.kind !== 'lease');
  try {
    const swept = await port.sweep(select);
    return swept.every(({ undone }) => undone.done);
  } catch (error) {
    // Nobody listens any more: its faults ended with it, perhaps as one of the runner's own children.
    return how.final && isRefusal(error);
  }
}

/** @returns false where Toxiproxy does not answer any more. */
async function removeAll(
  port: FaultPort,
  injections: readonly Injection[],
  reports: GuardUndone[],
): Promise<boolean> {
  for (const injection of injections) {
    const undone = await port.remove(injection);
    if (undone.done && undone.rung === 'already-gone') continue;
    reports.push({ injection, undone });
    if (isMute({ injection, undone })) return false;
  }
  return true;
}

async function endChildren(charge: Charge, owner: string): Promise<void> {
  const graceMs = 500;
  await Promise.all(charge.owned.map((child) => stopProcess(child, 'SIGTERM', graceMs)));
  // Those the runner had no time to announce.
  const unannounced = withEnvironment('SIAGA_OWNER', owner);
  await Promise.all(unannounced.map((child) => stopProcess(child, 'SIGTERM', graceMs)));
}

/** The last report of each fault. */
function finalReports(reports: readonly GuardUndone[]): readonly GuardUndone[] {
  return reports.filter(
    ({ injection }, index) =>
      !reports.slice(index + 1).some((later) => sameFault(later.injection, injection)),
  );
}

/** A fault's report as an event. */
export function draftOf({ injection, undone }: GuardUndone): Draft {
  const facts = { fault: faultId(injection.owner), proxy: injection.proxy };
  return undone.done
    ? { type: 'fault.removed', data: { ...facts, by: 'guard', rung: undone.rung } }
    : { type: 'fault.stuck', data: { ...facts, tried: undone.tried } };
}
