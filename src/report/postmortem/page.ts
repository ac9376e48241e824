import { bullets, callout, cite, code, heading, paragraph } from '../document/build.ts';
import type { Block, Document, Line } from '../document/types.ts';
import type { IncidentReport, Report } from '../model.ts';
import { subjectOf } from '../section/verdict.ts';
import { atFullLength } from '../section/common.ts';
import { round } from '../words.ts';
import { zoneDateTime } from '../when.ts';
import { actionTable } from './actions.ts';
import { caseOf, type Case } from './context.ts';
import { impact } from './impact.ts';
import { improvements, wentWell } from './lessons.ts';
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
      '. Each claim names its events; what no event says is called unknown and left for people.',
    ],
  ];
  if (run.drill) lines.push(['This was a drill: the cause was injected on purpose.']);
  if (speed !== 1)
    lines.push([
      `Windows were compressed ${round(speed)} times; such figures are marked ÷${round(speed)}. This document cannot close an action item; a run at full length can: `,
      code(atFullLength(run.repeat)),
    ]);
  return callout('warn', 'Draft', lines);
}

function incidentSection(incident: IncidentReport, report: Report): readonly Block[] {
  return incident.episodes.flatMap((episode, index) => {
    const of = caseOf(incident, episode, report);
    return [heading(2, titleOf(of, index)), ...body(of)];
  });
}

function titleOf({ incident, episode, report, started }: Case, index: number): string {
  const title =
    report.signals.find(({ spec }) => spec.name === episode.by.signal)?.spec.title ?? episode.by.signal;
  const drill = incident.drill ? '[DRILL] ' : '';
  const again = index === 0 ? '' : `, opened again (${index + 1})`;
  const [date] = zoneDateTime(started.at, report.run.judge.zone).split(' ');
  return `${drill}${title} (${incident.id}${again}), ${date}`;
}

function body(of: Case): readonly Block[] {
  const better = improvements(of);
  return [
    heading(3, 'Timeline'),
    sevenMarks(of),
    heading(3, 'Impact'),
    impact(of),
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

function blameless(wanted: boolean): readonly Block[] {
  if (!wanted) return [];
  return [
    heading(2, 'Blameless'),
    paragraph(
      'This is about what the system let through, not about who did what. Everyone acted with good intent and with the information they had at the time.',
    ),
  ];
}
