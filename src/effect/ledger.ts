import type { SiagaEvent } from '../event/envelope.ts';
import type { FaultPlanned } from '../event/fault.ts';

/** A fault that a run wrote down before it was made, and that nobody has written down as undone. */
export interface PendingFault {
  readonly run: string;
  readonly planned: FaultPlanned;
}

/** The faults that are pending in the events of a target, the latest first. */
export function pendingFaults(events: readonly SiagaEvent[]): readonly PendingFault[] {
  const pending = new Map<string, PendingFault>();
  for (const { run, type, data } of events) {
    if (type === 'fault.planned') pending.set(`${run} ${data.fault}`, { run, planned: data });
    if (type === 'fault.removed') pending.delete(`${run} ${data.fault}`);
  }
  return [...pending.values()].toReversed();
}
