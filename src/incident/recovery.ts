import type { HoldBucket } from '../event/incident.ts';
import { band, judge, worstBand, type Band } from '../signal/judge.ts';
import { checkBand, checkOf } from './answers.ts';
import { batchesBetween, specOf } from './cells.ts';
import { badStates, configurationBand, isWord, wordState } from './configuration.ts';
import { wholeHold } from './criteria.ts';
import {
  resetHold,
  type HoldStep,
  type BandReading,
  type EngineState,
  type Hold,
  type Incident,
} from './state.ts';
import { downSignals, sayingDown, unheard } from './hard-down.ts';

interface Bands {
  readonly worst: Band;
  readonly readings: readonly BandReading[];
}

/** Each recovery criterion's band in one bucket, and the worst of them. */
export function bandsAt(state: EngineState, start: number): Bands {
  const readings = state.spec.recovery.criteria.flatMap(({ signal, good }) => {
    const spec = specOf(state, signal);
    if (spec === undefined) return [];
    return [{ signal, ...band(spec, good, batchesBetween(state, signal, start, start)) }];
  });
  return { worst: worstBand(readings.map((reading) => reading.band)), readings };
}

/** One thing that a bucket of the hold is judged by; what it is in words where it is no signal with samples. */
interface Part {
  readonly signal: string;
  readonly band: Band;
  readonly value?: number | null;
}

const bandOf = { ok: 'good', bad: 'bad', unknown: 'unknown' } as const;

/** The incident's own signals in one bucket, and its checks and states. */
export function incidentParts(
  state: EngineState,
  { signals }: Pick<Incident, 'signals'>,
  start: number,
): readonly (Part | BandReading)[] {
  return signals.flatMap((signal): (Part | BandReading)[] => {
    const judged = judgedIn(state, signal, start);
    if (judged !== undefined) return [judged];
    const check = checkOf(state, signal);
    if (check !== undefined) return [{ signal, band: checkBand(state, check, start) }];
    return isWord(state, signal) ? [{ signal, band: bandOf[wordState(state, signal, start)] }] : [];
  });
}

function judgedIn(state: EngineState, signal: string, start: number): BandReading | undefined {
  const spec = specOf(state, signal);
  if (spec === undefined) return undefined;
  const judged = judge(spec, batchesBetween(state, signal, start, start));
  return { signal, n: judged.n, value: judged.value, band: bandOf[judged.state] };
}

/** Whether a signal by which an incident is down is not known to be well in a bucket. One that the judge does not name is not asked for. */
export function isDownSignalUnwell(state: EngineState, { signals }: Incident, start: number): boolean {
  return downSignals(state, signals).some(
    (signal) => (judgedIn(state, signal, start)?.band ?? 'good') !== 'good',
  );
}

/** The parts of the incident of which nothing is known in a bucket. */
export function unknownParts(state: EngineState, incident: Incident, start: number): readonly string[] {
  const parts = incidentParts(state, incident, start);
  const silent = parts.flatMap(({ signal, band: of }) => (of === 'unknown' ? [signal] : []));
  return [...silent, ...unheard(state, incident.signals)];
}

/** Everything that a bucket of the hold is judged by, and the worst of it. */
export function holdParts(state: EngineState, incident: Incident, start: number) {
  const { readings } = bandsAt(state, start);
  const parts: readonly Part[] = [
    ...readings,
    ...incidentParts(state, incident, start),
    ...badStates(state, start).map((signal): Part => ({ signal, band: 'bad' })),
    ...(isDownIn(state, start) ? [{ signal: 'hard down', band: 'bad' } as const] : []),
    { signal: 'configuration', band: configurationBand(state, start) },
  ];
  return { worst: worstBand(parts.map((part) => part.band)), parts };
}

const isDownIn = (state: EngineState, start: number): boolean =>
  sayingDown(state).length > 0 || state.downIn.has(start);

/** One more bucket on the recovery clock: good counts, unknown freezes, anything else starts it over. */
export function stepHold(state: EngineState, incident: Incident, hold: Hold, start: number): HoldStep {
  const { worst, parts } = holdParts(state, incident, start);
  if (worst !== 'good' && worst !== 'unknown') return resetHold(hold, describe(parts, worst));
  const next: Hold =
    worst === 'good'
      ? { ...hold, good: hold.good + 1, unknownInRow: 0, from: hold.from ?? start }
      : { ...hold, unknownInRow: hold.unknownInRow + 1 };
  const { maxUnknownInRow } = state.spec.recovery;
  if (next.unknownInRow > maxUnknownInRow)
    return resetHold(hold, `more than ${maxUnknownInRow} unknown buckets in a row`);
  return next.good < incident.holdBuckets ? { kind: 'counting', hold: next } : overWhole(state, next, start);
}

/** Enough good buckets: the errors over all of them decide, and too few requests are waited for. */
function overWhole(state: EngineState, hold: Hold, start: number): HoldStep {
  const { verdict, criterion } = wholeHold(state, hold.from ?? start, start);
  if (verdict === 'bad') return resetHold(hold, `over the whole hold: ${criterion.got}`);
  return { kind: verdict === 'met' ? 'complete' : 'counting', hold };
}

function describe(parts: readonly Part[], worst: Band): string {
  const culprits = new Map(
    parts.filter((part) => part.band === worst).map(({ signal, value }) => [signal, value]),
  );
  const named = [...culprits].map(([signal, value]) =>
    [signal, value].filter((part) => part !== undefined).join(' '),
  );
  return `${worst}: ${named.join(', ')}`;
}

/** One bucket of the hold as an event: what it was judged by. */
export function holdBucket(
  state: EngineState,
  incident: Incident,
  hold: HoldBucket['hold'],
  start: number,
  count: number,
): HoldBucket {
  const { worst, readings } = hold === 'restore' ? bandsAt(state, start) : wholeBands(state, incident, start);
  const of = hold === 'restore' ? state.spec.recovery.restoreBuckets : incident.holdBuckets;
  return { incident: incident.id, hold, from: start, band: worst, count, of, readings };
}

function wholeBands(state: EngineState, incident: Incident, start: number): Bands {
  const { readings } = bandsAt(state, start);
  const known = new Set(readings.map(({ signal }) => signal));
  const own = incident.signals.flatMap((signal) =>
    known.has(signal) ? [] : (judgedIn(state, signal, start) ?? []),
  );
  return { worst: holdParts(state, incident, start).worst, readings: [...readings, ...own] };
}
