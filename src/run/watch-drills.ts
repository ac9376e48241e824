import { type ActiveDrill, drillInToxiproxy, drillInEvents } from '../chaos/active-drill.ts';
import { type OwnFault, faultsInToxiproxy, faultsInEvents } from '../chaos/own-faults.ts';
import type { Running } from '../exercise/drill.ts';
import type { Session } from './session-types.ts';

/**
 * Asks once, and then once a bucket, whether another run breaks the target on purpose, and writes when that begins or
 * ends. A drill's own run has the lease, so nobody else can.
 */
export async function watchDrills(session: Session): Promise<Running> {
  if (session.request.drill) return { stop: () => Promise.resolve() };
  const stopped = new AbortController();
  let seen = await look(session, undefined);
  const watching = (async () => {
    while (!stopped.signal.aborted) {
      await session.platform.clock.sleep(session.judge.bucketMs, stopped.signal).catch(() => undefined);
      if (!stopped.signal.aborted) seen = await look(session, seen);
    }
  })();
  return {
    async stop() {
      stopped.abort();
      await watching;
      await look(session, seen);
    },
  };
}

interface Seen extends Pick<ActiveDrill, 'run' | 'experiment'> {
  /** A fault of a run that has ended, in words. */
  readonly left?: string;
}

/** What the users of the target feel then is not the system's doing either. */
function leftBehind([fault]: readonly OwnFault[]): Seen | undefined {
  return fault && { run: fault.run, left: `${fault.proxy}: ${fault.what}` };
}

/** What is on now; a change is written. */
async function look(session: Session, before: Seen | undefined): Promise<Seen | undefined> {
  // A store or a Toxiproxy that cannot be asked is reported elsewhere.
  const doing = await ownDoing(session).catch(() => ({ faults: [], drill: undefined }));
  const found = doing.drill ?? leftBehind(doing.faults);
  const now = found?.run === session.run ? undefined : found;
  if (now?.run === before?.run) return before;
  if (before !== undefined) tell(session, before, false);
  if (now !== undefined) tell(session, now, true);
  return now;
}

function tell(
  { journal }: Session,
  { run, experiment = 'of another machine', left }: Seen,
  on: boolean,
): void {
  const drill = { experiment, on, ...(left !== undefined && { left }) };
  journal.append({ type: 'incident.noticed', data: { run, drill } });
}

/** What Siaga itself does to a target at this moment, by any of its runs. */
interface OwnDoing {
  /** Who has the right to break it; this session's own run too. */
  readonly drill?: ActiveDrill;
  readonly faults: readonly OwnFault[];
}

/**
 * Asks the target's Toxiproxy, where it has one that answers (within 2 s), and the events of this project: a drill
 * that either tells of is on. Faults are as Toxiproxy lists them, or as they are written down where it is silent.
 */
export async function ownDoing({
  platform,
  target,
  store,
}: Pick<Session, 'platform' | 'target' | 'store'>): Promise<OwnDoing> {
  const { toxiproxy, name } = target;
  const proxies =
    toxiproxy === undefined
      ? undefined
      : await platform
          .faults(toxiproxy)
          .list()
          .catch(() => undefined);
  const { hasEnded } = platform;
  const now = platform.clock.now();
  const events = store.read({ target: name, types: ['drill.lease', 'fault.planned', 'fault.removed'] });
  const drill = drillInToxiproxy(proxies ?? [], now, hasEnded) ?? drillInEvents(events, now, hasEnded);
  const faults = proxies ? faultsInToxiproxy(proxies) : faultsInEvents(events, now);
  return { faults, ...(drill && { drill }) };
}
