import type { Criterion } from '../event/incident.ts';
import type { Condition, SignalSpec } from '../event/specs.ts';
import { formatRatio } from '../kernel/percent.ts';
import { formatBeside, formatCondition, formatLimit } from '../runbook/condition.ts';
import { holds } from '../runbook/holds.ts';
import { band, judge, type Band } from '../signal/judge.ts';
import { readingOf } from '../signal/reading.ts';
import { checkOf } from './answers.ts';
import { batchesBetween, evidenceBetween, specOf } from './cells.ts';
import {
  configurationEvidence,
  configurationNow,
  configurationWords,
  hasConfiguration,
  isWord,
  wordState,
} from './configuration.ts';
import { sayingDown } from './hard-down.ts';
import { isHardDownSignal } from './hard-down-signal.ts';
import type { EngineState, Hold, Incident, VerifyResults } from './state.ts';

/** A criterion of the recovery as it stands: what is bad is acted on, what is only unknown is waited for. */
export interface Asked {
  readonly criterion: Criterion;
  readonly verdict: 'met' | 'bad' | 'unknown';
}

/** Everything that RECOVERED asks for, as it stands now. What the system does not have is not among it. */
export function askRecovered(
  state: EngineState,
  incident: Incident,
  hold: Hold,
  results: VerifyResults,
): readonly Asked[] {
  const to = state.next - state.spec.bucketMs;
  const from = hold.from ?? to;
  return [
    ...signalsAsked(state, incident, from, to),
    wholeHold(state, from, to),
    ...coreAsked(results),
    ...checksAsked(state, incident, results),
    ...downAsked(state, incident),
    ...configurationAsked(state),
  ];
}

const asked = (criterion: Criterion, verdict: Asked['verdict']): Asked => ({
  criterion: { ...criterion, met: verdict === 'met' },
  verdict,
});

/** Errors over the whole hold: of too few requests they are unknown. */
export function wholeHold(state: EngineState, from: number, to: number): Asked {
  const { signal, good, minRequests } = state.spec.recovery.wholeHold;
  const { n, value } = readingOf(batchesBetween(state, signal, from, to), good.statistic);
  const facts = {
    kind: 'whole-hold',
    name: `${signal} over the whole hold`,
    met: false,
    got: `${value === null ? 'unknown' : formatRatio(value)} of ${n} requests`,
    allowed: `${formatCondition(good, 'ratio')} of at least ${minRequests} requests`,
    evidence: evidenceBetween(state, signal, from, to),
  } as const;
  if (value === null || n < minRequests) return asked(facts, 'unknown');
  return asked(facts, holds(good, value) ? 'met' : 'bad');
}

function signalsAsked(state: EngineState, incident: Incident, from: number, to: number): readonly Asked[] {
  const { criteria } = state.spec.recovery;
  const named = criteria.flatMap(({ signal, good }) => {
    const spec = specOf(state, signal);
    return spec === undefined ? [] : [criterionAsked(state, spec, good, from, to)];
  });
  const known = new Set(criteria.map(({ signal }) => signal));
  const joined = incident.signals.filter((signal) => !known.has(signal));
  return [...named, ...joined.flatMap((signal) => joinedAsked(state, signal, from, to))];
}

function criterionAsked(
  state: EngineState,
  spec: SignalSpec,
  good: Condition,
  from: number,
  to: number,
): Asked {
  const { name, title, unit } = spec;
  const { n, value } = readingOf(batchesBetween(state, name, from, to), good.statistic);
  const newest = newestKnown(
    state,
    from,
    to,
    (start) => band(spec, good, batchesBetween(state, name, start, start)).band,
  );
  // A count of ten minutes says nothing about a limit for one.
  const whole = good.statistic === 'count' || (value !== null && holds(good, value));
  const facts = {
    kind: 'signal',
    name: title,
    got: value === null ? 'unknown' : `${formatBeside(value, good, unit)} (n=${n})`,
    allowed: formatCondition(good, unit),
    evidence: evidenceBetween(state, name, from, to),
    met: false,
  } as const;
  if (newest === undefined || value === null) return asked(facts, 'unknown');
  return asked(facts, newest === 'good' && whole ? 'met' : 'bad');
}

/** A signal of the incident that recovery has no band for: it must be out of its trigger. */
function joinedAsked(state: EngineState, signal: string, from: number, to: number): readonly Asked[] {
  const spec = specOf(state, signal);
  if (spec === undefined) return isWord(state, signal) ? [wordAsked(state, signal, from, to)] : [];
  const { trigger, unit, title } = spec;
  const { n, value } = readingOf(batchesBetween(state, signal, from, to), trigger.statistic);
  const newest = newestKnown(
    state,
    from,
    to,
    (start) => bandOf[judge(spec, batchesBetween(state, signal, start, start)).state],
  );
  const facts = {
    kind: 'signal',
    name: title,
    got: value === null ? 'unknown' : `${trigger.statistic} ${formatBeside(value, trigger, unit)} (n=${n})`,
    allowed: formatLimit(trigger, unit),
    evidence: evidenceBetween(state, signal, from, to),
    met: false,
  } as const;
  return [asked(facts, verdictOf(newest))];
}

const bandOf = { ok: 'good', bad: 'bad', unknown: 'unknown' } as const;
const verdictOf = (newest: Band | undefined): Asked['verdict'] =>
  newest === undefined ? 'unknown' : newest === 'good' ? 'met' : 'bad';

function wordAsked(state: EngineState, signal: string, from: number, to: number): Asked {
  const last = state.words.get(signal)?.at(-1);
  const newest = newestKnown(state, from, to, (start) => bandOf[wordState(state, signal, start)]);
  const facts = {
    kind: 'signal',
    name: last?.title ?? signal,
    got: last?.got ?? 'unknown',
    allowed: last?.allowed ?? 'normal',
    evidence: last === undefined ? [] : [last.seq],
    met: false,
  } as const;
  return asked(facts, last?.normal === false ? 'bad' : verdictOf(newest));
}

/** The band of the newest closed bucket of the hold that knew it. */
function newestKnown(
  { spec }: EngineState,
  from: number,
  to: number,
  bandAt: (start: number) => Band,
): Band | undefined {
  for (let start = to; start >= from; start -= spec.bucketMs) {
    const found = bandAt(start);
    if (found !== 'unknown') return found;
  }
  return undefined;
}

function coreAsked(results: VerifyResults): readonly Asked[] {
  return Object.entries(results).map(([name, { passed, seq }]) =>
    asked(
      {
        kind: 'check',
        name: `contract check ${name}`,
        met: passed,
        got: passed ? 'passed' : 'failed',
        allowed: 'passed',
        evidence: [seq],
      },
      passed ? 'met' : 'bad',
    ),
  );
}

/** The checks of the incident that no recovery asks for anyway: each passed after its last failure. */
function checksAsked(state: EngineState, { signals }: Incident, results: VerifyResults): readonly Asked[] {
  return signals.flatMap((signal) => {
    const check = checkOf(state, signal);
    if (check === undefined || check.name in results) return [];
    const answered = state.answers.get(check.name);
    const passed = answered?.passed;
    const got = passed === undefined ? 'unknown' : passed ? 'passed' : 'failed';
    const evidence = answered?.seq === undefined ? [] : [answered.seq];
    const facts = {
      kind: 'check',
      name: `check ${check.name}`,
      got,
      allowed: 'passed',
      evidence,
      met: false,
    } as const;
    return [asked(facts, passed === undefined ? 'unknown' : passed ? 'met' : 'bad')];
  });
}

function downAsked(state: EngineState, { signals }: Incident): readonly Asked[] {
  const saying = sayingDown(state);
  if (saying.length === 0 && !signals.some(isHardDownSignal)) return [];
  const evidence = [...state.down.values()].flatMap(({ seqs }) => seqs);
  const facts = {
    kind: 'hard-down',
    name: 'nothing says that the system is down',
    got: saying.length === 0 ? 'nothing' : saying.join(', '),
    allowed: 'nothing',
    evidence,
    met: false,
  } as const;
  return [asked(facts, saying.length === 0 ? 'met' : 'bad')];
}

function configurationAsked(state: EngineState): readonly Asked[] {
  if (!hasConfiguration(state)) return [];
  const { verdict, why } = configurationNow(state);
  const facts = {
    kind: 'configuration',
    ...configurationWords(state),
    got: why ?? 'normal',
    evidence: configurationEvidence(state),
    met: false,
  } as const;
  return [asked(facts, verdict)];
}
