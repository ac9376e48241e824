import { formatCondition } from '../runbook/condition.ts';
import { faultSpans } from './fold/experiments.ts';
import type { Block } from './document/types.ts';
import type { Report, SignalSeries } from './model.ts';
import { drawPlot, type Plot } from './plot/plot.ts';

/** A plot with the path of its file, relative to the run's folder. */
export interface NamedPlot {
  readonly signal: string;
  readonly path: string;
  readonly plot: Plot;
}

/** A plot for every signal that had a sample. */
export function plotsOf(report: Report): readonly NamedPlot[] {
  return report.signals
    .filter(({ points }) => points.some(({ value }) => value !== null))
    .map((series) => ({
      signal: series.spec.name,
      path: `plots/${series.spec.name.replaceAll(/[^\w.-]/g, '_')}.svg`,
      plot: plotOf(series, report),
    }));
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
    stands: incidents.flatMap(({ stands }) =>
      stands.map(({ name, from, to }) => ({ name, from, to: to ?? run.endedAt })),
    ),
    restarts: toggles.flatMap(({ kind, at, data }) =>
      kind === 'applied' ? [{ from: at - data.durationMs, to: at, label: `toggles: ${data.purpose}` }] : [],
    ),
  };
}
