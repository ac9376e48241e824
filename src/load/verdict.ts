import type { JudgeSpec } from '../event/specs.ts';
import type { Outcome, Violation } from '../kernel/outcome.ts';
import { formatMs } from '../kernel/duration.ts';
import { formatRatio } from '../kernel/percent.ts';
import type { Measured } from './collector.ts';
import type { EndpointTally } from './endpoint-tally.ts';
import type { Starved } from './cpu.ts';
import { exitMeaning } from './exit-code.ts';
import { doubtful, failed, sayFinding, toViolation, type Finding } from './finding.ts';
import { heldBackOf, limiting, type HeldBack, type Limit } from './held-back.ts';
import { judgeThresholds } from './judge-thresholds.ts';
import { judgeUsers } from './judge-users.ts';
import type { Plan } from './plan.ts';
import type { K6End } from './ports.ts';
import { ratesOf, type Rates } from './rate.ts';
import { shareOf, tooMany } from './share.ts';
import { shortageOf, type Shortage } from './shortage.ts';
import { contentWithNothing } from './threshold.ts';

/** A load that ended, with everything its verdict rests on. */
export interface Ended {
  readonly measured: Measured;
  readonly plan: Plan;
  readonly judge: JudgeSpec;
  readonly endpoints: readonly string[];
  readonly thresholds: 'judged' | 'observed';
  readonly end: K6End;
  /** Whether we ended it: on purpose, or because the run was interrupted. */
  readonly ours: 'no' | 'stopped' | 'interrupted';
  /** Share of the cores that k6 used; `undefined` where the system does not tell. */
  readonly cpuShare: number | undefined;
  /** When k6 waited for a processor that others used. */
  readonly starved: readonly Starved[];
  /** The limit of requests a second that k6 keeps. */
  readonly limit: Limit;
}

export interface LoadVerdict {
  readonly outcome: Outcome;
  readonly violations: readonly Violation[];
  readonly reason?: string;
  readonly rates: Rates;
  /** What is worth knowing and decided nothing. */
  readonly notes: readonly string[];
}

/** Above this share of all cores a generator measures itself. */
const busiest = 0.8;
/** More of our own 429s than this mean that the offered load never reached the system. */
const mostThrottled = 0.01;

/** Judges a load by what was measured. k6's own verdict is one finding among others and never enough to pass. */
export function judgeLoad(ended: Ended): LoadVerdict {
  const whole = ended.ours === 'no' && ended.end.code === 0;
  const rates = ratesOf(ended.plan.offers, ended.measured.starts, whole);
  const shortage = shortageOf(ended, rates);
  const held = heldBackOf(ended, rates);
  const users = judgeUsers(ended);
  const found = [
    ...ending(ended),
    ...standing(ended),
    ...script(ended),
    ...samples(ended),
    // What users feel is named before what the generator could not do.
    ...users.findings,
    ...overLimits(ended),
    ...crossed(ended),
    ...generator(ended, rates, shortage),
    ...elsewhere(ended),
  ];
  const limited = held === undefined ? undefined : limiting(ended, rates, held, found);
  const findings = [...(limited?.findings ?? []), ...softened(ended, { shortage, held }, found)].toSorted(
    gravest,
  );
  const [first] = findings;
  return {
    outcome: outcomeOf(findings),
    violations: findings.map(toViolation),
    ...(first && { reason: sayFinding(first) }),
    rates,
    notes: [...(limited?.notes ?? []), ...users.notes, ...notesOf(ended)],
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

// What a generator that stood still makes slow, late or missing says nothing about the target; a wrong answer does.
function softened(
  { measured }: Ended,
  { shortage, held }: Causes,
  findings: readonly Finding[],
): readonly Finding[] {
  const stood = measured.stood.length > 0;
  return findings.map((finding) => {
    const ours =
      (stood && finding.timed) || (shortage?.explains && finding.paced) || (held && finding.limited);
    return ours && finding.weight === 'failed' ? { ...finding, weight: 'doubtful' } : finding;
  });
}

/** What was our own doing. */
interface Causes {
  readonly shortage: Shortage | undefined;
  readonly held: HeldBack | undefined;
}

function ending({ end, ours }: Ended): Finding[] {
  const allowed = 'k6 ends by itself';
  if (ours === 'interrupted') {
    return [{ weight: 'broken', name: 'interrupted', path: 'run', got: 'interrupted', allowed }];
  }
  const { name, says, run } = exitMeaning(end.code);
  // A threshold is told apart below, where its metric is known.
  if (run === 'complete' || name === 'threshold') return [];
  if (ours === 'stopped' && end.code !== null) return [];
  const how = end.signal === null ? `exit code ${end.code}` : `${end.signal}`;
  const weight = run === 'failed' ? 'failed' : 'broken';
  return [{ weight, name: `k6-${name}`, path: 'k6', got: `${says} (${how})`, allowed }];
}

function standing({ measured: { stood } }: Ended): Finding[] {
  if (stood.length === 0) return [];
  const ms = stood.reduce((total, { from, to }) => total + to - from, 0);
  const times = stood.length === 1 ? 'once' : `${stood.length} times`;
  const got = `k6 stood still ${times}, ${formatMs(Math.round(ms))} in all`;
  return [doubtful('generator-stood-still', 'k6', got, 'a generator that runs all the time')];
}

function script({ measured, end, ours, thresholds: mode, judge }: Ended): Finding[] {
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
      return line.kind === 'error' && noise
        ? [doubtful('k6-error', 'k6', line.message, 'no error in the log')]
        : [];
    }),
    ...(mode === 'judged' ? failedChecks(measured, judge) : []),
  ];
}

// k6 lets a check fail in silence. One that a threshold of the script covers is judged by that.
function failedChecks({ checks }: Measured, judge: JudgeSpec): Finding[] {
  return [...checks]
    .filter(([, check]) => tooMany(check.failed, check.n, judge))
    .map(([name, check]) =>
      failed('check-failed', `check "${name}"`, `${check.failed} of ${check.n} failed`, mostOf(judge)),
    );
}

function mostOf(judge: JudgeSpec): string {
  return `at most ${formatRatio(shareOf(judge))}; one alone decides nothing`;
}

// The script's own thresholds are the only ones that k6 judges. Its exit code says that one was crossed, its log which.
function crossed({ measured, plan: { thresholds }, end, thresholds: mode }: Ended): Finding[] {
  if (mode === 'observed') return [];
  const lists = measured.log.flatMap((line) =>
    line.kind === 'thresholds-crossed' ? [`, ${line.list}, `] : [],
  );
  if (lists.length === 0 && end.code !== 99) return [];
  const own = Object.keys(thresholds);
  const named = own.filter((key) => lists.some((list) => list.includes(`, ${key}, `)));
  return (named.length > 0 ? named : [own.join(', ') || 'k6']).map((key) => ({
    ...failed('threshold', key, 'crossed', (thresholds[key] ?? []).join(', ') || 'no threshold crossed'),
    timed: timely.test(key),
    paced: pacing.test(key),
    limited: waiting.test(key),
  }));
}

// Metrics of k6 that a generator which stands still makes worse.
const timely = /^(http_req_(?!failed)|http_reqs|iteration|dropped_iterations|ws_|grpc_req_|vus)/;

// And those that dropped iterations make worse.
const pacing = /^(dropped_iterations|iterations|http_reqs)(\{|$)/;

// And those that requests which wait for their turn make worse.
const waiting = /^(dropped_iterations|iterations|iteration_duration|http_reqs)(\{|$)/;

function samples({ measured, plan, thresholds: mode }: Ended): Finding[] {
  const { points, requests, total, iterations, seen } = measured;
  if (points === 0) return [doubtful('no-samples', 'k6', 'no points at all', 'raw points of each request')];
  const judged = mode === 'judged' ? Object.entries(plan.thresholds) : [];
  const unmet = judged.filter(([key, list]) => !seen.has(key) && !contentWithNothing(list));
  const share = requests === 0 ? 0 : total.throttled / requests;
  return [
    ...(iterations === 0
      ? [doubtful('no-iterations', 'iterations', '0', 'at least one whole iteration')]
      : []),
    ...nothing(measured),
    ...unmet.map(([key, list]) => ({
      ...failed('threshold-without-samples', key, 'no samples', `samples to judge ${list.join(', ')} by`),
      timed: true,
      limited: true,
    })),
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

// What k6 counts of itself measures no target, and its requests and WebSockets may be of another origin.
const ownFigures =
  /^(vus|vus_max|iterations|iteration_duration|dropped_iterations|data_sent|data_received|http_\w+|ws_\w+)(\{|$)/;

function nothing({ requests, sockets, seen, elsewhere: others }: Measured): Finding[] {
  const judged = [...seen.keys()].some((key) => !ownFigures.test(key));
  if (requests > 0 || sockets.some(({ n }) => n > 0) || judged) return [];
  const [other] = others;
  const got = other === undefined ? '0' : `0, all went elsewhere, such as ${other.endpoint}`;
  return [doubtful('no-samples', 'requests to the target', got, 'at least one')];
}

function generator({ measured, cpuShare }: Ended, rates: Rates, shortage: Shortage | undefined): Finding[] {
  const findings: Finding[] = [];
  if (cpuShare !== undefined && cpuShare > busiest) {
    const got = `${formatRatio(cpuShare)} of all cores`;
    const allowed = `at most ${formatRatio(busiest)}`;
    findings.push({ weight: 'broken', name: 'generator-cpu', path: 'k6', got, allowed });
  }
  if (shortage !== undefined) {
    const got = `k6 waited for a processor that others used: ${formatMs(Math.round(shortage.ms))} in all`;
    findings.push(doubtful('generator-short-of-cpu', 'k6', got, 'a processor whenever k6 needs it'));
  }
  if (measured.dropped > 0) {
    const dropped = failed('dropped-iterations', 'dropped_iterations', String(measured.dropped), '0');
    findings.push({ ...dropped, timed: true, paced: true, limited: true });
  }
  if (measured.starts.size > 0 && !rates.reached) {
    const got = `${rates.begun} iterations of ${Math.round(rates.due)}`;
    const rate = failed('rate-not-achieved', 'iterations', got, 'at least 99%');
    findings.push({ ...rate, timed: true, paced: true, limited: true });
  }
  return findings;
}

function overLimits({ measured, judge, endpoints, thresholds: mode }: Ended): Finding[] {
  if (mode === 'observed') return [];
  const asked = measured.requests > 0 || measured.sockets.length > 0;
  const http = asked ? judgeThresholds(judge, withoutSockets(endpoints, measured), measured) : [];
  const sockets = measured.sockets
    .filter(({ errors, n }) => tooMany(errors, n, judge))
    .map(({ endpoint, errors, n }) =>
      failed('websocket-refused', endpoint, `${errors} of ${n} did not open`, mostOf(judge)),
    );
  return [...http, ...sockets];
}

/** A WebSocket asks its endpoint too, and is no answer to be timed. */
function withoutSockets(names: readonly string[], { endpoints, sockets }: Measured): readonly string[] {
  return names.filter((name) => isAmong(endpoints, name) || !isAmong(sockets, name));
}

const isAmong = (tallies: readonly EndpointTally[], name: string): boolean =>
  tallies.some(({ endpoint }) => endpoint === name);

// What another origin answers is not the target's, and where a redirect leads to it was not measured.
function elsewhere({ measured, judge, thresholds: mode }: Ended): Finding[] {
  if (mode === 'observed') return [];
  const others = measured.elsewhere.filter(({ errors, n }) => tooMany(errors, n, judge));
  const redirects = measured.redirects.filter((one) => tooMany(one.count, one.of, judge));
  return [
    ...redirects.map(({ endpoint, to, count, of }) =>
      doubtful(
        'redirected-elsewhere',
        endpoint,
        `${count} of ${of} answers redirect to ${to}, which was not followed`,
        'answers of the target itself',
      ),
    ),
    ...others.map(({ endpoint, errors, n }) =>
      doubtful('other-origin-failed', endpoint, `${errors} of ${n} failed`, mostOf(judge)),
    ),
  ];
}

function notesOf({ measured, plan, judge, thresholds: mode, ours, end }: Ended): readonly string[] {
  const few = measured.redirects.filter((one) => mode === 'observed' || !tooMany(one.count, one.of, judge));
  return [
    ...(plan.unread ?? []).map((name) => `the options of the script do not read ${name}: it had no effect`),
    ...(ours === 'stopped' ? ['k6 was stopped by Siaga, as planned'] : []),
    ...observedNote(mode, measured.total),
    ...(mode === 'observed' && end.code === 99
      ? ['thresholds of the script were crossed: observed, not judged']
      : []),
    ...few.map(
      ({ endpoint, to, count, of }) =>
        `${endpoint}: ${count} of ${of} answers redirect to ${to}, another origin than the target: not followed`,
    ),
    ...measured.elsewhere.map(
      ({ endpoint, n, errors }) =>
        `${endpoint} is another origin than the target: ${n} requests, ${errors} failed, not counted`,
    ),
  ];
}

function observedNote(mode: Ended['thresholds'], { errors, n }: EndpointTally): readonly string[] {
  if (mode === 'judged' || errors === 0) return [];
  return [`${errors} of ${n} requests failed: observed, not judged`];
}
