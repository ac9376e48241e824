import type { IncidentChange } from '../../event/incident.ts';
import type { Episode, Marker, Stand, StandName, TransitionEntry } from '../model.ts';

/** Cuts an incident where it was declared and reopened. */
export function episodesOf(transitions: readonly TransitionEntry[]): readonly Episode[] {
  const episodes: Episode[] = [];
  for (const entry of transitions) {
    const { change } = entry;
    if (change.kind === 'declared' || change.kind === 'reopened') {
      episodes.push(opened(entry, change));
      continue;
    }
    const last = episodes.pop();
    if (last !== undefined) episodes.push(changed(last, entry));
  }
  return episodes;
}

function opened(
  entry: TransitionEntry,
  change: Extract<IncidentChange, { kind: 'declared' | 'reopened' }>,
): Episode {
  return {
    opened: marker(entry),
    reopened: change.kind === 'reopened',
    by: change.by,
    mitigated: undefined,
    restored: undefined,
    recovered: undefined,
    stable: undefined,
    criteria: [],
    symptoms: { opened: change.symptoms },
    endpoints: [],
  };
}

// Contained counts from the first time; a restore that had to be done again counts from the last.
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
    default:
      return episode;
  }
}

function marker({ effectiveAt, seq }: TransitionEntry): Marker {
  return { at: effectiveAt, seq };
}

const standAfter: Readonly<Partial<Record<IncidentChange['kind'], StandName | 'closed'>>> = {
  declared: 'degraded',
  reopened: 'degraded',
  worsened: 'degraded',
  mitigated: 'mitigated',
  'mitigated-stable': 'mitigated',
  'restore-proposed': 'mitigated',
  restored: 'recovering',
  'hold-reset': 'recovering',
  verifying: 'verifying',
  recovered: 'closed',
};

/** Where an incident stood over time; neighbours of the same name are one. */
export function standsOf(transitions: readonly TransitionEntry[]): readonly Stand[] {
  const stands: Stand[] = [];
  for (const { change, effectiveAt } of transitions) {
    const name = standAfter[change.kind];
    const last = stands.at(-1);
    if (name === undefined || (last?.to === undefined && last?.name === name)) continue;
    if (last !== undefined && last.to === undefined) stands[stands.length - 1] = { ...last, to: effectiveAt };
    if (name !== 'closed') stands.push({ name, from: effectiveAt, to: undefined });
  }
  return stands;
}
