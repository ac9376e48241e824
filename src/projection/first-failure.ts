import type { RunVerdict } from '../event/catalogue.ts';
import type { EventOf, SiagaEvent } from '../event/envelope.ts';
import type { Outcome, Violation } from '../kernel/outcome.ts';
import { roundFindings, type Finding } from './findings.ts';
import { ofType } from './pick.ts';
import { openedHere, openingWords } from './opened.ts';

/** What failed first. */
export interface FirstFailure {
  readonly what: string;
  readonly got: string;
  /** Empty where `got` is a reason in words. */
  readonly allowed: string;
  readonly seq: number;
}

/** `check` where a single answer said so, which the judgement of the round over all of its answers takes the place of. */
interface Candidate extends FirstFailure {
  readonly check?: string;
  /** A round said so, and the next round takes its place. */
  readonly round?: true;
}

interface Found {
  broken: Candidate[];
  doubts: Candidate[];
  readonly stuck: FirstFailure[];
  experimentOpen: boolean;
  /** Expectations in words. */
  readonly texts: Map<string, string>;
}

/** What failed first, as the verdict means it. While an experiment runs, failing checks are data: its expectations decide. */
export function foldFirstFailure(
  events: readonly SiagaEvent[],
  verdict: RunVerdict | 'unfinished',
): FirstFailure | undefined {
  const found: Found = { broken: [], doubts: [], stuck: [], experimentOpen: false, texts: new Map() };
  for (const event of events) collect(found, event);
  const first = verdict === 'passed' ? undefined : firstOf(found, events, verdict);
  if (first === undefined) return undefined;
  const { what, got, allowed, seq } = first;
  return { what, got, allowed, seq };
}

// A run that failed did not fail by a doubt.
function firstOf(
  { broken, doubts, stuck }: Found,
  events: readonly SiagaEvent[],
  verdict: RunVerdict | 'unfinished',
): FirstFailure | undefined {
  switch (verdict) {
    case 'rollback-failed':
      return stuck[0] ?? broken[0] ?? doubts[0];
    case 'inconclusive':
      return doubts[0] ?? broken[0];
    case 'failed':
      return openedFirst(events) ?? broken[0];
    case 'error':
      return errorOf(events);
    default:
      return openedFirst(events) ?? broken[0] ?? doubts[0];
  }
}

/** What ended the run before it could judge is reported last. */
function errorOf(events: readonly SiagaEvent[]): FirstFailure | undefined {
  const last = ofType(events, 'run.problem').at(-1);
  return last && { what: last.data.code, got: last.data.message, allowed: '', seq: last.seq };
}

/** An incident that the run opened or raised stands before what else it found. */
function openedFirst(events: readonly SiagaEvent[]): FirstFailure | undefined {
  const [opened] = openedHere(events);
  if (opened === undefined || !('by' in opened.data.change)) return undefined;
  const { got, allowed } = opened.data.change.by;
  return { what: openingWords(opened, events), got, allowed, seq: opened.seq };
}

function collect(found: Found, event: SiagaEvent): void {
  const { seq } = event;
  switch (event.type) {
    case 'experiment.started':
      found.experimentOpen = true;
      for (const { id, text } of event.data.expectations) found.texts.set(id, text);
      break;
    case 'experiment.finished': {
      found.experimentOpen = false;
      const { name, verdict, reasons } = event.data;
      if (verdict === 'held') break;
      const to = verdict === 'weakness' || verdict === 'rollback-failed' ? found.broken : found.doubts;
      to.push({ what: `experiment ${name}`, got: reasons[0] ?? verdict, allowed: 'held', seq });
      break;
    }
    case 'expectation.settled': {
      const { experiment, expectation, outcome, got, allowed } = event.data;
      if (outcome === 'met') break;
      (outcome === 'broken' ? found.broken : found.doubts).push({
        what: `${experiment}: ${found.texts.get(expectation) ?? expectation}`,
        got,
        allowed,
        seq,
      });
      break;
    }
    default:
      collectOther(found, event);
  }
}

function collectOther(found: Found, event: SiagaEvent): void {
  const { seq } = event;
  switch (event.type) {
    case 'check.finished':
      if (!found.experimentOpen) takeAnswer(found, event);
      break;
    case 'load.finished': {
      const failure = failureOf(`load ${event.data.load}`, event.data, seq);
      if (event.data.outcome === 'passed') break;
      (event.data.outcome === 'failed' ? found.broken : found.doubts).push(failure);
      break;
    }
    case 'round.measured':
      takeRound(found, event);
      break;
    case 'fault.proof':
      if (!event.data.proven)
        found.doubts.push({
          what: `proof of ${event.data.fault}`,
          got: event.data.why,
          allowed: 'a fault that met traffic',
          seq,
        });
      break;
    case 'fault.stuck':
      found.stuck.push({
        what: `fault ${event.data.fault} on ${event.data.proxy}`,
        got: `still in after ${event.data.tried.join(', ')}`,
        allowed: 'removed',
        seq,
      });
      break;
    case 'gate.part': {
      const { part, outcome, reason } = event.data;
      if (part !== 'candidate' || outcome === 'passed' || outcome === 'not-run') break;
      const failure = { what: part, got: reason, allowed: '', seq };
      // Whatever failed before was not of the candidate, or was its end.
      (outcome === 'failed' ? found.broken : found.doubts).unshift(failure);
      break;
    }
    case 'run.problem':
      found.doubts.push({
        what: event.data.code,
        got: event.data.message,
        allowed: 'a run that can measure',
        seq,
      });
      break;
    case 'run.interrupted':
      found.doubts.push({
        what: 'the run',
        got: `interrupted by ${event.data.signal}`,
        allowed: 'run to its end',
        seq,
      });
      break;
  }
}

/** What was not asked again stands as it was. */
function takeAnswer(found: Found, event: EventOf<'check.finished'>): void {
  const { check, reason, stands } = event.data;
  const { outcome, violations } = stands ?? event.data;
  if (outcome === 'passed') return;
  // What was seen beside a doubt is no finding.
  const seen = outcome === 'failed' ? violations : [];
  const failure = failureOf(`check ${check}`, { outcome, violations: seen, reason }, event.seq);
  (outcome === 'failed' ? found.broken : found.doubts).push({ ...failure, check });
}

/** A round is judged over all of its answers: one early failure, or a doubt that an answer settled, is none. */
function takeRound(found: Found, event: EventOf<'round.measured'>): void {
  const { data, seq } = event;
  const among = (answers: readonly Candidate[], outcome: Outcome): readonly Candidate[] =>
    data.checks
      .filter((each) => each.outcome === outcome)
      .map(({ check }) => answers.find((each) => each.check === check) ?? unshown(check, outcome, seq));
  const beside = (outcome: Outcome): readonly Candidate[] =>
    roundFindings(event).flatMap((each) => (each.outcome === outcome ? [ofRound(each)] : []));
  found.broken = [...found.broken.filter(isElse), ...among(found.broken, 'failed'), ...beside('failed')];
  // What the round was in doubt of ends it; what else kept us from measuring may not have mattered.
  found.doubts = [
    ...beside('inconclusive'),
    ...found.doubts.filter(isElse),
    ...among(found.doubts, 'inconclusive'),
  ];
}

const isElse = ({ check, round }: Candidate): boolean => check === undefined && round === undefined;

function ofRound({ kind, name, outcome, got, allowed, seq }: Finding): Candidate {
  const what = kind === 'state' || (kind === 'toggle' && allowed !== '') ? `${kind} ${name}` : name;
  const doubt = allowed !== '' && outcome === 'inconclusive' ? ', not decided' : '';
  return { what: what + doubt, got, allowed, seq, round: true };
}

const unshown = (check: string, outcome: Outcome, seq: number): Candidate => ({
  ...failureOf(`check ${check}`, { outcome, violations: [] }, seq),
  check,
});

interface Ended {
  readonly outcome: Outcome;
  readonly violations: readonly Violation[];
  readonly reason?: string | undefined;
}

function failureOf(name: string, { outcome, violations, reason }: Ended, seq: number): FirstFailure {
  const [first] = violations;
  return {
    what: first ? `${name}, ${first.path}` : `${name} ${outcome}`,
    got: first?.got ?? reason ?? 'no reason given',
    allowed: first?.allowed ?? '',
    seq,
  };
}
