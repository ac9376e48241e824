import type { Draft } from '../event/envelope.ts';
import type { Firing, IncidentChange, IncidentTransition } from '../event/incident.ts';
import type { Severity } from '../event/specs.ts';
import { shortHash } from '../kernel/hash.ts';
import { emit, type EngineState, type Incident } from './state.ts';
import { checkOf } from './answers.ts';
import { flapping } from './flapping.ts';
import { isHardDown, saysTheSame } from './hard-down.ts';
import { bandsAt } from './recovery.ts';
import { isSteady, phaseTo, stableOf, worsened } from './stable.ts';
import { symptomsAt } from './triggers.ts';

/** Something that fires. */
export interface Announcement {
  readonly firing: Firing;
  readonly severity: Severity;
  /** It is known not to have fired just before. */
  readonly again: boolean;
}

/** Opens, reopens or joins: one incident is open at a time, further triggers attach to it. */
export function announce(state: EngineState, firing: readonly Announcement[], at: number): readonly Draft[] {
  if (state.foreignDrill) return [];
  return firing.flatMap((announcement) => {
    const { incident } = state;
    if (incident === undefined) return open(state, announcement.firing, announcement.severity, at);
    return emit(state, ...attach(state, incident, announcement, at), at);
  });
}

/** States and toggles only open an incident: one that is open asks for them before it recovers. */
export function announceWords(
  state: EngineState,
  firing: readonly Announcement[],
  at: number,
): readonly Draft[] {
  return state.incident === undefined ? announce(state, firing.slice(0, 1), at) : [];
}

/** Remembers what another run announced: what two see at the same close is announced once. */
export function noteAnnouncedElsewhere(
  { announcedElsewhere }: EngineState,
  { change, effectiveAt }: IncidentTransition,
): void {
  const by = 'by' in change ? change.by : change.kind === 'worsened' ? change.over : undefined;
  if (by !== undefined) announcedElsewhere.set(by.signal, effectiveAt);
}

function isAnnouncedElsewhere({ announcedElsewhere, next, spec }: EngineState, { signal }: Firing): boolean {
  return (announcedElsewhere.get(signal) ?? -Infinity) >= next + spec.latenessMs;
}

type Attached = [incident: Incident, changes: readonly IncidentChange[]];

function attach(
  state: EngineState,
  incident: Incident,
  { firing: by, severity, again }: Announcement,
  at: number,
): Attached {
  const known = incident.signals.includes(by.signal) || saysTheSame(by, incident.signals);
  const worst = severity < incident.severity ? severity : incident.severity;
  const signals = known ? incident.signals : [...incident.signals, by.signal];
  const rests = known ? {} : generated(state, by, incident);
  const joined: Incident = { ...incident, signals, severity: worst, ...rests };
  const joins: IncidentChange[] = known ? [] : [{ kind: 'signal-joined', by, severity: worst }];
  const because = `${by.signal} fired${known ? ' again' : ''}`;
  const to = worseTo(state, incident, by, known ? again && !isAnnouncedElsewhere(state, by) : 'joins');
  const stays = to === 'mitigated' && 'fallback' in incident.phase;
  if (to === undefined || (stays && !known)) return [joined, joins];
  const worse = worsened(state, joined, because, to, by);
  return [{ ...joined, phase: phaseTo(to, joined.phase, at) }, [...joins, worse]];
}

/** Where something that fires leads: DEGRADED where users feel it, else MITIGATED. `undefined`: it is as it was. */
function worseTo(
  state: EngineState,
  incident: Incident,
  by: Firing,
  how: 'joins' | boolean,
): 'degraded' | 'mitigated' | undefined {
  const { phase } = incident;
  const holding = phase.name === 'recovering' || phase.name === 'verifying';
  if (phase.name === 'degraded') return undefined;
  if (isHardDown(by)) return 'degraded';
  // Nobody looks at an incident that is MITIGATED-STABLE: what joins it unexplained makes it DEGRADED again, and pages.
  if (stableOf(phase) !== undefined)
    return how === 'joins' && !isExplained(state, incident, by) ? 'degraded' : undefined;
  if (how === false && !holding) return undefined;
  const closed = state.next - state.spec.bucketMs;
  if (phase.name === 'restoring' && !isSteady(state, phase, closed)) return undefined;
  return isFelt(state, by, closed) ? 'degraded' : 'mitigated';
}

function isFelt(state: EngineState, { signal }: Firing, closed: number): boolean {
  return checkOf(state, signal)?.core === true || bandsAt(state, closed).worst === 'bad';
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
    ...generated(state, by),
  };
  const kind = again ? 'reopened' : 'declared';
  const opening: IncidentChange = { kind, severity, by, symptoms, ...restless?.digested };
  const changes = [opening, ...(restless ? [restless.change] : [])];
  const ordinal = incident.ordinal + changes.length;
  const digest = restless?.digested.digested === true && { digest: { at, ordinal } };
  return emit(state, { ...incident, ...digest }, changes, at);
}

/** What of an incident rests on generated load, once this has fired in it. What a drill loads closes with the drill. */
function generated(
  { spec, run, drill }: EngineState,
  { signal }: Firing,
  before: Pick<Incident, 'generated'> = {},
): Pick<Incident, 'generated'> {
  const isLoad = spec.signals.some(({ name, source }) => name === signal && source === 'load');
  return isLoad && !drill ? { generated: { ...before.generated, [signal]: run } } : {};
}

function groupOf(state: EngineState, by: Firing): string {
  return state.spec.signals.find(({ name }) => name === by.signal)?.group ?? 'service';
}

function incidentId(state: EngineState, by: Firing, at: number): string {
  const stamp = new Date(at).toISOString().replaceAll(/[-:T]/g, '');
  const name = shortHash(`${state.target} ${by.signal} ${at}`).slice(0, 4);
  return `INC-${stamp.slice(0, 8)}-${stamp.slice(8, 12)}-${name}`;
}
