import { round } from '../../kernel/percent.ts';
import { formatMs } from '../../kernel/duration.ts';
import { callout, cite, code } from '../document/build.ts';
import type { Block, Line } from '../document/types.ts';
import type { Report } from '../model.ts';
import { zoneDateTime, utcDateTime } from '../when.ts';
import { endWords, toneOf } from '../words.ts';
import { atFullLength } from './common.ts';

const words = (run: Report['run']): string => endWords(run).replace('-', ' ').toUpperCase();

const commands: Readonly<Record<string, string>> = {
  check: 'Check',
  load: 'Load',
  chaos: 'Chaos',
  'chaos run': 'Chaos',
  gate: 'Gate',
  gameday: 'Game day',
};

/** "Chaos provider-down on reference". */
export function subjectOf({ command, subject, target }: Report['run']): string {
  return [commands[command] ?? command, subject, 'on', target.name].filter((part) => part !== '').join(' ');
}

export function titleOf({ run }: Report): string {
  return `${subjectOf(run)}: ${words(run)}`;
}

/** The verdict first: what failed first, got against allowed, and the command that repeats it. */
export function verdictSection(report: Report): readonly Block[] {
  const { run } = report;
  return [
    callout(toneOf(run.verdict), words(run), [
      headline(report),
      ['Repeat it: ', code(run.repeat)],
      factsLine(report),
    ]),
    ...speedCallout(report),
  ];
}

/** One line a tired person understands. */
export function headline({ run, first }: Report): Line {
  const end: Line =
    run.verdict === 'unfinished'
      ? ['The run wrote no end: it was killed, or its events were cut off after ', cite(run.seq.ended), '. ']
      : [];
  if (first !== undefined) {
    const found: Line =
      first.allowed === ''
        ? [`${first.what}: ${first.got}`]
        : [`${first.what}: got `, code(first.got), ', allowed ', code(first.allowed)];
    return [...end, ...found, ' ', cite(first.seq)];
  }
  if (end.length > 0) return end;
  if (run.reason !== '') return [`${run.reason} `, cite(run.seq.ended)];
  if (run.verdict === 'passed') return ['Everything that was tried held. ', cite(run.seq.ended)];
  return [`The run says ${run.verdict} and gives no reason. `, cite(run.seq.ended)];
}

function factsLine({ run }: Report): Line {
  const { zone } = run.judge;
  const ended = run.exitCode === null ? 'no exit code' : `exit code ${run.exitCode}`;
  return [
    `Run ${run.id}, ${ended}. ${zoneDateTime(run.startedAt, zone)}${zone === 'UTC' ? '' : ` (${utcDateTime(run.startedAt)} UTC)`}, `,
    formatMs(run.endedAt - run.startedAt),
    ' on ',
    code(run.target.url),
    `${run.drill ? ', a drill' : ''}${run.state === 'stateless' ? ', no history from earlier runs' : ''}. `,
    cite(run.seq.started, run.seq.ended),
  ];
}

function speedCallout({ run }: Report): readonly Block[] {
  const { speed, bucketMs } = run.judge;
  if (speed === 1) return [];
  return [
    callout('warn', `Windows were compressed ${round(speed)} times`, [
      [
        `One minute of the runbook lasted ${formatMs(bucketMs)} here. Figures of such windows are marked ÷${round(speed)}. `,
        'Thresholds, timeouts and sample counts were not scaled. ',
        'This report cannot close an action item; a run at full length can: ',
        code(atFullLength({ run })),
        ' ',
        cite(run.seq.started),
      ],
    ]),
  ];
}
