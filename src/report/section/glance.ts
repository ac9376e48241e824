import { cite, heading, mark, table } from '../document/build.ts';
import type { Block, Line, Row } from '../document/types.ts';
import type { Report } from '../model.ts';
import { toneOf } from '../words.ts';
import { plural, timingLine } from './common.ts';

/** Each part's verdict on one screen. */
export function glanceSection(report: Report): readonly Block[] {
  const experiments = report.experiments.length === 0 ? [] : [experimentTable(report)];
  const rows = [...checkRow(report), ...loadRows(report), ...incidentRows(report), ...messageRow(report)];
  return [
    heading(2, 'At a glance'),
    ...experiments,
    ...(rows.length === 0 ? [] : [table(['Part', 'Verdict', 'Figures'], rows)]),
  ];
}

function experimentTable(report: Report): Block {
  return table(
    ['Experiment', 'Verdict', 'Detect', 'Contain', 'Recover', 'Expectations'],
    report.experiments.map(({ name, verdict, timings, settled, finishedSeq, seq }): Line[] => [
      [name],
      [mark(toneOf(verdict), verdict), ' ', cite(finishedSeq ?? seq)],
      timingLine(timings.detect, report),
      timingLine(timings.contain, report),
      timingLine(timings.recover, report),
      [`${settled.filter(({ outcome }) => outcome === 'met').length} of ${settled.length} met`],
    ]),
  );
}

function checkRow({ failures }: Report): readonly Row[] {
  const outside = failures.reduce((sum, { count, underFault }) => sum + count - underFault, 0);
  const under = failures.reduce((sum, { underFault }) => sum + underFault, 0);
  const evidence = failures.flatMap((failure) => failure.evidence);
  if (evidence.length === 0) return [{ cells: [['Checks'], [mark('good', 'no failure')], ['']] }];
  const tone = outside === 0 ? 'plain' : 'bad';
  const text = `${plural(outside, 'violation')} with no fault in, ${under} under a fault`;
  return [
    {
      cells: [
        ['Checks'],
        [mark(tone, outside === 0 ? 'failed only under a fault' : 'failed')],
        [text, ' ', cite(...evidence)],
      ],
    },
  ];
}

function loadRows({ loads }: Report): readonly Row[] {
  return loads.map(({ started, finished, seq }) => {
    if (finished === undefined)
      return { cells: [[`Load ${started.load}`], [mark('unknown', 'no end')], [cite(seq)]] };
    const tone = toneOf(finished.outcome);
    const text = `${plural(finished.requests, 'request')}, ${plural(finished.exceptions, 'exception')}, ${finished.dropped} dropped`;
    return {
      cells: [[`Load ${started.load}`], [mark(tone, finished.outcome)], [text, ' ', cite(finished.seq)]],
    };
  });
}

function incidentRows({ incidents }: Report): readonly Row[] {
  return incidents.map(({ id, severity, episodes, signals, drill }) => {
    const last = episodes.at(-1);
    const open = last !== undefined && last.recovered === undefined;
    const seqs = episodes.flatMap(({ opened, recovered }) => [
      opened.seq,
      ...(recovered ? [recovered.seq] : []),
    ]);
    return {
      cells: [
        [`${drill ? '[DRILL] ' : ''}${id}`],
        [mark(open ? 'bad' : 'good', open ? 'open' : 'RECOVERED')],
        [`${severity}, declared ${plural(episodes.length, 'time')}, ${signals.join(', ')} `, cite(...seqs)],
      ],
    };
  });
}

function messageRow({ messages }: Report): readonly Row[] {
  if (messages.length === 0) return [];
  const arrived = messages.filter(({ delivered }) => delivered !== undefined).length;
  const tone = arrived === messages.length ? 'good' : 'bad';
  const seqs = messages.map(({ seq, delivered, dead }) => delivered?.seq ?? dead?.seq ?? seq);
  return [
    { cells: [['Messages'], [mark(tone, `${arrived} of ${messages.length} delivered`)], [cite(...seqs)]] },
  ];
}
