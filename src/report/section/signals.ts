import { formatCondition, formatValue } from '../../runbook/condition.ts';
import { formatMs } from '../../kernel/duration.ts';
import { cite, heading, mark, note, paragraph, table } from '../document/build.ts';
import type { Block, Line } from '../document/types.ts';
import type { Report, SeriesPoint, SignalSeries } from '../model.ts';
import { figureOf, plotsOf } from '../plots.ts';
import { zoneTime } from '../when.ts';
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
      '. A trigger fires when its buckets stay bad for the whole window; percentiles are nearest-rank.',
    ),
    ...(seen.length === 0 ? [] : [signalTable(seen, report)]),
    ...(silent.length === 0
      ? []
      : [paragraph(mark('unknown', `Never sampled: ${silent.map(({ spec }) => spec.title).join(', ')}.`))]),
    ...plotsOf(report).map(figureOf),
  ];
}

function signalTable(signals: readonly SignalSeries[], report: Report): Block {
  return table(
    [
      'Signal',
      'Source',
      'n>',
      'Whole run>',
      'p50>',
      'p99>',
      'Worst bucket>',
      'Buckets bad / known / unknown>',
      'Trigger',
      'Recovered',
      'Evidence',
    ],
    signals.map((series): Line[] => signalRow(series, report)),
  );
}

function signalRow({ spec, good, n, value, spread, points, evidence }: SignalSeries, report: Report): Line[] {
  const show = (number: number | null | undefined): string =>
    number === null || number === undefined ? '' : formatValue(number, spec.unit);
  const count = (state: SeriesPoint['state']): number =>
    points.filter((point) => point.state === state).length;
  const bad = count('bad');
  const { buckets } = spec.trigger;
  return [
    [spec.title, note(spec.requirements.join(' '))],
    [spec.source],
    [String(n)],
    [value === null ? 'unknown' : show(value)],
    [show(spread?.p50)],
    [show(spread?.p99)],
    worstCell(points, show, report),
    [bad > 0 ? mark('bad', String(bad)) : '0', ` / ${bad + count('ok')} / ${count('unknown')}`],
    [
      `${formatCondition(spec.trigger, spec.unit)} for ${buckets} ${buckets === 1 ? 'bucket' : 'buckets'}`,
      ...compressed(report),
    ],
    [good ? formatCondition(good, spec.unit) : ''],
    [cite(...evidence)],
  ];
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
