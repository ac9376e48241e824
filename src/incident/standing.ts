import type { HoldBucket } from '../event/incident.ts';
import type { IncidentChange, IncidentTransition } from '../event/incident.ts';
import type { Incident, Phase, Standing } from './state.ts';

export const nothingOpen: Standing = { changes: [] };

/** Where the incidents of a target stand after one more transition of it, whichever run wrote it. Drills do not count. */
export function afterTransition(before: Standing, transition: IncidentTransition): Standing {
  const { change, incident: id, ordinal, group, effectiveAt, drill } = transition;
  if (drill || isKnown(before, transition)) return before;
  switch (change.kind) {
    case 'recovered': {
      const recovered = { id, ordinal, group, at: effectiveAt, ...settledHold(before.incident) };
      return { recovered, changes: [...before.changes, effectiveAt] };
    }
    case 'closed':
      return { recovered: before.recovered, changes: before.changes };
    case 'declared':
    case 'reopened': {
      const changes = [...before.changes, effectiveAt];
      return { incident: incidentAfter(undefined, transition), recovered: before.recovered, changes };
    }
    default:
      return { ...before, incident: incidentAfter(before.incident, transition) };
  }
}

// Read twice, at the beginning of a run and during it.
const isKnown = ({ incident, recovered }: Standing, { incident: id, ordinal }: IncidentTransition): boolean =>
  [incident, recovered].some((known) => known?.id === id && known.ordinal >= ordinal);

/** The same after one more bucket of a hold. */
export function afterBucket(before: Standing, { incident: id, phase }: HoldBucket): Standing {
  const { incident } = before;
  if (incident === undefined || incident.id !== id || phase === undefined) return before;
  return { ...before, incident: { ...incident, phase } };
}

/** The hold that the next flapping doubles; nothing where this one did not flap. */
function settledHold(incident: Incident | undefined): { readonly holdBuckets?: number } {
  return incident?.digest === undefined ? {} : { holdBuckets: incident.holdBuckets };
}

function incidentAfter(before: Incident | undefined, transition: IncidentTransition): Incident {
  return transition.state ?? upgraded(before, transition);
}

const longestHold = 10;

// Transitions from before they carried the incident: what follows from their kinds, a hold starting over.
function upgraded(before: Incident | undefined, transition: IncidentTransition): Incident {
  const { change, incident: id, group, drill, ordinal, effectiveAt: at } = transition;
  const fresh = { signals: [], severity: 'SEV-2', holdBuckets: longestHold, since: at } as const;
  const known = before?.id === id ? before : { ...fresh, phase: { name: 'degraded' } as const };
  const signals = 'by' in change ? [...new Set([...known.signals, change.by.signal])] : known.signals;
  return {
    ...known,
    ...('severity' in change && { severity: change.severity }),
    ...('holdBuckets' in change && { holdBuckets: change.holdBuckets }),
    id,
    group,
    drill,
    ordinal,
    signals,
    phase: phaseAfter(known.phase, change, at),
  };
}

function phaseAfter(before: Phase, change: IncidentChange, at: number): Phase {
  const fallback = 'fallback' in before ? before.fallback : { since: at };
  switch (change.kind) {
    case 'declared':
    case 'reopened':
    case 'worsened':
      return { name: 'degraded' };
    case 'mitigated':
      return { name: 'mitigated', providerGood: 0, fallback };
    case 'mitigated-stable': {
      const { owner, since, reviewAt } = change;
      return {
        name: 'mitigated',
        providerGood: 0,
        fallback: { ...fallback, stable: { owner, since, reviewAt } },
      };
    }
    case 'restored':
    case 'hold-reset':
    case 'verifying':
      return { name: 'recovering', hold: { notBefore: at, good: 0, unknownInRow: 0 } };
    default:
      return before;
  }
}
