import { type ActiveDrill, drillInEvents } from '../chaos/active-drill.ts';
import type { Holder } from '../chaos/names.ts';
import type { FaultPort, Lease, LeaseDetails } from '../chaos/ports.ts';
import type { Draft } from '../event/envelope.ts';
import { SiagaError } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import { printed } from '../kernel/printed.ts';
import type { Session } from './session-types.ts';

export type LeaseTools = Pick<Session, 'journal'> & {
  readonly platform: Pick<Session['platform'], 'clock' | 'hasEnded' | 'ownMark' | 'identify'>;
};

const leaseMs = 30_000;
const renewEveryMs = 5_000;

/**
 * For a target without a Toxiproxy: it has no proxies to put faults into, and the right to break it is held in the
 * events of its project, where every run of the project sees it. Runs of other machines do not.
 */
export function withoutToxiproxy(tools: LeaseTools): FaultPort {
  return {
    url: '',
    list: () => Promise.resolve([]),
    inject: refuse,
    readBack: refuse,
    // Nobody holds it any more once its processes have ended.
    undoOfLease: () => Promise.resolve(undefined),
    undo: () => Promise.resolve({ done: true, step: 'already-gone' }),
    lease: (run, details) => takeLease(tools, run, details),
    undoLeft: () => Promise.resolve([]),
  };
}

const refuse = () => Promise.reject(noProxies());

async function takeLease(tools: LeaseTools, run: string, details: LeaseDetails = {}): Promise<Lease> {
  const holder = await claim(tools, run, details);
  const [lost, stop] = [new AbortController(), new AbortController()];
  const renewing = renew(tools, holder, { lost, stop: stop.signal, details });
  return {
    holder,
    lost: lost.signal,
    // Whoever took it writes that it is released.
    async [Symbol.asyncDispose]() {
      stop.abort();
      await renewing;
    },
  };
}

/** Looks whether another drill is on and writes that this one is, as one transaction. */
async function claim({ journal, platform }: LeaseTools, run: string, details: LeaseDetails): Promise<Holder> {
  const { clock, hasEnded, ownMark, identify } = platform;
  const now = clock.now();
  const { experiment = '', guard } = details;
  const own = ownMark();
  const guards = guard === undefined ? [] : [{ ...identify(guard), machine: own.machine }];
  const holder = { run, expiresAt: now + leaseMs, experiment, processes: [own, ...guards] };
  const taken: Draft = {
    type: 'drill.lease',
    data: { state: 'taken', experiment, expiresAt: holder.expiresAt, processes: holder.processes },
  };
  let other: ActiveDrill | undefined;
  const written = await journal.decide(
    0,
    (events) => {
      other = drillInEvents(
        events.filter((event) => event.run !== run),
        now,
        hasEnded,
      );
      return other ? [] : [taken];
    },
    ['drill.lease'],
  );
  if (written.length === 0) throw leased(other);
  return holder;
}

async function renew(
  { platform: { clock } }: LeaseTools,
  first: Holder,
  { lost, stop, details }: { lost: AbortController; stop: AbortSignal; details: LeaseDetails },
): Promise<void> {
  const waited = () =>
    clock.sleep(renewEveryMs, stop).then(
      () => !stop.aborted,
      () => false,
    );
  let held = first;
  while (await waited()) {
    const now = clock.now();
    if (now > held.expiresAt) return lost.abort(new Error('the lease expired before it was renewed'));
    held = { ...held, expiresAt: now + leaseMs };
    details.onHeld?.('renewed', held);
  }
}

function leased(other: ActiveDrill | undefined): SiagaError {
  const who = other?.experiment ? `${other.run} (experiment ${other.experiment})` : (other?.run ?? 'unknown');
  return new SiagaError('target-leased', {
    what: `another run holds this target: ${who}`,
    where: 'the events of this project',
    allowed: 'one run at a time',
    hint: `wait for it, or undo what a crashed run left behind with: ${printed('chaos heal')}`,
    exitCode: exit.inconclusive,
  });
}

function noProxies(): SiagaError {
  return new SiagaError('no-toxiproxy', {
    what: 'the target has no Toxiproxy to break its connections with',
    exitCode: exit.usage,
  });
}
