import type { ExperimentFinished, Timing } from '../event/catalogue.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import type { IncidentChange } from '../event/incident.ts';
import { elapsedMs } from '../kernel/boot.ts';

/**
 * Time to detect (first fault in → declared), to contain (first fault in → mitigated while it was in) and to recover
 * (last fault out → recovered). Incidents are noticed a bucket at a time, which is the uncertainty.
 * @param events those of the experiment.
 */
export function timingsOf(events: readonly SiagaEvent[], bucketMs: number): ExperimentFinished['timings'] {
  const injected = events.find(({ type }) => type === 'fault.injected');
  const removed = events.findLast(({ type }) => type === 'fault.removed');
  const detect = between(injected, change(events, injected, 'declared', 'reopened'), bucketMs);
  const contain = between(injected, containedBy(events, injected, removed), bucketMs);
  const recover = between(removed, change(events, removed, 'recovered'), bucketMs);
  return { ...(detect && { detect }), ...(contain && { contain }), ...(recover && { recover }) };
}

/** Users that are well again once the fault is gone were not contained, they were released. */
function containedBy(
  events: readonly SiagaEvent[],
  injected: SiagaEvent | undefined,
  removed: SiagaEvent | undefined,
): SiagaEvent | undefined {
  const mitigated = change(events, injected, 'mitigated');
  const effectiveAt = mitigated?.type === 'incident.transition' ? mitigated.data.effectiveAt : undefined;
  return removed && effectiveAt !== undefined && effectiveAt > removed.at ? undefined : mitigated;
}

function change(
  events: readonly SiagaEvent[],
  after: SiagaEvent | undefined,
  ...kinds: readonly IncidentChange['kind'][]
): SiagaEvent | undefined {
  return events.find(
    (event) =>
      after !== undefined &&
      event.seq > after.seq &&
      event.type === 'incident.transition' &&
      kinds.includes(event.data.change.kind),
  );
}

function between(
  from: SiagaEvent | undefined,
  to: SiagaEvent | undefined,
  plusMinusMs: number,
): Timing | undefined {
  if (!from || !to) return undefined;
  return { ms: Math.round(elapsedMs(from, to)), from: from.seq, to: to.seq, plusMinusMs };
}
