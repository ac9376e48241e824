import type { EventOf, SiagaEvent } from '../event/envelope.ts';
import type { IncidentNoticed } from '../event/incident.ts';
import type { MetricsLook, RoundMeasured, RoundOut } from '../event/round.ts';
import type { Outcome } from '../kernel/outcome.ts';
import { commandLine } from '../kernel/printed.ts';
import { hereOf } from './here.ts';
import { foldIncidents } from './incidents.ts';
import type { IncidentFacts } from './model.ts';
import { openedHere } from './opened.ts';
import { ofType } from './pick.ts';

/** What keeps a run from having passed and is no check, load, experiment or candidate. */
export interface Finding {
  readonly kind: 'signal' | 'state' | 'toggle' | 'metrics' | 'incident' | 'drill';
  readonly name: string;
  readonly outcome: Exclude<Outcome, 'passed'>;
  readonly got: string;
  /** Empty where `got` is a sentence. */
  readonly allowed: string;
  /** Of the event that says so. */
  readonly seq: number;
}

/** A finding in a line, without its name. */
export function findingWords({ got, allowed }: Pick<Finding, 'got' | 'allowed'>): string {
  return allowed === '' ? got : `${got}, allowed ${allowed}`;
}

/** What the last round found, and what the run has to answer for of incidents and of the drills of other runs. */
export function foldFindings(events: readonly SiagaEvent[]): readonly Finding[] {
  const round = ofType(events, 'round.measured').at(-1);
  return [...(round ? roundFindings(round) : []), ...incidentFindings(events), ...drillFindings(events)];
}

/** What a round found beside its checks: what decides before what is in doubt. */
export function roundFindings({ data, seq }: EventOf<'round.measured'>): readonly Finding[] {
  const out = (data.out ?? []).map((one): Finding => outFinding(one, seq));
  const unread = unreadable(data);
  return [
    ...out.filter(({ outcome }) => outcome === 'failed'),
    ...out.filter(({ outcome }) => outcome === 'inconclusive'),
    ...(unread ? [{ ...unread, outcome: 'inconclusive', allowed: '', seq } as const] : []),
  ];
}

function outFinding({ signal, subject, got, allowed, undecided }: RoundOut, seq: number): Finding {
  const isWord = subject?.kind === 'state' || subject?.kind === 'toggle';
  return {
    kind: isWord ? subject.kind : 'signal',
    name: isWord ? subject.name : signal,
    outcome: undecided === undefined ? 'failed' : 'inconclusive',
    got: undecided === undefined ? got : `${got}: ${undecided}`,
    allowed,
    seq,
  };
}

/** What is configured and could not be read at the end of a round, and why. */
export function unreadable({
  metrics = {},
  toggles,
  untold: [state] = [],
}: Pick<RoundMeasured, 'metrics' | 'toggles' | 'untold'>): Unread | undefined {
  const why = metrics.why ?? metricsWords(metrics);
  if (why !== undefined) return { kind: 'metrics', name: 'metrics', got: why };
  if (toggles !== undefined && !toggles.read && toggles.unknown !== true) {
    const got = `the toggles could not be read: ${toggles.why ?? 'no reason given'}`;
    return { kind: 'toggle', name: 'toggles', got };
  }
  if (state === undefined) return undefined;
  const got = `state ${state.state}: ${state.check} answered but did not report it`;
  return { kind: 'state', name: state.state, got };
}

type Unread = Pick<Finding, 'kind' | 'name' | 'got'>;

function metricsWords({ untold = [], unusable = [] }: MetricsLook): string | undefined {
  const missing = untold.length === 0 ? [] : [`the target reports no ${untold.join(', no ')}`];
  const what = [...missing, ...unusable.map(({ metric, why }) => `${metric} ${why}`)];
  return what.length === 0 ? undefined : `the metrics could not be read: ${what.join(', ')}`;
}

/** Incidents that this run opened or raised, and those that were open before it and still are. */
function incidentFindings(events: readonly SiagaEvent[]): readonly Finding[] {
  const judged = foreignDrill(events) === undefined;
  const opened = new Map(
    openedHere(events)
      .toReversed()
      .map(({ data, seq }) => [data.incident, seq]),
  );
  // Beside an open incident only a round has a verdict of its own on the system.
  const round = events.some(({ type, data }) => type === 'run.started' && data.command === 'check');
  const now = events.at(-1)?.at ?? 0;
  return foldIncidents(events).flatMap((incident): readonly Finding[] => {
    const seq = opened.get(incident.id);
    if (incident.drill || (seq === undefined && !isOpen(incident, now))) return [];
    const failed = judged && (seq !== undefined || round);
    return [
      {
        kind: 'incident',
        name: incident.id,
        outcome: failed ? 'failed' : 'inconclusive',
        got: incidentWords(incident, seq, now),
        allowed: '',
        seq: seq ?? incident.episodes.at(-1)?.opened.seq ?? 0,
      },
    ];
  });
}

/** Nobody needs to answer for what is over, or in the hands of its owner until its review. */
function isOpen({ episodes }: IncidentFacts, now: number): boolean {
  const last = episodes.at(-1);
  if (last === undefined || (last.recovered ?? last.closed) !== undefined) return false;
  return last.stable === undefined || now >= last.stable.reviewAt;
}

function incidentWords(incident: IncidentFacts, openedAt: number | undefined, now: number): string {
  const { severity, signals, episodes, transitions } = incident;
  const change = transitions.find(({ seq }) => seq === openedAt)?.change;
  if (change === undefined || !('by' in change))
    return `${severity.highest}, open before this run: ${signals.join(', ')}`;
  const { signal, got, allowed } = change.by;
  const verb = change.kind === 'signal-joined' ? 'raised' : change.kind;
  const over = isOpen(incident, now) || episodes.at(-1)?.recovered === undefined ? '' : '; RECOVERED since';
  return `${severity.highest} ${verb}: ${signal} ${got}, allowed ${allowed}${over}`;
}

/** Another run's drill that was on the target at any time of this run: nothing is judged beside it. */
export function foreignDrill(
  events: readonly SiagaEvent[],
): (Pick<NonNullable<IncidentNoticed['drill']>, 'experiment' | 'left'> & ForeignRun) | undefined {
  for (const { type, data, seq } of events) {
    if (type === 'incident.noticed' && data.drill?.on === true) return { ...data.drill, run: data.run, seq };
  }
  return undefined;
}

interface ForeignRun {
  readonly run: string;
  readonly seq: number;
}

export function drillWords(
  { run, experiment, left }: NonNullable<ReturnType<typeof foreignDrill>>,
  events: readonly SiagaEvent[],
): string {
  const own = ofType(events, 'run.started').at(-1)?.data;
  const heal = commandLine(hereOf(own ?? {}), 'chaos heal');
  return left === undefined
    ? `the drill ${experiment} of run ${run} was on the target: nothing is judged beside it`
    : `a fault of Siaga's own is in the target (${left}), left behind by run ${run}: undo it with ${heal}`;
}

function drillFindings(events: readonly SiagaEvent[]): readonly Finding[] {
  const drill = foreignDrill(events);
  if (drill === undefined) return [];
  const { experiment: name, seq } = drill;
  return [{ kind: 'drill', name, outcome: 'inconclusive', got: drillWords(drill, events), allowed: '', seq }];
}
