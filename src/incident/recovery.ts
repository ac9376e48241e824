import type { Criterion } from '../event/incident.ts';
import type { HoldBucket } from '../event/incident.ts';
import { formatRatio } from '../kernel/percent.ts';
import { formatCondition, formatValue, holds } from '../runbook/condition.ts';
import { band, worstBand, type Band } from '../signal/judge.ts';
import { readingOf } from '../signal/reading.ts';
import { batchesBetween, evidenceBetween, specOf } from './cells.ts';
import { abnormality } from './facts.ts';
import type { BandReading, EngineState, Hold, Incident, VerifyResults } from './state.ts';

/** Each recovery criterion's band in one bucket, and the worst of them. */
export function bandsAt(
  state: EngineState,
  start: number,
): { readonly worst: Band; readonly readings: readonly BandReading[] } {
  const readings = state.spec.recovery.criteria.flatMap(({ signal, good }) => {
    const spec = specOf(state, signal);
    if (spec === undefined) return [];
    return [{ signal, ...band(spec, good, batchesBetween(state, signal, start, start)) }];
  });
  return { worst: worstBand(readings.map((reading) => reading.band)), readings };
}

export type HoldStep =
  | { readonly kind: 'counting'; readonly hold: Hold }
  | { readonly kind: 'reset'; readonly hold: Hold; readonly because: string; readonly lost: number }
  | { readonly kind: 'complete'; readonly hold: Hold };

/** One more bucket on the recovery clock: good counts, unknown freezes, anything else starts it over. */
export function stepHold(state: EngineState, incident: Incident, hold: Hold, start: number): HoldStep {
  const { worst, readings } = bandsAt(state, start);
  const { maxUnknownInRow } = state.spec.recovery;
  if (worst === 'unknown') {
    const unknownInRow = hold.unknownInRow + 1;
    if (unknownInRow <= maxUnknownInRow) return { kind: 'counting', hold: { ...hold, unknownInRow } };
    return resetHold(hold, `more than ${maxUnknownInRow} unknown buckets in a row`);
  }
  if (worst !== 'good') return resetHold(hold, describe(readings, worst));
  const next: Hold = { ...hold, good: hold.good + 1, unknownInRow: 0, from: hold.from ?? start };
  if (next.good < incident.holdBuckets) return { kind: 'counting', hold: next };
  const whole = wholeHold(state, next.from ?? start, start);
  return whole.met ? { kind: 'complete', hold: next } : resetHold(next, `over the whole hold: ${whole.got}`);
}

export function resetHold(hold: Hold, because: string): Extract<HoldStep, { kind: 'reset' }> {
  return {
    kind: 'reset',
    hold: { notBefore: hold.notBefore, good: 0, unknownInRow: 0 },
    because,
    lost: hold.good,
  };
}

function describe(readings: readonly BandReading[], worst: Band): string {
  const culprits = readings.filter((reading) => reading.band === worst);
  return `${worst}: ${culprits.map(({ signal, value }) => `${signal} ${value ?? 'unknown'}`).join(', ')}`;
}

function wholeHold(state: EngineState, from: number, to: number): Criterion {
  const { signal, good, minRequests } = state.spec.recovery.wholeHold;
  const { n, value } = readingOf(batchesBetween(state, signal, from, to), good.statistic);
  return {
    kind: 'whole-hold',
    name: `${signal} over the whole hold`,
    met: value !== null && n >= minRequests && holds(good, value),
    got: `${value === null ? 'unknown' : formatRatio(value)} of ${n} requests`,
    allowed: `${formatCondition(good, 'ratio')} of at least ${minRequests} requests`,
    evidence: evidenceBetween(state, signal, from, to),
  };
}

/** One bucket of the hold as an event: what it was judged by. */
export function holdBucket(
  state: EngineState,
  incident: Incident,
  hold: HoldBucket['hold'],
  start: number,
  count: number,
): HoldBucket {
  const { worst, readings } = bandsAt(state, start);
  const of = hold === 'restore' ? state.spec.recovery.restoreBuckets : incident.holdBuckets;
  return { incident: incident.id, hold, from: start, band: worst, count, of, readings };
}

/** The runbook's recovery criteria one by one, as they stood when RECOVERED was declared. */
export function criteriaOf(
  state: EngineState,
  hold: Hold,
  to: number,
  results: VerifyResults,
): readonly Criterion[] {
  const from = hold.from ?? to;
  return [
    ...signalCriteria(state, from, to),
    wholeHold(state, from, to),
    ...checkCriteria(results),
    configuration(state),
  ];
}

function signalCriteria(state: EngineState, from: number, to: number): readonly Criterion[] {
  return state.spec.recovery.criteria.flatMap(({ signal, good }) => {
    const spec = specOf(state, signal);
    if (spec === undefined) return [];
    const { n, value } = readingOf(batchesBetween(state, signal, from, to), good.statistic);
    return [
      {
        kind: 'signal',
        name: spec.title,
        met: value !== null && holds(good, value),
        got: value === null ? 'unknown' : `${formatValue(value, spec.unit)} (n=${n})`,
        allowed: formatCondition(good, spec.unit),
        evidence: evidenceBetween(state, signal, from, to),
      },
    ];
  });
}

function checkCriteria(results: VerifyResults): readonly Criterion[] {
  return Object.entries(results).map(([name, { passed, seq }]) => ({
    kind: 'check',
    name: `contract check ${name}`,
    met: passed,
    got: passed ? 'passed' : 'failed',
    allowed: 'passed',
    evidence: [seq],
  }));
}

function configuration(state: EngineState): Criterion {
  const why = abnormality(state);
  const { fallback, toggles } = state.facts;
  return {
    kind: 'configuration',
    name: 'fallback off, configuration normal',
    met: why === undefined,
    got: why ?? 'normal',
    allowed: 'fallback off and every toggle at its normal value',
    evidence: [fallback?.seq, toggles?.seq].filter((seq) => seq !== undefined),
  };
}
