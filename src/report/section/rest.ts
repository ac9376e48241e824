import { formatMs } from '../../kernel/duration.ts';
import { formatRatio, round } from '../../kernel/percent.ts';
import {
  bullets,
  cite,
  codeBlock,
  code,
  folded,
  heading,
  mark,
  note,
  paragraph,
  signed,
  table,
  right,
} from '../document/build.ts';
import type { Block, Line } from '../document/types.ts';
import type { CheckFailure, MessageReport, OwnProblem, Report, ToggleEntry } from '../model.ts';
import { clockCells, clocks, zoneLabel, zoneTime } from '../when.ts';
import { byWhom, loadOutcome, pairs, toneOf } from '../words.ts';
import { plural } from '../../kernel/plural.ts';
import { command } from './common.ts';

export function checksSection({ checks }: Report): readonly Block[] {
  if (checks.length === 0) return [];
  const rows = checks.map(({ check, endpoint, n, failed, inconclusive, last, p95, evidence }): Line[] => [
    [check, ...(endpoint === undefined ? [] : [note(endpoint)])],
    [mark(toneOf(last), last)],
    [String(n)],
    [failed > 0 ? mark('bad', String(failed)) : '0'],
    [inconclusive > 0 ? mark('unknown', String(inconclusive)) : '0'],
    [formatMs(p95)],
    [cite(...evidence)],
  ]);
  return [
    heading(2, 'Checks'),
    table(
      [
        'Check',
        'Last outcome',
        right('Runs'),
        right('Failed'),
        right('Inconclusive'),
        right('p95'),
        'Evidence',
      ],
      rows,
    ),
  ];
}

export function loadSection({ loads }: Report): readonly Block[] {
  const done = loads.flatMap(({ finished, started }) =>
    finished ? [{ ...finished, tool: started.tool }] : [],
  );
  if (loads.length === 0) return [];
  const rows = done.map((load): Line[] => [
    [load.load, note(load.tool)],
    [mark(toneOf(load.outcome), loadOutcome(load)), load.reason === undefined ? '' : `: ${load.reason}`],
    [String(load.requests)],
    [
      load.offeredRate === 0
        ? 'set by the script'
        : `${round(load.achievedRate)} of ${round(load.offeredRate)}/s`,
    ],
    [share(load.achievedRate, load.offeredRate)],
    [String(load.dropped)],
    [String(load.exceptions)],
    [load.stopped ? 'stopped by Siaga' : String(load.exitCode)],
    [cite(load.seq)],
  ]);
  const broken = done.flatMap((load) => load.violations.map((violation) => ({ ...violation, load })));
  const notes = done.flatMap(({ load, notes: texts = [], seq }) =>
    texts.map((text): Line => [`${load}: ${text} `, cite(seq)]),
  );
  return [
    heading(2, 'Load'),
    table(
      [
        'Load',
        'Outcome',
        right('Requests'),
        'Achieved of offered',
        right('Share'),
        right('Dropped'),
        right('Exceptions'),
        right('Exit'),
        'Event',
      ],
      rows,
    ),
    ...(broken.length === 0
      ? []
      : [
          bullets(
            broken.map(({ path, rule, got, allowed, load }) => [
              mark('bad', `${path} (${rule})`),
              ': got ',
              code(got),
              ', allowed ',
              code(allowed),
              ' ',
              cite(load.seq),
            ]),
          ),
        ]),
    ...(notes.length === 0 ? [] : [bullets(notes)]),
  ];
}

function share(achieved: number, offered: number): string {
  return offered === 0 ? '' : formatRatio(achieved / offered);
}

export function togglesSection({ toggles, run }: Report): readonly Block[] {
  if (toggles.length === 0) return [];
  return [
    heading(2, 'Toggles'),
    table(
      [zoneLabel(run.startedAt, run.judge.zone), 'What', 'Toggles', 'Result', 'Event'],
      toggles.map((entry): Line[] => [
        [zoneTime(entry.at, run.judge.zone)],
        ...toggleCells(entry),
        [cite(entry.seq)],
      ]),
    ),
  ];
}

function toggleCells({ kind, data }: ToggleEntry): readonly Line[] {
  if (kind === 'applied') {
    const result = data.ok
      ? mark('plain', `took ${formatMs(data.durationMs)}`)
      : mark('bad', data.reason ?? 'failed');
    return [[`set to ${data.purpose} by ${byWhom(data)}`], [code(pairs(data.values))], [result]];
  }
  const odd = data.abnormal.map(({ name, got, normal }) => `${name}=${got} (normal ${normal})`);
  if (!data.ok) {
    const why = mark('unknown', data.reason ?? 'could not be read');
    const notNormal = odd.length === 0 ? [] : ['; ', mark('warn', odd.join(', '))];
    return [['read back'], [code(pairs(data.values))], [why, ...notNormal]];
  }
  return [
    ['read back from the system'],
    [code(pairs(data.values))],
    [odd.length === 0 ? mark('good', 'all normal') : mark('warn', odd.join(', '))],
  ];
}

export function messagesSection({ messages, run }: Report): readonly Block[] {
  if (messages.length === 0) return [];
  const rows = messages.map((message): Line[] => [
    [zoneTime(message.at, run.judge.zone)],
    [message.template],
    [message.channel],
    [message.incident],
    [deliveryMark(message)],
    [cite(message.seq), ' ', cite(...deliverySeqs(message))],
  ]);
  const texts = messages.flatMap((message): Block[] => [
    paragraph(`${message.template} to ${message.channel} `, cite(message.seq)),
    codeBlock(message.text),
  ]);
  return [
    heading(2, 'Messages'),
    table(
      [zoneLabel(run.startedAt, run.judge.zone), 'Message', 'Channel', 'Incident', 'Delivery', 'Events'],
      rows,
    ),
    folded(`Texts: ${messages.length}`, texts),
  ];
}

function deliveryMark({ delivered, dead, failures, at }: MessageReport): Line[number] {
  if (delivered) return mark('good', `after ${formatMs(delivered.at - at)}, attempt ${delivered.attempt}`);
  if (dead) return mark(dead.withdrawn ? 'plain' : 'bad', `not delivered: ${dead.reason}`);
  const last = failures.at(-1);
  return mark('unknown', last ? `not yet delivered: ${last.reason}` : 'delivery unknown');
}

function deliverySeqs({ delivered, dead, failures }: MessageReport): readonly number[] {
  return [
    ...failures.map(({ seq }) => seq),
    ...(delivered ? [delivered.seq] : []),
    ...(dead ? [dead.seq] : []),
  ];
}

/** Theirs and ours, apart: a fault of ours never stands among the target's. */
export function troubleSection({ failures, findings, problems }: Report): readonly Block[] {
  return [
    heading(2, 'What the system did wrong'),
    ...failureBlocks(failures, findings),
    heading(2, 'What kept Siaga from measuring'),
    problems.length === 0 ? paragraph('Nothing on record.') : bullets(problemLines(problems)),
  ];
}

export function problemLines(problems: readonly OwnProblem[]): readonly Line[] {
  return problems.map(({ what, hint, count, evidence }) => [
    `${what}${count > 1 ? ` (${count} times)` : ''}${hint === undefined ? '' : `. ${hint}`} `,
    cite(...evidence),
  ]);
}

function failureBlocks(failures: readonly CheckFailure[], findings: Report['findings']): readonly Block[] {
  const theirs = failures.filter(({ count }) => count > 0);
  const ours = failures.filter(({ restarts }) => restarts > 0);
  const times = ours.reduce((sum, { restarts }) => sum + restarts, 0);
  const others = findings.filter(({ kind, outcome }) => outcome === 'failed' && kind !== 'incident');
  return [
    theirs.length === 0 ? paragraph('No check failed.') : failureTable(theirs),
    ...(others.length === 0
      ? []
      : [
          bullets(
            others.map(({ kind, name, got, allowed, seq }): Line => [
              mark('bad', `${kind} ${name}`),
              ': got ',
              code(got),
              ', allowed ',
              code(allowed),
              ' ',
              cite(seq),
            ]),
          ),
        ]),
    ...(times === 0
      ? []
      : [
          paragraph(
            `Besides, ${plural(times, 'violation')} while Siaga restarted the system to set toggles: ${[...new Set(ours.map(({ check }) => check))].join(', ')}.`,
          ),
        ]),
  ];
}

function failureTable(failures: readonly CheckFailure[]): Block {
  return table(
    [
      'Check',
      'Path',
      'Rule',
      'Got',
      'Allowed',
      right('Times'),
      right('Outside experiments'),
      'X-Request-Id',
      'Evidence',
    ],
    failures.map(
      ({
        check,
        endpoint,
        path,
        rule,
        got,
        allowed,
        excerpt,
        count,
        drilled,
        requestIds,
        evidence,
      }): Line[] => [
        [check, ...(endpoint === undefined ? [] : [note(endpoint)])],
        [code(path)],
        [rule],
        [code(got), ...(excerpt === undefined ? [] : [note(`it said ${excerpt}`)])],
        [code(allowed)],
        [String(count)],
        [count > drilled ? mark('bad', String(count - drilled)) : '0'],
        requestIds.length === 0 ? [] : [code(requestIds.join(' '))],
        [cite(...evidence)],
      ],
    ),
  );
}

export function timelineSection({ timeline, run }: Report): readonly Block[] {
  const { zone } = run.judge;
  return [
    heading(2, 'Timeline'),
    folded(`Everything that happened, in order of time: ${plural(timeline.length, 'entry', 'entries')}`, [
      table(
        [...clocks(run.startedAt, zone), 'What', 'Happened', 'Event'],
        timeline.map(({ at, seq, lane, tone, text }) => ({
          anchor: seq,
          cells: [...clockCells(at, zone), [lane], signed(tone, text), [cite(seq)]],
        })),
      ),
    ]),
  ];
}

export function aboutSection({ run, unknown }: Report): readonly Block[] {
  const versions = Object.entries(run.versions).map(([name, version]) => `${name} ${version}`);
  return [
    heading(2, 'How to read this'),
    bullets([
      [
        'A number in brackets is that of the event a figure comes from. Look one up: ',
        code(`grep '"seq":${run.seq.started},' events.ndjson`),
      ],
      [
        `Everything here is made from the ${plural(run.events, 'event')} of this run, and made again the same by `,
        code(command({ run }, `report ${run.id}`)),
      ],
      ['Unknown means that nothing measured it; it is never counted as good.'],
      ...leftOut(unknown),
      [`Judged by the runbook ${run.judge.runbook}. ${versions.join(', ')}.`],
    ]),
  ];
}

const mostTypes = 5;

function leftOut(unknown: Report['unknown']): readonly Line[] {
  const types = Object.entries(unknown);
  if (types.length === 0) return [];
  const total = types.reduce((sum, [, count]) => sum + count, 0);
  const named = types.slice(0, mostTypes).map(([type, count]) => `${count} of ${type.slice(0, 60)}`);
  const others = types.length > mostTypes ? [`${types.length - mostTypes} more types`] : [];
  return [
    [
      `${plural(total, 'event')} of types that this version does not know ${total === 1 ? 'was' : 'were'} left out: `,
      `${[...named, ...others].join(', ')}.`,
    ],
  ];
}
