import { formatCondition } from '../runbook/condition.ts';
import { faultSpans } from '../projection/experiments.ts';
import { paragraph } from './document/build.ts';
import type { Block } from './document/types.ts';
import type { ExperimentReport, Report, SignalSeries } from './model.ts';
import { drawPlot, type Plot } from './plot/plot.ts';

/** A plot with the path of its file, relative to the run's folder. */
export interface NamedPlot {
  readonly path: string;
  readonly plot: Plot;
}

/** A plot over the whole run for every signal that had a sample. */
export function plotsOf(report: Report): readonly NamedPlot[] {
  return report.signals
    .map((series) => named(series.spec.name, plotOf(series, report)))
    .filter(({ plot }) => isKnown(plot));
}

/** Over an experiment alone: the signals of its incidents, else those that it allows to fire. */
export function experimentPlots(experiment: ExperimentReport, report: Report): readonly NamedPlot[] {
  const { name, seq, startedAt, finishedAt, expects } = experiment;
  const { run, experiments } = report;
  const from = Math.max(run.startedAt, startedAt - run.judge.bucketMs);
  const to = Math.max(finishedAt ?? run.endedAt, from + run.judge.bucketMs);
  const fired = firedIn(experiment, report);
  const wanted = fired.length > 0 ? fired : expects;
  const again = experiments.filter((each) => each.name === name).length > 1 ? `.${seq}` : '';
  return report.signals
    .filter(({ spec }) => wanted.includes(spec.name))
    .map((series) => named(`${name}${again}.${series.spec.name}`, within(plotOf(series, report), from, to)))
    .filter(({ plot }) => isKnown(plot));
}

function firedIn({ seq, finishedSeq }: ExperimentReport, { incidents }: Report): readonly string[] {
  return incidents.flatMap(({ episodes }) =>
    episodes.flatMap(({ opened, signals }) =>
      opened.seq > seq && opened.seq < (finishedSeq ?? Infinity) ? signals : [],
    ),
  );
}

const named = (name: string, plot: Plot): NamedPlot => ({
  path: `plots/${name.replaceAll(/[^\w.-]/g, '_')}.svg`,
  plot,
});

const isKnown = ({ points }: Plot): boolean => points.some(({ value }) => value !== null);

/** The part of a plot between two times. */
function within(plot: Plot, from: number, to: number): Plot {
  const meets = (span: { readonly from: number; readonly to: number }) => span.to > from && span.from < to;
  return {
    ...plot,
    from,
    to,
    points: plot.points.filter((point) => point.from >= from && point.from < to),
    faults: plot.faults.filter(meets),
    statusSpans: plot.statusSpans.filter(meets),
    restarts: plot.restarts.filter(meets),
  };
}

/** What the colours of plots mean, once before the first of them. */
export function legend(plots: readonly NamedPlot[]): readonly Block[] {
  if (plots.length === 0) return [];
  return [
    paragraph(
      'In the plots the blue line is the signal, and a red dot is a bucket over its trigger. A red band is a fault that was in, a yellow one is Siaga restarting the system. Grey is unknown: too few samples to judge. The strip below is the incident: red degraded, amber mitigated, blue recovering, green verifying.',
    ),
  ];
}

export function figureOf({ path, plot }: NamedPlot): Block {
  return { kind: 'figure', path, title: plot.title, svg: drawPlot(plot, 'page') };
}

function plotOf(
  { spec, good, points }: SignalSeries,
  { run, experiments, incidents, toggles }: Report,
): Plot {
  const speed = run.judge.speed === 1 ? '' : `, ÷${run.judge.speed}`;
  const bucket = `${run.judge.bucketMs / 1_000} s`;
  return {
    title: `${spec.title}: ${spec.trigger.statistic} by bucket of ${bucket}${speed}, ${spec.source}`,
    unit: spec.unit,
    zone: run.judge.zone,
    from: run.startedAt,
    to: Math.max(run.endedAt, run.startedAt + run.judge.bucketMs),
    bucketMs: run.judge.bucketMs,
    points: points.map(({ from, value, state }) => ({ from, value, bad: state === 'bad' })),
    limits: [
      {
        value: spec.trigger.value,
        kind: 'trigger',
        label: `trigger ${formatCondition(spec.trigger, spec.unit)}`,
      },
      ...(good
        ? [
            {
              value: good.value,
              kind: 'good',
              label: `recovered ${formatCondition(good, spec.unit)}`,
            } as const,
          ]
        : []),
    ],
    faults: experiments.flatMap(({ injections }) =>
      injections.flatMap((fault) =>
        faultSpans([fault], run.endedAt).map((span) => ({ ...span, label: `${fault.proxy} ${fault.kind}` })),
      ),
    ),
    statusSpans: incidents.flatMap(({ statusSpans }) =>
      statusSpans.map(({ name, from, to }) => ({ name, from, to: to ?? run.endedAt })),
    ),
    restarts: toggles.flatMap(({ kind, at, data }) =>
      kind === 'applied' ? [{ from: at - data.durationMs, to: at, label: `toggles: ${data.purpose}` }] : [],
    ),
  };
}
