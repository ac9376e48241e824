import { isOver } from '../../projection/incidents.ts';
import { formatMs } from '../../kernel/duration.ts';
import type { ExpectationFacts } from '../../event/catalogue.ts';
import type { IncidentPhase } from '../../projection/model.ts';
import type { LiveIncident, LiveState } from './state.ts';

/** What a run waits for at this moment, the most pressing first; empty where it waits for nothing. */
export function waitingFor(state: LiveState): readonly string[] {
  const { command, phase, verdict, experiment, incident, loads, at } = state;
  if (verdict !== undefined) return [];
  // The load beneath experiments runs until they are done.
  const awaited = command === 'load' || phase.part === 'load';
  const running = Object.entries(loads).filter(([, { durationMs }]) => awaited && durationMs > 0);
  return [
    ...(experiment ? expectations(experiment) : []),
    ...(incident ? [forIncident(incident, holdOf(state)?.of ?? 0)] : []),
    ...running.map(([name, { durationMs, since }]) => {
      const left = Math.max(0, since + durationMs - at);
      return `load ${name}: ${formatMs(left)} of ${formatMs(durationMs)} left`;
    }),
  ].filter(Boolean);
}

/** What counts towards the end of the incident: good minutes so far, of how many. */
export function holdOf({ incident, rules }: LiveState): LiveIncident['hold'] {
  if (incident === undefined || isOver(incident)) return undefined;
  const of = incident.holdBuckets ?? rules?.recovery.holdBuckets ?? 0;
  return incident.hold ?? (incident.phase === 'recovering' ? { name: 'recovery', count: 0, of } : undefined);
}

function expectations({ phase, expected, of }: NonNullable<LiveState['experiment']>): readonly string[] {
  const stages: readonly ExpectationFacts['stage'][] =
    phase === 'recovery' || phase === 'rollback' ? ['after'] : ['steady-state', 'during'];
  const [next] = expected.filter(({ stage }) => stages.includes(stage));
  return next === undefined ? [] : [`${next.text} (${of - expected.length} of ${of} expectations settled)`];
}

const next: Readonly<Record<IncidentPhase, string>> = {
  degraded: 'every recovery criterion inside its limit for a minute',
  mitigated: 'the configuration to be normal again',
  'mitigated-stable': 'its owner, until the review',
  recovering: 'good minutes in a row',
  verifying: 'the core checks to pass',
  recovered: '',
  closed: '',
};

function forIncident({ phase, hold }: LiveIncident, minutes: number): string {
  if (phase === 'mitigated' && hold?.name === 'restore')
    return `the provider to be good for ${hold.of} minutes, then the configuration to be normal again`;
  if (phase === 'recovering') return `${minutes} ${next.recovering}, for RECOVERED`;
  return next[phase];
}
