import { expect, test } from 'vitest';
import type { CheckResult, IncidentResult, ResultEnvelope, SignalResult } from './envelope.ts';
import { gaugesOf } from './gauges.ts';

const check = (name: string, change: Partial<CheckResult> = {}): CheckResult => ({
  kind: 'check',
  name,
  outcome: 'passed',
  violations: [],
  reason: null,
  endpoint: null,
  status: 200,
  durationMs: 54.741,
  requestId: null,
  body: null,
  at: '2026-09-13T03:42:00.000Z',
  observations: 1,
  failed: 0,
  ...change,
});

const signal = (name: string, change: Partial<SignalResult> = {}): SignalResult => ({
  signal: name,
  state: 'measured',
  samples: 30,
  needed: 20,
  statistic: 'p95',
  value: 650,
  unit: 'ms',
  allowed: 'at most 650 ms',
  why: null,
  increase: null,
  ...change,
});

const incident = (change: Partial<IncidentResult>): IncidentResult => ({
  incident: 'i1',
  group: 'all',
  severity: 'SEV-2',
  highestSeverity: 'SEV-0',
  drill: false,
  phase: 'declared',
  declaredAt: '2026-09-13T03:42:00.000Z',
  mitigatedAt: null,
  recoveredAt: null,
  signals: ['rest.latency'],
  events: [1],
  ...change,
});

const round: ResultEnvelope = {
  version: 1,
  command: 'check',
  verdict: 'passed',
  exitCode: 0,
  reason: '',
  target: { name: 'production', url: 'http://127.0.0.1' },
  run: 'r1',
  startedAt: '2026-09-13T03:42:00.000Z',
  finishedAt: '2026-09-13T03:43:00.500Z',
  speed: 1,
  drill: false,
  repeat: null,
  results: [],
  incidents: [],
  problems: [],
  reports: [],
};

/** Values of one gauge by its labels but the target: `check=sol,outcome=failed`. */
function valuesIn(envelope: Partial<ResultEnvelope>, name: string): Record<string, number> {
  const gauge = gaugesOf({ ...round, ...envelope }).find((each) => each.name === name);
  return Object.fromEntries(
    (gauge?.values ?? []).map(({ labels: { target, ...labels }, value }) => {
      expect(target).toBe('production');
      return [
        Object.entries(labels)
          .map((pair) => pair.join('='))
          .join(),
        value,
      ];
    }),
  );
}

test('how and when the round ended', () => {
  expect(valuesIn({ exitCode: 3 }, 'round_exit_code')).toEqual({ '': 3 });
  expect(valuesIn({}, 'round_finished_timestamp_seconds')).toEqual({
    '': Date.UTC(2026, 8, 13, 3, 43) / 1_000 + 0.5,
  });
});

test('each outcome of a check has a series, so that an alert on one never lacks it', () => {
  const results = [check('sol', { outcome: 'failed' })];
  expect(valuesIn({ results }, 'check_outcome')).toEqual({
    'check=sol,outcome=passed': 0,
    'check=sol,outcome=failed': 1,
    'check=sol,outcome=inconclusive': 0,
  });
});

test('a check has taken seconds; one that was not asked has taken no time, not none', () => {
  const results = [
    check('sol'),
    check('rare', { standsSince: round.startedAt }),
    check('none', { observations: 0 }),
  ];
  expect(valuesIn({ results }, 'check_duration_seconds')).toEqual({ 'check=sol': 0.054741 });
});

test('a signal is told in its base unit, and what was not measured has no value', () => {
  const signals = [
    signal('rest.latency'),
    signal('rest.errors', { statistic: 'rate', unit: 'ratio', value: 0 }),
    signal('breaker.state', { statistic: 'max', unit: 'count', value: 2 }),
    signal('db.latency', { state: 'not-measured', value: null, samples: 0 }),
  ];
  expect(valuesIn({ signals }, 'signal_value')).toEqual({
    'signal=rest.latency,statistic=p95,unit=seconds': 0.65,
    'signal=rest.errors,statistic=rate,unit=ratio': 0,
    'signal=breaker.state,statistic=max,unit=count': 2,
  });
  expect(valuesIn({ signals }, 'signal_samples')).toMatchObject({
    'signal=rest.latency': 30,
    'signal=db.latency': 0,
  });
});

test('incidents are counted by the severity that they have now, while they are open', () => {
  const incidents = [
    incident({}),
    incident({ phase: 'mitigated', mitigatedAt: round.startedAt }),
    incident({ phase: 'recovered', recoveredAt: round.startedAt }),
    incident({ phase: 'closed', severity: 'SEV-0' }),
  ];
  expect(valuesIn({ incidents }, 'incidents_open')).toEqual({
    'severity=SEV-0': 0,
    'severity=SEV-1': 0,
    'severity=SEV-2': 2,
    'severity=SEV-3': 0,
    'severity=SEV-4': 0,
  });
});

test('what else is outside its limits, and what kept Siaga from measuring', () => {
  const results = [
    check('sol'),
    { kind: 'toggle', name: 'FALLBACK_ENABLED', outcome: 'failed', reason: 'false' } as const,
    { kind: 'run', name: 'run', outcome: 'failed', reason: '' } as const,
  ];
  expect(valuesIn({ results }, 'findings')).toEqual({
    'kind=toggle,name=FALLBACK_ENABLED,outcome=failed': 1,
  });
  const problems = [{ code: 'scrape-failed', what: 'no metrics', hint: null, count: 2 }];
  expect(valuesIn({ problems }, 'problems')).toEqual({ 'code=scrape-failed': 2 });
});
