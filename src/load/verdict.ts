import type { JudgeSpec } from '../event/specs.ts';
import type { Outcome, Violation } from '../kernel/outcome.ts';
import { formatRatio } from '../kernel/percent.ts';
import type { Measured } from './collector.ts';
import { exitMeaning } from './exit-code.ts';
import { sayFinding, toViolation, type Finding } from './finding.ts';
import { judgeThresholds } from './judge-thresholds.ts';
import type { Plan } from './plan.ts';
import type { K6End } from './ports.ts';
import { ratesOf, type Rates } from './rate.ts';
import { contentWithNothing } from './threshold.ts';

/** A load that ended, with everything its verdict rests on. */
export interface Ended {
  readonly measured: Measured;
  readonly plan: Plan;
  readonly judge: JudgeSpec;
  readonly endpoints: readonly string[];
  readonly thresholds: 'judged' | 'observed';
  /** The thresholds k6 got from us. */
  readonly generated: readonly string[];
  readonly end: K6End;
  /** Whether we ended it: on purpose, or because the run was interrupted. */
  readonly ours: 'no' | 'stopped' | 'interrupted';
  /** Share of the cores that k6 used; `undefined` where the system does not tell. */
  readonly cpuShare: number | undefined;
}

export interface LoadVerdict {
  readonly outcome: Outcome;
  readonly violations: readonly Violation[];
  readonly reason?: string;
  readonly rates: Rates;
}

/** Above this share of all cores a generator measures itself. */
const busiest = 0.8;
/** More of our own 429s than this mean that the offered load never reached the system. */
const mostThrottled = 0.01;

/** Judges a load by what was measured. k6's own verdict is one finding among others and never enough to pass. */
export function judgeLoad(ended: Ended): LoadVerdict {
  const rates = ratesOf(
    ended.plan.offers,
    ended.measured.starts,
    ended.ours === 'no' && ended.end.code === 0,
  );
  const found = [
    ...ending(ended),
    ...script(ended),
    ...samples(ended),
    ...generator(ended, rates),
    ...thresholds(ended),
  ];
  const findings = [...found, ...disagreement(ended, found)].toSorted(gravest);
  const outcome = outcomeOf(findings);
  const [first] = findings;
  return {
    outcome,
    violations: findings.map(toViolation),
    ...(first && { reason: sayFinding(first) }),
    rates,
  };
}

const weights: readonly Finding['weight'][] = ['broken', 'failed', 'doubtful'];

function gravest(a: Finding, b: Finding): number {
  return weights.indexOf(a.weight) - weights.indexOf(b.weight);
}

function outcomeOf([first]: readonly Finding[]): Outcome {
  if (first === undefined) return 'passed';
  return first.weight === 'failed' ? 'failed' : 'inconclusive';
}

function ending({ end, ours }: Ended): Finding[] {
  const allowed = 'k6 ends by itself';
  if (ours === 'interrupted') {
    return [{ weight: 'broken', name: 'interrupted', path: 'run', got: 'interrupted', allowed }];
  }
  const { name, says, run } = exitMeaning(end.code);
  // A threshold is told apart below, where its metric is known.
  if (ours === 'stopped' || run === 'complete' || name === 'threshold') return [];
  const how = end.signal === null ? `exit code ${end.code}` : `${end.signal}`;
  const weight = run === 'failed' ? 'failed' : 'broken';
  return [{ weight, name: `k6-${name}`, path: 'k6', got: `${says} (${how})`, allowed }];
}

function script({ measured, plan, end, ours }: Ended): Finding[] {
  const exceptions = [...measured.exceptions];
  const times = exceptions.reduce((total, [, count]) => total + count, 0);
  const noise = exitMeaning(end.code).run === 'complete' && ours === 'no';
  return [
    ...exceptions
      .slice(0, 1)
      .map(([message]) => failed('k6-exception', 'script', `${times}: ${message}`, 'no uncaught exception')),
    ...measured.log.flatMap((line): Finding[] => {
      if (line.kind === 'summary-exception') {
        return [failed('k6-summary-exception', 'handleSummary', line.message, 'no uncaught exception')];
      }
      if (line.kind === 'unknown-option') {
        return [failed('unknown-option', 'options', line.message, 'options that k6 knows')];
      }
      const told = line.kind === 'error' && noise;
      return told
        ? [{ ...failed('k6-error', 'k6', line.message, 'no error in the log'), weight: 'doubtful' }]
        : [];
    }),
    ...failedChecks(measured, plan),
  ];
}

// A check without a threshold fails in silence; one with a threshold was judged by it.
function failedChecks({ checks }: Measured, plan: Plan): Finding[] {
  if (Object.keys(plan.thresholds).some((key) => /^checks(\{|$)/.test(key))) return [];
  return [...checks]
    .filter(([, check]) => check.failed > 0)
    .map(([name, check]) =>
      failed('check-failed', `check "${name}"`, `${check.failed} of ${check.n} failed`, 'none'),
    );
}

function samples({ measured, plan }: Ended): Finding[] {
  const { points, requests, total, iterations, seen } = measured;
  if (points === 0) return [doubtful('no-samples', 'k6', 'no points at all', 'raw points of each request')];
  const own = Object.entries(plan.thresholds);
  const unmet = own.filter(([key, list]) => !seen.has(key) && !contentWithNothing(list));
  const share = requests === 0 ? 0 : total.throttled / requests;
  return [
    ...(iterations === 0 ? [failed('no-iterations', 'iterations', '0', 'at least one whole iteration')] : []),
    ...(requests === 0 && own.length === 0
      ? [doubtful('no-samples', 'requests', '0', 'at least one HTTP request')]
      : []),
    ...unmet.map(([key, list]) =>
      failed('threshold-without-samples', key, 'no samples', `samples to judge ${list.join(', ')} by`),
    ),
    ...(share > mostThrottled
      ? [
          doubtful(
            'throttled',
            'requests',
            `${formatRatio(share)} answered 429`,
            `at most ${formatRatio(mostThrottled)}`,
          ),
        ]
      : []),
  ];
}

function generator({ measured, cpuShare }: Ended, rates: Rates): Finding[] {
  const findings: Finding[] = [];
  if (cpuShare !== undefined && cpuShare > busiest) {
    const got = `${formatRatio(cpuShare)} of all cores`;
    const allowed = `at most ${formatRatio(busiest)}`;
    findings.push({ weight: 'broken', name: 'generator-cpu', path: 'k6', got, allowed });
  }
  if (measured.dropped > 0) {
    findings.push(failed('dropped-iterations', 'dropped_iterations', String(measured.dropped), '0'));
  }
  if (measured.iterations > 0 && !rates.reached) {
    const got = `${rates.begun} iterations of ${Math.round(rates.due)}`;
    findings.push(failed('rate-not-achieved', 'iterations', got, 'at least 99%'));
  }
  return findings;
}

function thresholds({ measured, judge, endpoints, thresholds: mode, generated, plan }: Ended): Finding[] {
  const judged = mode === 'judged' && measured.requests > 0;
  const ours = judged ? judgeThresholds(judge, endpoints, measured.endpoints, measured.total) : [];
  // What k6 crossed of the runbook's is told by our own figures, which are from the same points.
  const own = crossedIn(measured).filter(
    (key) => Object.hasOwn(plan.thresholds, key) || !generated.includes(key),
  );
  return [
    ...ours,
    ...own.map((key) => failed('threshold', key, 'crossed', (plan.thresholds[key] ?? []).join(', '))),
  ];
}

// k6 interpolates percentiles and counts our own 429s as failures: where it alone is unhappy, nobody knows.
function disagreement({ end, measured }: Ended, found: readonly Finding[]): Finding[] {
  if (end.code !== 99 || found.some(({ weight }) => weight === 'failed')) return [];
  const crossed = crossedIn(measured);
  const path = crossed.length === 0 ? 'k6' : crossed.join(', ');
  return [doubtful('k6-disagrees', path, 'crossed, says k6', 'the same from the raw points')];
}

function crossedIn({ log }: Measured): readonly string[] {
  return log.flatMap((line) => (line.kind === 'thresholds-crossed' ? line.metrics : []));
}

function failed(name: string, path: string, got: string, allowed: string): Finding {
  return { weight: 'failed', name, path, got, allowed };
}

function doubtful(name: string, path: string, got: string, allowed: string): Finding {
  return { weight: 'doubtful', name, path, got, allowed };
}
