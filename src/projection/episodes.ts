import type { Incident, IncidentChange } from '../event/incident.ts';
import type {
  Episode,
  IncidentPhase,
  Marker,
  SeverityFacts,
  StatusSpan,
  StatusName,
  TransitionEntry,
} from './model.ts';

type Opening = Extract<IncidentChange, { kind: 'declared' | 'reopened' }>;

const opens = ({ change }: TransitionEntry): boolean =>
  change.kind === 'declared' || change.kind === 'reopened';

/** Cuts an incident where it was declared and reopened. */
export function episodesOf(transitions: readonly TransitionEntry[]): readonly Episode[] {
  const starts = transitions.flatMap((entry, index) => (opens(entry) ? [index] : []));
  return starts.flatMap((start, index) => episodeOf(transitions.slice(start, starts[index + 1])));
}

function episodeOf(transitions: readonly TransitionEntry[]): readonly Episode[] {
  const [first, ...later] = transitions;
  if (first === undefined || (first.change.kind !== 'declared' && first.change.kind !== 'reopened'))
    return [];
  const begun = opened(first, first.change);
  const facts = { signals: signalsOf(transitions), severity: severityOf(transitions, begun.severity) };
  return [{ ...later.reduce(changed, begun), ...facts, transitions }];
}

function opened(entry: TransitionEntry, { kind, by, severity, symptoms }: Opening): Episode {
  return {
    opened: marker(entry),
    reopened: kind === 'reopened',
    by,
    severity: { now: severity, highest: severity, reached: marker(entry) },
    signals: [by.signal],
    mitigated: undefined,
    restored: undefined,
    recovered: undefined,
    closed: undefined,
    stable: undefined,
    criteria: [],
    symptoms: { opened: symptoms },
    transitions: [],
  };
}

// Mitigated counts from the first time; a restore that had to be done again counts from the last.
function changed(episode: Episode, entry: TransitionEntry): Episode {
  const { change } = entry;
  switch (change.kind) {
    case 'mitigated':
      return { ...episode, mitigated: episode.mitigated ?? marker(entry) };
    case 'mitigated-stable': {
      const { owner, since, reviewAt } = change;
      return { ...episode, stable: { owner, since, reviewAt, ...marker(entry) } };
    }
    case 'worsened':
      return { ...episode, stable: undefined };
    case 'restored':
      return { ...episode, restored: marker(entry), stable: undefined };
    case 'recovered':
      return {
        ...episode,
        recovered: marker(entry),
        criteria: change.criteria,
        symptoms: { ...episode.symptoms, recovered: change.symptoms },
      };
    case 'closed':
      return { ...episode, closed: { ...marker(entry), because: change.because } };
    default:
      return episode;
  }
}

/** When a transition became true, citing the event that says so. */
export const marker = ({ effectiveAt, seq }: TransitionEntry): Marker => ({ at: effectiveAt, seq });

/** The severities that transitions reported, from where it stood before; SEV-0 sorts first. */
export function severityOf(transitions: readonly TransitionEntry[], before: SeverityFacts): SeverityFacts {
  return transitions.reduce((known, entry) => {
    const { change } = entry;
    if (!('severity' in change)) return known;
    const now = change.severity;
    return now < known.highest ? { now, highest: now, reached: marker(entry) } : { ...known, now };
  }, before);
}

export function signalsOf(transitions: readonly TransitionEntry[]): readonly string[] {
  return [...new Set(transitions.flatMap(({ change }) => ('by' in change ? [change.by.signal] : [])))];
}

/** What each change makes of an incident; most of them can leave it where it stood. */
const phases: Readonly<Record<IncidentChange['kind'], IncidentPhase | 'as before'>> = {
  declared: 'degraded',
  reopened: 'degraded',
  worsened: 'degraded',
  mitigated: 'mitigated',
  'mitigated-stable': 'mitigated-stable',
  restored: 'recovering',
  'hold-reset': 'recovering',
  verifying: 'verifying',
  recovered: 'recovered',
  closed: 'closed',
  'signal-joined': 'as before',
  'restore-proposed': 'as before',
  'verify-failed': 'as before',
  flapping: 'as before',
  digest: 'as before',
  settled: 'as before',
  'taken-over': 'as before',
};

/** Where a change leaves an incident; `undefined` where it leaves it as it was. */
export function phaseAfter(change: IncidentChange): IncidentPhase | undefined {
  if (change.kind === 'worsened' && change.to === 'mitigated') return 'mitigated';
  const phase = phases[change.kind];
  return phase === 'as before' ? undefined : phase;
}

export function phaseOf(transitions: readonly TransitionEntry[]): IncidentPhase {
  const last = transitions.findLast(({ change }) => phaseAfter(change) !== undefined);
  return (last && phaseAfter(last.change)) ?? 'degraded';
}

/** The phase of an open incident, as the run that keeps it says. */
export function phaseIn({ phase }: Pick<Incident, 'phase'>): IncidentPhase {
  if (phase.name !== 'mitigated' && phase.name !== 'restoring') return phase.name;
  return phase.fallback.stable === undefined ? 'mitigated' : 'mitigated-stable';
}

const statusOf = (phase: IncidentPhase | undefined): StatusName | 'recovered' | 'closed' | undefined =>
  phase === 'mitigated-stable' ? 'mitigated' : phase;

/** Where an incident stood over time; neighbours of the same name are one. */
export function statusSpansOf(transitions: readonly TransitionEntry[]): readonly StatusSpan[] {
  const statusSpans: StatusSpan[] = [];
  for (const { change, effectiveAt } of transitions) {
    const name = statusOf(phaseAfter(change));
    const last = statusSpans.at(-1);
    if (name === undefined || (last?.to === undefined && last?.name === name)) continue;
    if (last !== undefined && last.to === undefined)
      statusSpans[statusSpans.length - 1] = { ...last, to: effectiveAt };
    if (name !== 'recovered' && name !== 'closed')
      statusSpans.push({ name, from: effectiveAt, to: undefined });
  }
  return statusSpans;
}
