import { plural } from '../../kernel/plural.ts';
import { cite, mark, table } from '../document/build.ts';
import type { Block, Line, Row } from '../document/types.ts';
import { faultWords, heldWords } from '../words.ts';
import { closedWords, firingWords } from '../words-incident.ts';
import { clockCells, clocks } from '../when.ts';
import { fixWords } from '../incident-page.ts';
import { type Case, byWhom, detectionSource } from './context.ts';

interface Mark {
  readonly name: string;
  readonly at: number | undefined;
  readonly what: Line;
}

const unknown = (why: string): Line => [mark('unknown', `unknown: ${why}`)];

/** The seven marks of a timeline, in order of time; what no event says stays unknown, and comes last. */
export function sevenMarks(of: Case): Block {
  const { zone } = of.report.run.judge;
  const marks = marksOf(of).toSorted((a, b) => (a.at ?? Infinity) - (b.at ?? Infinity) || 0);
  const rows = marks.map(({ name, at, what }, index): Row => ({
    cells: [
      [String(index + 1)],
      ...(at === undefined
        ? clocks(of.impact.started.at, zone).map(() => ['unknown'])
        : clockCells(at, zone)),
      [name],
      what,
    ],
  }));
  return table(['Mark', ...clocks(of.impact.started.at, zone), 'Meaning', 'What happened'], rows);
}

function marksOf(of: Case): readonly Mark[] {
  const { episode, impact, report } = of;
  return [
    { name: 'incident started', at: impact.started.at, what: startOf(of) },
    {
      name: 'detected',
      at: episode.opened.at,
      what: [
        `via ${detectionSource(of)}: ${firingWords(episode.by, report.run.judge.signals)} `,
        cite(episode.opened.seq),
      ],
    },
    triage(of),
    containment(of),
    causeFound(of),
    causeRemoved(of),
    {
      name: 'verified resolved',
      at: episode.recovered?.at,
      what: episode.recovered
        ? [
            `RECOVERED, ${plural(episode.criteria.length, 'criterion', 'criteria')} met `,
            cite(episode.recovered.seq),
          ]
        : unknown(
            episode.closed
              ? `never: ${closedWords(episode.closed.because)}`
              : 'the run ended before RECOVERED',
          ),
    },
  ];
}

function triage({ episode: { severity }, incident: { record } }: Case): Mark {
  const told = record.entries.findLast(
    ({ entry }) => entry.kind === 'triage' && entry.severity !== undefined,
  );
  if (told !== undefined)
    return {
      name: 'triaged',
      at: told.at,
      what: [
        `${record.triage.severity} by ${told.by} `,
        cite(told.seq),
        `; ${severity.highest}, the highest, by the runbook’s rule `,
        cite(severity.reached.seq),
      ],
    };
  return {
    name: 'triaged',
    at: severity.reached.at,
    what: [
      `${severity.highest}, the highest, by the runbook’s rule; whether a person confirmed it is unknown `,
      cite(severity.reached.seq),
    ],
  };
}

function startOf({ faults, impact, episode }: Case): Line {
  const [fault] = faults;
  if (fault !== undefined)
    return [`injected on purpose: ${faultWords(fault)}, ${heldWords(fault)} `, cite(impact.started.seq)];
  return [
    `first bad bucket of ${episode.by.signal}; the true start may be earlier `,
    cite(impact.started.seq),
  ];
}

function containment({ containment: found, episode }: Case): Mark {
  const name = 'contained';
  if (found)
    return {
      name,
      at: found.at,
      what: [`MITIGATED${found.by === 'unknown' ? ':' : ''} ${byWhom(found)} `, cite(found.seq)],
    };
  if (episode.mitigated === undefined) return { name, at: undefined, what: unknown('nothing mitigated it') };
  const why = 'not before its cause was gone, or with users’ requests still over their limit';
  return { name, at: undefined, what: [mark('bad', why), ' ', cite(episode.mitigated.seq)] };
}

function causeFound({ faults, incident: { record } }: Case): Mark {
  if (record.cause !== undefined) {
    const { text, final, by, at, seq } = record.cause;
    const what: Line = [`${text} (${by}, ${final ? 'final' : 'provisional'}) `, cite(seq)];
    return { name: 'cause identified', at, what };
  }
  const proof = faults.find((fault) => fault.proof?.proven === true)?.proof;
  if (proof === undefined)
    return { name: 'cause identified', at: undefined, what: unknown('no event names a cause') };
  return {
    name: 'cause identified',
    at: proof.at,
    what: ['known beforehand: the drill’s own fault, proven here ', cite(proof.seq)],
  };
}

function causeRemoved({ faults, incident: { record } }: Case): Mark {
  const fix = record.fixes.at(-1);
  if (fix !== undefined)
    return { name: 'fix deployed', at: fix.at, what: [`${fixWords(fix)} (${fix.by}) `, cite(fix.seq)] };
  const removed = faults.map((fault) => fault.removed).findLast((each) => each !== undefined);
  if (removed === undefined)
    return { name: 'fix deployed', at: undefined, what: unknown('no event records a fix') };
  return {
    name: 'fix deployed',
    at: removed.at,
    what: [`the fault was removed by ${removed.by} `, cite(removed.seq)],
  };
}
