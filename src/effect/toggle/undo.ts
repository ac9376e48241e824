import type { Draft } from '../../event/envelope.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { Clock } from '../../kernel/ports.ts';
import type { ToggleActuator } from '../../toggle/ports.ts';
import { readToggles } from '../../toggle/read.ts';
import type { ToggleChanges } from '../recipe.ts';
import { beforeAll, owed } from './owed.ts';
import type { Owed } from './owed.ts';

type Toggles = Readonly<Record<string, string>>;

export interface ToggleUndo {
  readonly actuator: ToggleActuator;
  readonly clock: Clock;
  /** The runbook's normal values, against which what is read is written down. */
  readonly normal: Toggles;
  readonly changes: ToggleChanges;
  readonly by: 'guard' | 'heal';
  /** Into the ledger of the run that died. */
  readonly write: (draft: Draft) => void;
}

export interface TogglesUndone {
  /** Read back as before, by us. */
  readonly restored: Toggles;
  /** Still as the dead run set them, or unreadable, with what they should be. */
  readonly left: Toggles;
  readonly others: Owed['others'];
  /** Why something is left. */
  readonly reason?: string;
}

const readPatienceMs = 5_000;
const lookAgainMs = 200;
const attempts = 3;
const retryMs = 1_000;

/**
 * Puts toggles that a dead run changed back to what they were before it, and reads them back. What reads as neither
 * is left alone. Never rejects.
 */
export async function undoToggles(request: ToggleUndo): Promise<TogglesUndone> {
  const first = await readPatiently(request);
  // Moments after its runner died, a guard may restart a system that does not answer; later it may be anybody's.
  if (!first && request.by === 'heal')
    return {
      restored: {},
      left: beforeAll(request.changes),
      others: [],
      reason: 'the toggles cannot be read',
    };
  const debt = first ? owed(request.changes, first) : { ...nothing, untold: beforeAll(request.changes) };
  const blind = request.by === 'guard';
  const wanted = blind ? { ...debt.restore, ...debt.untold } : debt.restore;
  let left = wanted;
  let reason: string | undefined;
  for (let n = 0; n < attempts && Object.keys(left).length > 0; n++) {
    if (n > 0) await request.clock.sleep(retryMs);
    reason = await apply(request, left);
    const read = await readOnce(request);
    left = read ? stillOwed(request.changes, read, left) : left;
  }
  const restored = Object.fromEntries(Object.entries(wanted).filter(([name]) => !(name in left)));
  const unseen = blind ? {} : debt.untold;
  reason ??= Object.keys(unseen).length === 0 ? undefined : `not reported by ${request.actuator.place}`;
  return {
    restored,
    left: { ...left, ...unseen },
    others: debt.others,
    ...(reason !== undefined && { reason }),
  };
}

const nothing: Owed = { restore: {}, others: [], untold: {} };

/** What the system still tells as it was set, and what was to be put back and is not told. */
function stillOwed(changes: ToggleChanges, read: Toggles, left: Toggles): Toggles {
  const { restore, untold } = owed(changes, read);
  const silent = Object.entries(left).filter(([name]) => name in untold);
  return { ...restore, ...Object.fromEntries(silent) };
}

/** A system that is restarting answers soon. */
async function readPatiently(request: ToggleUndo): Promise<Toggles | undefined> {
  const { clock, actuator } = request;
  const deadline = clock.monotonic() + readPatienceMs;
  while (clock.monotonic() < deadline) {
    const answered = await actuator.read().then(
      () => true,
      () => false,
    );
    if (answered) break;
    await clock.sleep(lookAgainMs);
  }
  return readOnce(request);
}

async function readOnce({ actuator, normal, write }: ToggleUndo): Promise<Toggles | undefined> {
  const data = await readToggles(actuator, normal);
  write({ type: 'toggle.read', data });
  return data.ok || Object.keys(data.values).length > 0 ? data.values : undefined;
}

/** Why it failed; `undefined` where it did not. */
async function apply(
  { actuator, clock, by, write }: ToggleUndo,
  values: Toggles,
): Promise<string | undefined> {
  const began = clock.monotonic();
  const reason = await actuator.apply(values).then(
    () => undefined,
    (error: unknown) => messageOf(error),
  );
  const durationMs = Math.round(clock.monotonic() - began);
  const how = { values, purpose: 'restore', via: actuator.via, by, durationMs } as const;
  write({
    type: 'toggle.applied',
    data: { ...how, ok: reason === undefined, ...(reason !== undefined && { reason }) },
  });
  return reason;
}
