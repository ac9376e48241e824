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
