import { formatValue } from '../../runbook/condition.ts';
import type { HoldBucket } from '../../event/incident.ts';
import {
  bullets,
  cite,
  folded,
  heading,
  mark,
  paragraph,
  signed,
  strong,
  table,
  right,
} from '../document/build.ts';
import type { Block, Line, Row, Tone } from '../document/types.ts';
import type { Episode } from '../../projection/model.ts';
import type { Band, IncidentReport, Report } from '../model.ts';
import { plural } from '../../kernel/plural.ts';
import { zoneDateTime, zoneTime } from '../when.ts';
import { changeTone, changeWords, closedWords } from '../words-incident.ts';
import { symptomLines } from './common.ts';

export function incidentsSection(report: Report): readonly Block[] {
  if (report.incidents.length === 0) return [heading(2, 'Incidents'), paragraph('None was declared.')];
  return [
    heading(2, 'Incidents'),
    ...report.incidents.flatMap((incident) => incidentBlocks(incident, report)),
  ];
}

function incidentBlocks(incident: IncidentReport, report: Report): readonly Block[] {
  const { id, drill, severity, signals, group } = incident;
  return [
    heading(3, `${drill ? '[DRILL] ' : ''}${id}, ${severity.highest}`),
    paragraph(`Group ${group}; signals that fired: ${signals.join(', ') || 'none'}.`),
    symptomList(incident, report),
    transitionTable(incident, report),
    ...incident.episodes.flatMap((episode, index) => criteriaBlocks(episode, index, incident)),
    ...holdBlocks(incident, report),
  ];
}

function symptomList({ episodes }: IncidentReport, report: Report): Block {
  return bullets(episodes.flatMap((episode) => symptomLines(episode, report)));
}

function transitionTable({ transitions }: IncidentReport, { run }: Report): Block {
  const { zone } = run.judge;
  const label = zoneDateTime(run.startedAt, zone).split(' ')[2] ?? '';
  const rows = transitions.map(({ effectiveAt, change, seq }): Line[] => {
    const evidence = 'by' in change ? change.by.evidence : [];
    return [
      [zoneTime(effectiveAt, zone)],
      signed(changeTone(change), changeWords(change, run.judge.signals)),
      [cite(seq)],
      evidence.length === 0 ? [] : [cite(...evidence)],
    ];
  });
  return table([`True since (${label})`, 'Change', 'Event', 'Evidence'], rows);
}

function criteriaBlocks(
  { recovered, closed, criteria, opened }: Episode,
  index: number,
  { episodes }: IncidentReport,
): readonly Block[] {
  const which = episodes.length === 1 ? '' : `, time ${index + 1}`;
  if (recovered === undefined) {
    return [
      paragraph(
        mark(
          'bad',
          `Not RECOVERED${which}: ${closed ? closedWords(closed.because) : 'the criteria of R25 were not all met before the run ended'}`,
        ),
        ' ',
        cite((closed ?? opened).seq),
      ),
    ];
  }
  const missed = criteria.filter(({ met }) => !met);
  const met = criteria.filter((each) => each.met);
  return [
    paragraph(
      strong(`RECOVERED${which}:`),
      ` ${met.length} of ${plural(criteria.length, 'criterion', 'criteria')} met (R25) `,
      cite(recovered.seq),
    ),
    ...(missed.length === 0 ? [] : [criterionTable(missed)]),
    ...(met.length === 0 ? [] : [folded(`Criteria met: ${met.length}`, [criterionTable(met)])]),
  ];
}

function criterionTable(criteria: Episode['criteria']): Block {
  return table(
    ['Criterion', 'Met', 'Got', 'Allowed', 'Evidence'],
    criteria.map(({ name, met, got, allowed, evidence }): Line[] => [
      [name],
      [mark(met ? 'good' : 'bad', met ? 'met' : 'not met')],
      [got],
      [allowed],
      [cite(...evidence)],
    ]),
  );
}

function holdBlocks({ hold }: IncidentReport, report: Report): readonly Block[] {
  return (['restore', 'recovery'] as const).flatMap((name) => {
    const own = hold.filter((bucket) => bucket.hold === name);
    if (own.length === 0) return [];
    const title =
      name === 'restore' ? 'Good time on fallback, bucket by bucket' : 'Recovery hold, bucket by bucket';
    const speed = report.run.judge.speed === 1 ? '' : ` (÷${report.run.judge.speed})`;
    return [folded(`${title}${speed}: ${own.length}`, [holdTable(own, report)])];
  });
}

const bandTone: Readonly<Record<Band, Tone>> = {
  good: 'good',
  hysteresis: 'warn',
  bad: 'bad',
  unknown: 'unknown',
};

function holdTable(buckets: IncidentReport['hold'], { run }: Report): Block {
  const { recovery, signals, zone } = run.judge;
  const names = recovery.criteria.map(({ signal }) => signal);
  const title = (name: string): string => signals.find((spec) => spec.name === name)?.title ?? name;
  const rows = buckets.map((bucket): Row => ({
    cells: [
      [zoneTime(bucket.from, zone)],
      [mark(bandTone[bucket.band], bucket.band)],
      [`${bucket.count}/${bucket.of}`],
      ...names.map((name) => readingCell(bucket, name, run.judge.signals)),
      [cite(bucket.seq)],
    ],
  }));
  return table(['Bucket', 'Band', right('Count'), ...names.map((name) => right(title(name))), 'Event'], rows);
}

function readingCell(
  { readings }: HoldBucket,
  name: string,
  signals: Report['run']['judge']['signals'],
): Line {
  const reading = readings.find(({ signal }) => signal === name);
  if (reading === undefined) return ['unknown'];
  const unit = signals.find((spec) => spec.name === name)?.unit ?? 'count';
  const value = reading.value === null ? 'unknown' : formatValue(reading.value, unit);
  const text = `${value} (n=${reading.n})`;
  return [reading.band === 'good' ? text : mark(bandTone[reading.band], text)];
}
