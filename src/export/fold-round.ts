import type { SiagaEvent } from '../event/envelope.ts';
import type { CheckJudged, SignalMeasured } from '../event/round.ts';
import type { JudgeSpec } from '../event/specs.ts';
import { formatLimit } from '../runbook/condition.ts';
import type { CheckResult, SignalResult } from './envelope.ts';

/** How a round measured each signal; `undefined` for a run that held none. */
export function foldMeasured(
  events: readonly SiagaEvent[],
  judge: JudgeSpec | undefined,
): readonly SignalResult[] | undefined {
  return lastRound(events)?.data.signals.flatMap((signal) => signalResult(signal, judge));
}

const lastRound = (events: readonly SiagaEvent[]) =>
  events.findLast((event) => event.type === 'round.measured');

function signalResult(measured: SignalMeasured, judge: JudgeSpec | undefined): readonly SignalResult[] {
  const spec = judge?.signals.find(({ name }) => name === measured.signal);
  if (spec === undefined) return [];
  const { signal, state, n, value, why = null, increase } = measured;
  return [
    {
      signal,
      state,
      samples: n,
      needed: spec.minSamples,
      statistic: spec.trigger.statistic,
      value,
      unit: spec.unit,
      allowed: formatLimit(spec.trigger, spec.unit),
      why,
      increase: increase
        ? { since: new Date(increase.since).toISOString(), samples: increase.n, value: increase.value }
        : null,
    },
  ];
}

/** The verdict of the last round on a check, over all of its answers; none where it was asked again after the round. */
export function judgedIn(
  events: readonly SiagaEvent[],
): (check: string, newest: number) => CheckJudged | undefined {
  const round = lastRound(events);
  return (check, newest) =>
    round === undefined || newest > round.seq
      ? undefined
      : round.data.checks.find((each) => each.check === check);
}

/** A check as its round judged it, rather than by one of its answers. */
export function asJudged(result: CheckResult, judged: CheckJudged | undefined): CheckResult {
  if (judged === undefined) return result;
  const { outcome, standsSince } = judged;
  return {
    ...result,
    outcome,
    ...(outcome === 'passed' && { violations: [], body: null }),
    ...(standsSince !== undefined && { standsSince: new Date(standsSince).toISOString() }),
  };
}
