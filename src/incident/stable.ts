import { localTime } from '../kernel/zone.ts';
import type { Firing, HandOver, IncidentChange } from '../event/incident.ts';
import type { JudgeSpec } from '../event/specs.ts';
import { abnormality } from './configuration.ts';
import type { EngineState, Fallback, Incident, Phase } from './state.ts';
import { symptomsAt } from './triggers.ts';

/** Why nobody needs to be paged about an open incident at `now`: it is MITIGATED-STABLE and its review not yet due. */
export function inHand(incident: Incident, now: number): HandOver | undefined {
  const stable = stableOf(incident.phase);
  return stable !== undefined && now < stable.reviewAt ? stable : undefined;
}

/** Whether an incident is MITIGATED-STABLE, and in whose hands. */
export function stableOf(phase: Phase): HandOver | undefined {
  return 'fallback' in phase ? phase.fallback.stable : undefined;
}

/**
 * A fallback that has lasted long enough becomes MITIGATED-STABLE, once. While anything says that the system is down
 * altogether, nothing is handed over.
 */
export function handOver(
  state: EngineState,
  { since, stable }: Fallback,
  start: number,
  now: number,
): Extract<IncidentChange, { kind: 'mitigated-stable' }> | undefined {
  const rule = state.spec.recovery.stable;
  const because = abnormality(state);
  if (rule === undefined || stable !== undefined || because === undefined) return undefined;
  if (state.down.size > 0) return undefined;
  if (now - since < rule.afterMs) return undefined;
  const { owner, reviewAfterMs } = rule;
  const symptoms = symptomsAt(state, start);
  return { kind: 'mitigated-stable', because, owner, since, reviewAt: now + reviewAfterMs, symptoms };
}

/** Worse than it was. Who was promised silence is paged anew. */
export function worsened(
  state: EngineState,
  { phase, severity }: Pick<Incident, 'phase' | 'severity'>,
  because: string,
  to: 'degraded' | 'mitigated',
  by?: Firing,
): Extract<IncidentChange, { kind: 'worsened' }> {
  const change = { kind: 'worsened', because, to, ...(by && { over: by }) } as const;
  if (stableOf(phase) === undefined || by === undefined) return change;
  const symptoms = symptomsAt(state, state.next - state.spec.bucketMs);
  return { ...change, page: { severity, by, symptoms } };
}

/** The phase after it got worse. One that was MITIGATED stays as it is, and what it remembers of its fallback. */
export function phaseTo(to: 'degraded' | 'mitigated', before: Phase, at: number): Phase {
  if (to === 'degraded') return { name: 'degraded' };
  return 'fallback' in before ? before : { name: 'mitigated', providerGood: 0, fallback: { since: at } };
}

/** Toggles are put back by a restart, and that is felt: how many buckets after the proposal nobody is told of it. */
const restartBuckets = 5;

/** Whether what is bad in the bucket that starts at `start` is more than the restart that puts toggles back. */
export function isSteady(
  { spec }: EngineState,
  { proposedBy }: Phase & { name: 'restoring' },
  start: number,
): boolean {
  return start > proposedBy + restartBuckets * spec.bucketMs;
}

/** "owned by …, review by …", for people. */
export function handOverWords({ owner, reviewAt }: HandOver, { zone }: Pick<JudgeSpec, 'zone'>): string {
  const { date, time, label } = localTime(reviewAt, zone);
  return `owned by ${owner.name} (${owner.role}), review by ${date} ${time.slice(0, 5)} ${label}`;
}
