import type { ToggleChanges, Undoer, ValuesUndone } from '../recipe.ts';
import { beforeAll, stillChanged } from './changes.ts';
import { readAndWrite, setAndRead } from './set.ts';
import type { SetRequest } from './set.ts';

type Toggles = Readonly<Record<string, string>>;

export interface ToggleUndo extends SetRequest {
  readonly changes: ToggleChanges;
  readonly by: Undoer;
}

const readPatienceMs = 5_000;
const lookAgainMs = 200;
const attempts = 3;
const retryMs = 1_000;

/**
 * Sets toggles that a dead run changed to what they were before it, and reads them back. What reads as neither is left
 * alone. Never rejects.
 */
export async function undoToggles(request: ToggleUndo): Promise<ValuesUndone> {
  const { changes, by } = request;
  const first = await readPatiently(request);
  // Moments after its runner died, a guard may restart a system that does not answer; later it may be anybody's.
  if (!first && by === 'heal')
    return { restored: {}, left: beforeAll(changes), others: [], reason: 'the toggles cannot be read' };
  const { ours, others, untold } = first
    ? stillChanged(changes, first)
    : { ours: {}, others: [], untold: beforeAll(changes) };
  const blind = by === 'guard';
  const wanted = blind ? { ...ours, ...untold } : ours;
  let left = wanted;
  let reason: string | undefined;
  for (let n = 0; n < attempts && Object.keys(left).length > 0; n++) {
    if (n > 0) await request.clock.sleep(retryMs);
    const set = await setAndRead(request, left, { purpose: 'restore', by });
    reason = set.reason;
    left = set.read ? stillLeft(changes, set.read, left) : left;
  }
  const restored = Object.fromEntries(Object.entries(wanted).filter(([name]) => !(name in left)));
  const unseen = blind ? {} : untold;
  reason ??= Object.keys(unseen).length === 0 ? undefined : `not reported by ${request.actuator.place}`;
  return { restored, left: { ...left, ...unseen }, others, ...(reason !== undefined && { reason }) };
}

/** What the system still tells as it was set, and what was to be set and is not told. */
function stillLeft(changes: ToggleChanges, read: Toggles, left: Toggles): Toggles {
  const { ours, untold } = stillChanged(changes, read);
  const silent = Object.entries(left).filter(([name]) => name in untold);
  return { ...ours, ...Object.fromEntries(silent) };
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
  return (await readAndWrite(request)).read;
}
