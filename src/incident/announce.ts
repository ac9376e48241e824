import type { Draft } from '../event/envelope.ts';
import type { Firing, IncidentChange } from '../event/incident.ts';
import type { Severity } from '../event/specs.ts';
import { shortHash } from '../kernel/hash.ts';
import { emit } from './emit.ts';
import { flapping } from './flapping.ts';
import { isHardDown, saysTheSame } from './hard-down.ts';
import { stableOf, worsened } from './stable.ts';
import type { EngineState, Incident } from './state.ts';
import { symptomsAt } from './triggers.ts';

interface Announcement {
  readonly firing: Firing;
  readonly severity: Severity;
}

/** Opens, reopens or joins: one incident is open at a time, further triggers attach to it. */
export function announce(state: EngineState, firing: readonly Announcement[], at: number): readonly Draft[] {
  if (state.foreignDrill) return [];
  return firing.flatMap(({ firing: by, severity }) => {
    const { incident } = state;
    if (incident === undefined) return open(state, by, severity, at);
    return emit(state, ...attach(state, incident, by, severity), at);
  });
}

// Nobody looks at an incident that is MITIGATED-STABLE: what joins it unexplained makes it DEGRADED again, and pages.
// So does being hard down, whether or not it was before.
function attach(
  state: EngineState,
  incident: Incident,
  by: Firing,
  severity: Severity,
): [incident: Incident, changes: readonly IncidentChange[]] {
  const known = incident.signals.includes(by.signal) || saysTheSame(by, incident.signals);
  const worst = severity < incident.severity ? severity : incident.severity;
  const signals = known ? incident.signals : [...incident.signals, by.signal];
  const joined: Incident = { ...incident, signals, severity: worst };
  const joins: IncidentChange[] = known ? [] : [{ kind: 'signal-joined', by, severity: worst }];
  const news = isHardDown(by) || !(known || isExplained(state, incident, by));
  if (stableOf(incident.phase) === undefined || !news) return [joined, joins];
  const worse = worsened(state, joined, `${by.signal} fired`, by);
  return [{ ...joined, phase: { name: 'degraded' } }, [...joins, worse]];
}

function isExplained({ spec }: EngineState, { signals }: Incident, { signal }: Firing): boolean {
  return spec.signals.some(({ name, inhibits }) => signals.includes(name) && inhibits.includes(signal));
}

function open(state: EngineState, by: Firing, severity: Severity, at: number): readonly Draft[] {
  const symptoms = symptomsAt(state, state.next - state.spec.bucketMs);
  const before = state.recovered;
  const again = before !== undefined && at - before.at <= state.spec.reopenWithinMs;
  const restless = flapping(state, at);
  const incident: Incident = {
    id: again ? before.id : incidentId(state, by, at),
    group: groupOf(state, by),
    severity,
    drill: state.drill,
    signals: [by.signal],
    ordinal: again ? before.ordinal : 0,
    phase: { name: 'degraded' },
    holdBuckets: restless?.change.holdBuckets ?? state.spec.recovery.holdBuckets,
    since: at,
    keeper: state.run,
  };
  const kind = again ? 'reopened' : 'declared';
  const opening: IncidentChange = { kind, severity, by, symptoms, ...restless?.digested };
  const changes = [opening, ...(restless ? [restless.change] : [])];
  const ordinal = incident.ordinal + changes.length;
  const told = restless?.digested.digested === true && { digest: { at, ordinal } };
  return emit(state, { ...incident, ...told }, changes, at);
}

function groupOf(state: EngineState, by: Firing): string {
  return state.spec.signals.find(({ name }) => name === by.signal)?.group ?? 'service';
}

function incidentId(state: EngineState, by: Firing, at: number): string {
  const stamp = new Date(at).toISOString().replaceAll(/[-:T]/g, '');
  const name = shortHash(`${state.target} ${by.signal} ${at}`).slice(0, 4);
  return `INC-${stamp.slice(0, 8)}-${stamp.slice(8, 12)}-${name}`;
}
