import type { Episode, Marker, SeverityFacts, TransitionEntry } from '../../projection/model.ts';
import type {
  EndpointRow,
  ExperimentReport,
  FaultReport,
  IncidentReport,
  Report,
  ToggleEntry,
} from '../model.ts';

/** One time an incident was open, with what of the run belongs to it. */
export interface Case {
  readonly report: Report;
  readonly incident: IncidentReport;
  readonly episode: Episode;
  /** The changes of this time, the opening one first. */
  readonly changes: readonly TransitionEntry[];
  /** Signals that fired this time. */
  readonly signals: readonly string[];
  readonly severity: SeverityFacts;
  readonly endpoints: readonly EndpointRow[];
  /** The experiment it happened in, where there was one. */
  readonly experiment: ExperimentReport | undefined;
  /** Faults of that experiment that really went in. */
  readonly faults: readonly FaultReport[];
  readonly started: Marker;
  /** RECOVERED, or the end of the run. */
  readonly endedAt: number;
  readonly contained: readonly ToggleEntry[];
}

export function caseOf(incident: IncidentReport, episode: Episode, report: Report): Case {
  const experiment = experimentAt(report, episode.opened.seq);
  const faults = (experiment?.injections ?? []).filter(
    ({ injected }) => (injected?.seq ?? Infinity) < episode.opened.seq,
  );
  const endedAt = episode.recovered?.at ?? report.run.endedAt;
  return {
    report,
    incident,
    episode,
    changes: episode.transitions,
    signals: episode.signals,
    endpoints: incident.endpoints[incident.episodes.indexOf(episode)] ?? [],
    severity: episode.severity,
    experiment,
    faults,
    started: startedAt(episode, faults),
    endedAt,
    contained: report.toggles.filter(
      ({ kind, at, data, seq }) =>
        kind === 'applied' && data.purpose === 'contain' && seq > episode.opened.seq && at <= endedAt,
    ),
  };
}

function experimentAt({ experiments }: Report, seq: number): ExperimentReport | undefined {
  return experiments.find((experiment) => seq > experiment.seq && seq < (experiment.finishedSeq ?? Infinity));
}

/** The fault's injection where one was in; else the first bucket that was bad. */
function startedAt({ by, opened }: Episode, faults: readonly FaultReport[]): Marker {
  const injected = faults[0]?.injected;
  return injected ?? { at: by.since, seq: by.evidence[0] ?? opened.seq };
}
