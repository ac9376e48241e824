import type { Severity } from '../event/specs.ts';
import { severities } from '../runbook/shape.ts';
import type { CheckResult, FindingResult, ResultEnvelope, SignalResult } from './envelope.ts';

/** One figure of a round for a monitoring system. Times are in seconds, shares in parts of 1. */
export interface Gauge {
  /** Without the prefix `siaga_`. */
  readonly name: string;
  readonly help: string;
  readonly values: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

/** What a monitoring system may want to know of a round. What was not measured has no value: unknown is never zero. */
export function gaugesOf(envelope: ResultEnvelope): readonly Gauge[] {
  const { results, signals = [], target } = envelope;
  const checks = results.filter((result) => result.kind === 'check');
  const of = (labels: Readonly<Record<string, string>>) => ({ target: target?.name ?? '', ...labels });
  const each = <T>(
    items: readonly T[],
    labels: (item: T) => Record<string, string>,
    value: (item: T) => number,
  ) => items.map((item) => ({ labels: of(labels(item)), value: value(item) }));
  return [
    {
      name: 'round_exit_code',
      help: 'How the newest round ended: 0 passed, 1 failed, 2 wrong configuration, 3 inconclusive, 70 a bug of Siaga',
      values: [{ labels: of({}), value: envelope.exitCode }],
    },
    {
      name: 'round_finished_timestamp_seconds',
      help: 'When the newest round ended, Unix time',
      values: [{ labels: of({}), value: Date.parse(envelope.finishedAt) / 1_000 }],
    },
    {
      name: 'check_outcome',
      help: '1 for the outcome of a check in the newest round, 0 for the others',
      values: checks.flatMap(({ name, outcome }) =>
        each(
          outcomes,
          (one) => ({ check: name, outcome: one }),
          (one) => Number(one === outcome),
        ),
      ),
    },
    {
      name: 'check_duration_seconds',
      help: 'How long the answer of a check took that is shown; absent where it was not asked',
      values: each(
        checks.filter(isAsked),
        ({ name }) => ({ check: name }),
        ({ durationMs }) => seconds(durationMs),
      ),
    },
    {
      name: 'signal_value',
      help: 'A signal as the newest round measured it: seconds, a share of 1, or a plain number',
      values: each(signals.filter(isMeasured), signalLabels, valueOf),
    },
    {
      name: 'signal_samples',
      help: 'Samples of a signal in the newest round',
      values: each(
        signals,
        ({ signal }) => ({ signal }),
        ({ samples }) => samples,
      ),
    },
    {
      name: 'findings',
      help: 'What else was outside its limits or could not be read: signals, states, toggles, metrics',
      values: each(
        results.filter(isFinding),
        ({ kind, name, outcome }) => ({ kind, name, outcome }),
        () => 1,
      ),
    },
    {
      name: 'incidents_open',
      help: 'Open incidents at the end of the newest round, by their severity',
      values: each(
        severities,
        (severity) => ({ severity }),
        (severity) => openOf(envelope, severity),
      ),
    },
    {
      name: 'problems',
      help: 'What kept Siaga itself from measuring, by its code',
      values: each(
        envelope.problems,
        ({ code }) => ({ code }),
        ({ count }) => count,
      ),
    },
  ];
}

const outcomes = ['passed', 'failed', 'inconclusive'] as const;

// One that is not asked stands with its last answer, or has none.
const isAsked = ({ standsSince, observations }: CheckResult): boolean =>
  standsSince === undefined && observations > 0;

const isMeasured = ({ value }: SignalResult): boolean => value !== null;
const signalLabels = ({ signal, statistic, unit }: SignalResult) => ({
  signal,
  statistic,
  unit: unit === 'ms' ? 'seconds' : unit,
});
const valueOf = ({ value, unit }: SignalResult): number =>
  unit === 'ms' ? seconds(value ?? 0) : (value ?? 0);

// To the microsecond, without what dividing adds.
const seconds = (ms: number): number => Math.round(ms * 1_000) / 1_000_000;

const isFinding = (result: ResultEnvelope['results'][number]): result is FindingResult =>
  !['check', 'load', 'experiment', 'part', 'error', 'run'].includes(result.kind);

const openOf = ({ incidents }: ResultEnvelope, severity: Severity): number =>
  incidents.filter(
    (incident) =>
      incident.severity === severity && incident.recoveredAt === null && incident.phase !== 'closed',
  ).length;
