import type { Containment } from '../../projection/containment.ts';
import type { Impact } from '../../projection/impact.ts';
import type { Episode } from '../../projection/model.ts';
import type { ExperimentReport, FaultReport, IncidentReport, Report } from '../model.ts';

/** One time an incident was open, with what of the run belongs to it. */
export interface Case {
  readonly report: Report;
  readonly incident: IncidentReport;
  readonly episode: Episode;
  readonly impact: Impact;
  readonly containment: Containment | undefined;
  /** The experiment it happened in, where there was one. */
  readonly experiment: ExperimentReport | undefined;
  /** Faults of that experiment that really went in. */
  readonly faults: readonly FaultReport[];
}

/** Each time that an incident was open. */
export function casesOf(incident: IncidentReport, report: Report): readonly Case[] {
  return incident.episodes.flatMap((episode, index) => {
    const [impact, containment] = [incident.impacts[index], incident.containments[index]];
    if (impact === undefined) return [];
    const experiment = experimentAt(report, episode.opened.seq);
    const faults = (experiment?.injections ?? []).filter(
      ({ injected }) => (injected?.seq ?? Infinity) < episode.opened.seq,
    );
    return [{ report, incident, episode, impact, containment, experiment, faults }];
  });
}

function experimentAt({ experiments }: Report, seq: number): ExperimentReport | undefined {
  return experiments.find((experiment) => seq > experiment.seq && seq < (experiment.finishedSeq ?? Infinity));
}

/** Whose doing a containment was, as far as read-back shows. */
export function byWhom({ by, actions }: Containment): string {
  const set = actions.filter(({ kind }) => kind === 'toggle').map(({ name, value }) => `${name}=${value}`);
  switch (by) {
    case 'siaga':
      return `by the toggles that Siaga set: ${set.join(', ')}`;
    case 'person':
      return `by toggles that a person set: ${set.join(', ')}`;
    case 'system':
      return 'by the system itself; the toggles were read back, and nobody had set any';
    case 'unknown':
      return 'inside the limits again; by whom is unknown';
  }
}

/** Who noticed: our checks, the load, the system's own metrics, or a source of the project's own. */
export function detectionSource({ report, episode }: Case): string {
  const spec = report.signals.find((series) => series.spec.name === episode.by.signal)?.spec;
  if (spec === undefined) return 'our checks';
  return (
    {
      probe: 'our checks',
      load: 'the load',
      server: 'the system’s own metrics',
      own: `the source ${spec.own ?? ''}`,
    } as const
  )[spec.source];
}
