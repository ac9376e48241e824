import type { SiagaEvent } from '../event/envelope.ts';
import type { IncidentTransition } from '../event/incident.ts';
import type { JudgeSpec } from '../event/specs.ts';
import type { Engine } from '../incident/engine.ts';
import { goneFrom, goneWords } from '../incident/gone.ts';
import { handOverWords, inHand } from '../incident/stable.ts';
import { exit, type ExitCode } from '../kernel/exit.ts';
import { drillWords, foreignDrill } from '../projection/findings.ts';
import { openedHere, openingWords } from '../projection/opened.ts';
import type { Ending } from './ending.ts';

/** What a run has to answer for beside what it was asked to do. */
export interface Standing {
  /** The run's own events. */
  readonly events: readonly SiagaEvent[];
  readonly engine: Pick<Engine, 'incident'>;
  readonly judge: JudgeSpec;
  /** UTC ms. */
  readonly now: number;
  /** How the run ends where an incident was open before it: a round looked at it, a gate cannot judge beside it. */
  readonly openBefore: ExitCode;
}

const final: readonly ExitCode[] = [exit.usage, exit.rollbackFailed, exit.bug, exit.interrupted];

/** How a run ends by its own verdict and by what it knows of incidents, the incident first. */
export function withIncidents(ending: Ending, standing: Standing): Ending {
  if (final.includes(ending.exitCode)) return ending;
  const drill = foreignDrill(standing.events);
  if (drill !== undefined) {
    return { exitCode: exit.inconclusive, reason: joined(drillWords(drill, standing.events), ending.reason) };
  }
  const [opened] = openedHere(standing.events);
  if (opened !== undefined)
    return {
      exitCode: exit.failed,
      reason: joined(openingWords(opened, standing.events) + firingWords(opened.data), ending.reason),
    };
  return withOpen(ending, standing);
}

function withOpen(ending: Ending, { engine, events, judge, now, openBefore }: Standing): Ending {
  const { incident } = engine;
  if (incident === undefined) return withGone(ending, events);
  if (incident.drill) return ending;
  const owner = inHand(incident, now);
  if (owner !== undefined) {
    const words = `${incident.id} is MITIGATED-STABLE, ${handOverWords(owner, judge)}`;
    return ending.reason === '' ? { ...ending, reason: words } : ending;
  }
  const open = `${incident.id} (${incident.severity}) is open: ${incident.signals.join(', ')}`;
  const words = joined(open, goneWords(goneFrom(judge, incident.signals)));
  const exitCode = ending.exitCode === exit.failed ? exit.failed : openBefore;
  return { exitCode, reason: joined(words, ending.reason) };
}

/** A recovery that did not ask for all that fired says so. */
function withGone(ending: Ending, events: readonly SiagaEvent[]): Ending {
  const reasons = events.flatMap(({ type, data }) =>
    type === 'incident.transition' && !data.drill && data.change.kind === 'recovered' && data.change.gone
      ? [`${data.incident} RECOVERED; ${goneWords(data.change.gone)}`]
      : [],
  );
  return reasons.length === 0 ? ending : { ...ending, reason: joined(reasons.join('; '), ending.reason) };
}

function firingWords({ change }: IncidentTransition): string {
  return 'by' in change ? ` ${change.by.got}, allowed ${change.by.allowed}` : '';
}

const joined = (first: string, then: string): string => (then === '' ? first : `${first}; ${then}`);
