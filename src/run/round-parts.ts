import { selectChecks, type Selection } from '../check/select.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import type { MetricsLook, RoundMeasured } from '../event/round.ts';
import type { JudgeSpec } from '../event/specs.ts';
import type { Store } from '../event/store.ts';
import type { RoundParts } from '../exercise/round.ts';
import { increasesSince, judgedMetrics, totalsOf, unreportedMetrics } from '../sampling/increase.ts';
import { signalsMeasured } from '../sampling/measured.ts';
import type { SourceReader } from '../sampling/own-source.ts';
import { metricsEveryMs, planOf } from '../sampling/plan.ts';
import { runRound } from '../sampling/observe.ts';
import { startSampler } from '../sampling/sampler.ts';
import { MetricsReader } from '../sampling/scraper.ts';
import { toggleReader, watchTargetToggles } from './actuator.ts';
import { ownReaders } from './own-sources.ts';
import { askable, samplingOf } from './sampling.ts';
import type { Session } from './session-types.ts';
import { onVerify } from './verify.ts';

/** The parts of a round over the selected checks; also what the gate asks first. */
export function roundParts(session: Session, selection: Selection): RoundParts {
  const { journal, platform, judge, signal, live, target, project } = session;
  const ctx = samplingOf(session);
  const checks = selectChecks(project.checks, selection);
  const metrics = metricsOf(session);
  const own = ownReaders(session);
  const readToggles = toggleReader(session);
  return {
    journal,
    clock: platform.clock,
    judge,
    signal,
    engine: live.engine,
    runRound: () => Promise.all([runRound(checks, ctx, metrics, own), readToggles?.()]),
    measured: measuredBy(session, metrics, own),
    startSampling() {
      const unsubscribe = onVerify(session);
      const plan = planOf(judge, {
        checks: askable(checks, target),
        metricsEveryMs: metricsEveryMs.round,
        own: project.sources,
      });
      const sampler = startSampler({ plan, metrics, own, ctx });
      const toggles = watchTargetToggles(session);
      return {
        async stop() {
          unsubscribe();
          await Promise.all([sampler.stop(), toggles.stop()]);
        },
      };
    },
  };
}

function metricsOf({ target, judge }: Session): MetricsReader | undefined {
  const path = target.definition.metrics;
  const metrics = judgedMetrics(judge);
  if (path === undefined || metrics.length === 0) return undefined;
  return new MetricsReader({ url: `${target.url}${path}`, metrics });
}

/** Tells how a round has measured so far, beside the round before. */
function measuredBy(
  session: Session,
  metrics: MetricsReader | undefined,
  own: readonly SourceReader[],
): RoundParts['measured'] {
  const { judge, store, target, run } = session;
  const before = metrics && lastTotals(store, target.name, run);
  return (events) => {
    const look = metrics && lookOf(metrics, judge);
    const since = before && look?.totals && sinceThen(before, look, metrics);
    return {
      signals: signalsMeasured(judge, events, look, since, own),
      ...(look && { metrics: look }),
      ...togglesLook(session, events),
    };
  };
}

function lookOf({ last, why, several, metrics }: MetricsReader, judge: JudgeSpec): MetricsLook {
  const unreported = last && why === undefined ? unreportedMetrics(last.names, judge) : [];
  const unusable = last && why === undefined ? last.unusable : [];
  return {
    ...(why !== undefined && { why }),
    ...(unreported.length > 0 && { untold: unreported }),
    ...(unusable.length > 0 && { unusable }),
    ...(several && { several }),
    ...(last && { at: last.at, totals: totalsOf(last.series, metrics) }),
  };
}

function sinceThen(before: MetricsLook, now: MetricsLook, { metrics }: MetricsReader) {
  return { at: before.at ?? 0, increases: increasesSince(before, now, metrics) };
}

function togglesLook(session: Session, events: readonly SiagaEvent[]): Pick<RoundMeasured, 'toggles'> {
  if (Object.keys(session.judge.normalToggles).length === 0) return {};
  const newest = events.findLast((event) => event.type === 'toggle.read')?.data;
  if (newest === undefined)
    return {
      toggles: { read: false, why: 'siaga.config.ts does not say where they are read', unknown: true },
    };
  const { ok, reason, abnormal } = newest;
  return {
    toggles: {
      read: ok,
      ...(reason !== undefined && { why: reason }),
      ...(abnormal.length > 0 && { abnormal }),
    },
  };
}

/** What the newest round before this run that could read the metrics of the target left. */
function lastTotals(store: Pick<Store, 'read'>, target: string, own: string): MetricsLook | undefined {
  const rounds = store.read({ target, types: ['round.measured'], newest: 10 });
  return rounds
    .filter(({ run }) => run !== own)
    .flatMap(({ type, data }) => (type === 'round.measured' && data.metrics?.totals ? [data.metrics] : []))
    .at(-1);
}
