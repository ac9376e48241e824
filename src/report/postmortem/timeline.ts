import { cite, mark, table } from '../document/build.ts';
import type { Block, Line, Row } from '../document/types.ts';
import { faultWords, pairs } from '../words.ts';
import { utcTime, zoneLabel, zoneTime } from '../when.ts';
import type { Case } from './context.ts';

interface Mark {
  readonly name: string;
  readonly at: number | undefined;
  readonly what: Line;
}

const unknown = (why: string): Line => [mark('unknown', `unknown: ${why}`)];

/** The seven marks of a timeline; what no event says stays unknown. */
export function sevenMarks(of: Case): Block {
  const { zone } = of.report.run.judge;
  const rows = marksOf(of).map(({ name, at, what }, index): Row => ({
    cells: [
      [String(index + 1)],
      [at === undefined ? 'unknown' : zoneTime(at, zone)],
      [at === undefined ? 'unknown' : utcTime(at)],
      [name],
      what,
    ],
  }));
  return table(['Mark', zoneLabel(of.started.at, zone), 'UTC', 'Meaning', 'What happened'], rows);
}

function marksOf(of: Case): readonly Mark[] {
  const { episode, severity, started } = of;
  return [
    { name: 'incident started', at: started.at, what: startOf(of) },
    {
      name: 'detected',
      at: episode.opened.at,
      what: [`via ${detectionSource(of)}: ${episode.by.signal} ${episode.by.got} `, cite(episode.opened.seq)],
    },
    {
      name: 'triaged',
      at: episode.opened.at,
      what: [
        `${severity.highest} at its highest, by the runbook’s rule; whether a person confirmed it is unknown `,
        cite(severity.reached.seq),
      ],
    },
    containment(of),
    causeFound(of),
    causeRemoved(of),
    {
      name: 'verified resolved',
      at: episode.recovered?.at,
      what: episode.recovered
        ? [`RECOVERED, ${episode.criteria.length} criteria met `, cite(episode.recovered.seq)]
        : unknown('the run ended before RECOVERED'),
    },
  ];
}

function startOf({ faults, started, episode }: Case): Line {
  const [fault] = faults;
  if (fault !== undefined) return [`injected on purpose: ${faultWords(fault)} `, cite(started.seq)];
  return [`first bad bucket of ${episode.by.signal}; the true start may be earlier `, cite(started.seq)];
}

/** Who noticed: our checks, the load, or the system's own metrics. */
export function detectionSource({ report, episode }: Case): string {
  const spec = report.signals.find((series) => series.spec.name === episode.by.signal)?.spec;
  if (spec === undefined) return 'our checks';
  return ({ probe: 'our checks', load: 'the load', server: 'the system’s own metrics' } as const)[
    spec.source
  ];
}

function containment({ contained, episode }: Case): Mark {
  const [first] = contained;
  if (first?.kind === 'applied') {
    return {
      name: 'contained',
      at: first.at,
      what: [`toggles ${pairs(first.data.values)} by ${first.data.via} `, cite(first.seq)],
    };
  }
  if (episode.mitigated !== undefined) {
    return {
      name: 'contained',
      at: episode.mitigated.at,
      what: ['by the system itself, no toggle was set: MITIGATED ', cite(episode.mitigated.seq)],
    };
  }
  return { name: 'contained', at: undefined, what: unknown('nothing contained it') };
}

function causeFound({ faults }: Case): Mark {
  const proof = faults.find((fault) => fault.proof?.proven === true)?.proof;
  if (proof === undefined)
    return { name: 'cause identified', at: undefined, what: unknown('no event names a cause') };
  return {
    name: 'cause identified',
    at: proof.at,
    what: ['known beforehand: the drill’s own fault, proven here ', cite(proof.seq)],
  };
}

function causeRemoved({ faults, episode }: Case): Mark {
  const removed = faults.map((fault) => fault.removed).findLast((each) => each !== undefined);
  if (removed === undefined)
    return { name: 'fix deployed', at: undefined, what: unknown('no event records a fix') };
  const restored = episode.restored ? [', configuration normal ', cite(episode.restored.seq)] : [];
  return {
    name: 'fix deployed',
    at: removed.at,
    what: [`the fault was removed by ${removed.by} `, cite(removed.seq), ...restored],
  };
}
