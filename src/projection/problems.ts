import type { Catalogue } from '../event/catalogue.ts';
import type { EventOf, SiagaEvent } from '../event/envelope.ts';
import { formatMs } from '../kernel/duration.ts';
import { groupBy } from './pick.ts';

export interface OwnProblem {
  readonly what: string;
  readonly hint: string | undefined;
  readonly count: number;
  readonly evidence: readonly number[];
  /** Where the run itself named it. */
  readonly named?: Catalogue['run.problem'];
}

type Lateness = Extract<SiagaEvent, { type: 'sampling.late' }>['data'];

interface Said {
  readonly what: string;
  readonly hint?: string;
  readonly seq: number;
  /** How many it stands for. */
  readonly count: number;
  readonly worst?: number;
  readonly named?: OwnProblem['named'];
}

/** What kept us from measuring or telling: ours, never the target's. Alike ones are one line. */
export function foldProblems(events: readonly SiagaEvent[]): readonly OwnProblem[] {
  const groups = groupBy(events.flatMap(problemsOf), ({ what }) => what);
  return [...groups.values()].map((group) => {
    const worst = Math.max(...group.map((said) => said.worst ?? 0));
    return {
      what: `${group[0]?.what ?? ''}${worst > 0 ? `, ${formatMs(worst)} at worst` : ''}`,
      hint: group.find(({ hint }) => hint !== undefined)?.hint,
      count: group.reduce((sum, { count }) => sum + count, 0),
      evidence: group.map(({ seq }) => seq),
      ...(group[0]?.named && { named: group[0].named }),
    };
  });
}

function steppedWords({ byMs = 0, betweenRuns }: EventOf<'clock.jump'>['data']): string {
  if (betweenRuns === true) return 'set back before this run began';
  return `${byMs < 0 ? 'set back' : 'set forward'}; the buckets it touched are unknown`;
}

// A run that was left out was not late: the one before it had not ended, or its hour was used up.
function lateness({ check, latenessMs, skipped }: Lateness, seq: number): readonly Said[] {
  const late = { what: `check ${check} ran late`, seq, count: 1, worst: latenessMs };
  const left = { what: `planned runs of check ${check} were skipped`, seq, count: skipped };
  return [...(latenessMs > 0 ? [late] : []), ...(skipped > 0 ? [left] : [])];
}

function problemsOf(event: SiagaEvent): readonly Said[] {
  const { seq } = event;
  const one = (what: string, facts: Partial<Said> = {}): readonly Said[] => [
    { what, seq, count: 1, ...facts },
  ];
  switch (event.type) {
    case 'run.problem':
      return one(`${event.data.code}: ${event.data.message}`, {
        named: event.data,
        ...(event.data.hint !== undefined && { hint: event.data.hint }),
      });
    case 'check.finished':
      return event.data.outcome === 'inconclusive'
        ? one(`check ${event.data.check} inconclusive: ${event.data.reason ?? 'no reason given'}`)
        : [];
    case 'sampling.late':
      return lateness(event.data, seq);
    case 'sampling.dropped':
      return one(`samples of ${event.data.signal} came after their bucket had closed`, {
        count: event.data.count,
      });
    case 'incident.blind':
      return one(`no data: ${event.data.signal} had no samples`);
    case 'incident.resumed':
      return event.data.keeps === false
        ? []
        : one(`a gap before this run took over an open incident`, { worst: event.data.gapMs });
    case 'clock.jump':
      return one(`the wall clock was ${steppedWords(event.data)}`, { worst: Math.abs(event.data.byMs ?? 0) });
    case 'load.exception':
      return one(`uncaught in the load script: ${event.data.message}`, { count: event.data.count });
    case 'message.dead':
      return event.data.because === 'combined'
        ? []
        : one(`a message could not be delivered to ${event.data.channel}: ${event.data.reason}`);
    default:
      return event.unrecorded === true ? one('events that the store could not take') : [];
  }
}
