import { formatCondition, formatValue } from '../../runbook/condition.ts';
import { formatMs } from '../../kernel/duration.ts';
import { cite, folded, heading, mark, note, paragraph, table, right } from '../document/build.ts';
import type { Block, Line } from '../document/types.ts';
import type { Report, SeriesPoint, SignalSeries } from '../model.ts';
import { figureOf, legend, plotsOf } from '../plots.ts';
import { zoneDateTime, zoneTime } from '../when.ts';
import { plural } from '../../kernel/plural.ts';
import { compressed } from './common.ts';

/** Every signal of the runbook against its thresholds, WebSocket and freshness among them, then each over time. */
export function signalsSection(report: Report): readonly Block[] {
  const seen = report.signals.filter(({ n }) => n > 0);
  const silent = report.signals.filter(({ n }) => n === 0);
  return [
    heading(2, 'Signals'),
    paragraph(
      `One bucket lasted ${formatMs(report.run.judge.bucketMs)}`,
      ...compressed(report),
      '. A trigger fires when its buckets stay bad for the whole window; percentiles are nearest-rank. ',
      cite(report.run.seq.started),
    ),
    ...(seen.length === 0 ? [] : [signalTable(seen, report)]),
    ...(silent.length === 0
      ? []
      : [paragraph(mark('unknown', `Never sampled: ${silent.map(silentWords).join(', ')}.`))]),
    ...plotBlocks(report),
  ];
}

/** Beside experiments, which have plots of their own, those of the whole run are folded away. */
function plotBlocks(report: Report): readonly Block[] {
  const plots = plotsOf(report);
  const figures = plots.map(figureOf);
  if (report.experiments.length === 0) return [...legend(plots), ...figures];
  return figures.length === 0 ? [] : [folded(`Plots over the whole run: ${figures.length}`, figures)];
}

function silentWords({ spec, measured }: SignalSeries): string {
  return measured?.why === undefined ? spec.title : `${spec.title} (${measured.why})`;
}

function signalTable(signals: readonly SignalSeries[], report: Report): Block {
  return table(
    [
      'Signal',
      right('n'),
      right('Whole run'),
      'Worst bucket',
      right('Bad'),
      right('Known'),
      right('Unknown'),
      'Trigger',
      'Recovered',
      'Evidence',
    ],
    signals.map((series): Line[] => signalRow(series, report)),
  );
}

function signalRow(
  { spec, good, n, value, spread, points, evidence, measured }: SignalSeries,
  report: Report,
): Line[] {
  const show = (number: number): string => formatValue(number, spec.unit);
  const count = (state: SeriesPoint['state']): number =>
    points.filter((point) => point.state === state).length;
  const { buckets } = spec.trigger;
  return [
    [spec.title, note([spec.source, ...spec.requirements].join(' '))],
    [String(n), ...(measured?.state === 'too-few' ? [note(`too few: ${spec.minSamples} are needed`)] : [])],
    [
      value === null ? 'unknown' : show(value),
      ...(spread && spec.unit === 'ms' ? [note(`p50 ${show(spread.p50)}, p99 ${show(spread.p99)}`)] : []),
      ...increaseNote(measured, show, report),
    ],
    worstCell(points, show, report),
    [count('bad') > 0 ? mark('bad', String(count('bad'))) : '0'],
    [String(count('bad') + count('ok'))],
    [String(count('unknown'))],
    [`${formatCondition(spec.trigger, spec.unit)} for ${plural(buckets, 'bucket')}`, ...compressed(report)],
    [good ? formatCondition(good, spec.unit) : ''],
    [cite(...evidence)],
  ];
}

function increaseNote(
  measured: SignalSeries['measured'],
  show: (value: number) => string,
  { run }: Report,
): Line {
  if (measured?.increase === undefined) return [];
  const { since, n, value } = measured.increase;
  const figure = value === null ? 'unknown' : show(value);
  return [note(`${figure} (n=${n}) since the round before, ${zoneDateTime(since, run.judge.zone)}`)];
}

function worstCell(points: readonly SeriesPoint[], show: (value: number) => string, { run }: Report): Line {
  const known = points.filter((point) => point.value !== null);
  const worst = known.toSorted((a, b) => rank(b) - rank(a) || a.from - b.from)[0];
  if (worst === undefined || worst.value === null) return ['unknown'];
  return [
    `${show(worst.value)} (n=${worst.n}) at ${zoneTime(worst.from, run.judge.zone)} `,
    cite(...worst.evidence),
  ];
}

// A bad bucket is worse than any good one: some triggers look for low values.
function rank({ state, value }: SeriesPoint): number {
  return (state === 'bad' ? 1e12 : 0) + (value ?? 0);
}
