import { round } from '../../kernel/percent.ts';
import { formatMs } from '../../kernel/duration.ts';
import { bullets, callout, cite, code, heading, paragraph } from '../document/build.ts';
import type { Block, Document, Line } from '../document/types.ts';
import type { Episode } from '../../projection/model.ts';
import type { IncidentReport, Report } from '../model.ts';
import { subjectOf } from '../section/verdict.ts';
import { problemLines } from '../section/rest.ts';
import { atFullLength } from '../section/common.ts';
import { zoneDateTime } from '../when.ts';
import { actionTable } from './actions.ts';
import { casesOf, type Case } from './context.ts';
import { impactList } from './impact.ts';
import { improvements, wentWell } from './lessons.ts';
import { inShort, wereFelt } from './summary.ts';
import { sevenMarks } from './timeline.ts';
import { cause, fiveWhys } from './why.ts';

/** The postmortem of a run, a section for each time an incident was open, drafted from events alone. */
export function postmortemPage(report: Report): Document {
  const { run, incidents } = report;
  const sections = incidents.flatMap((incident) => incidentSection(incident, report));
  return {
    title: `Postmortem (draft): ${subjectOf(run)}, ${zoneDateTime(run.startedAt, run.judge.zone)}`,
    language: 'en',
    blocks: [
      draftCallout(report),
      ...(sections.length === 0
        ? [
            paragraph(
              'No incident was declared in this run, so there is nothing to explain here. ',
              cite(run.seq.ended),
            ),
          ]
        : sections),
      ...measuring(report),
      ...blameless(sections.length > 0),
    ],
  };
}

function draftCallout({ run }: Report): Block {
  const { speed } = run.judge;
  const lines: Line[] = [
    [
      'Drafted from the events of run ',
      code(run.id),
      '. Every claim cites its events. What no event shows is called unknown, for people to fill in.',
    ],
  ];
  if (run.drill) lines.push(['This was a drill: the cause was injected on purpose.']);
  if (speed !== 1)
    lines.push([
      `Windows were compressed ${round(speed)} times; such figures are marked ÷${round(speed)}. This document cannot close an action item; a run at full length can: `,
      code(atFullLength({ run })),
    ]);
  return callout('warn', 'Draft', lines);
}

function incidentSection(incident: IncidentReport, report: Report): readonly Block[] {
  return casesOf(incident, report).flatMap((of, index) => [heading(2, titleOf(of, index)), ...body(of)]);
}

function titleOf({ incident, episode, report, impact }: Case, index: number): string {
  const spec = report.signals.find((series) => series.spec.name === episode.by.signal)?.spec;
  const over =
    spec?.unit === 'ms' && spec.trigger.comparison === '>' ? ` over ${formatMs(spec.trigger.value)}` : '';
  const title = `${spec?.title ?? failedWords(episode.by)}${over}`;
  const drill = incident.drill ? '[DRILL] ' : '';
  const again = index === 0 ? '' : `, opened again (${index + 1})`;
  const [date] = zoneDateTime(impact.started.at, report.run.judge.zone).split(' ');
  return `${drill}${title}: ${wereFelt(impact)} (${incident.id}${again}), ${date}`;
}

function failedWords({ signal, subject }: Episode['by']): string {
  switch (subject?.kind) {
    case 'check':
      return `Check ${subject.name} failed`;
    case 'state':
    case 'toggle':
      return `The ${subject.kind} ${subject.name} was wrong`;
    case 'hard-down':
      return 'Hard down';
    case undefined:
      return signal;
  }
}

function body(of: Case): readonly Block[] {
  const better = improvements(of);
  return [
    callout('plain', 'In short', inShort(of, better)),
    heading(3, 'Timeline'),
    sevenMarks(of),
    heading(3, 'Impact'),
    impactList(of),
    heading(3, 'Cause'),
    cause(of),
    heading(3, 'Five whys'),
    fiveWhys(of),
    heading(3, 'What worked'),
    bullets(wentWell(of)),
    heading(3, 'What to improve'),
    better.length === 0
      ? paragraph('Nothing that events show. People may know more.')
      : bullets(better.map(({ what }) => what)),
    heading(3, 'Actions'),
    actionTable(of, better),
  ];
}

/** What kept us from measuring is no lesson about the system: reported once, for the whole run. */
function measuring({ problems }: Report): readonly Block[] {
  if (problems.length === 0) return [];
  return [
    heading(2, 'Our own measuring'),
    paragraph('What kept Siaga from measuring in this run. It says nothing about the system.'),
    bullets(problemLines(problems)),
  ];
}

function blameless(wanted: boolean): readonly Block[] {
  if (!wanted) return [];
  return [
    heading(2, 'Blameless'),
    paragraph(
      'This is about what the system let through, not about who did what. Everyone acted with good intent and with the information they had at the time.',
    ),
  ];
}
