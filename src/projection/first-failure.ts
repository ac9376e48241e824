import type { RunVerdict } from '../event/catalogue.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import { openedHere } from './opened.ts';

/** What failed first. */
export interface FirstFailure {
  readonly what: string;
  readonly got: string;
  /** Empty where `got` is a reason in words. */
  readonly allowed: string;
  readonly seq: number;
}

interface Found {
  readonly broken: FirstFailure[];
  readonly doubts: FirstFailure[];
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
  const { broken, doubts, stuck } = found;
  if (verdict === 'passed') return undefined;
  if (verdict === 'rollback-failed') return stuck[0] ?? broken[0] ?? doubts[0];
  if (verdict === 'inconclusive') return doubts[0] ?? broken[0];
  return openedFirst(events) ?? broken[0] ?? doubts[0];
}

/** An incident that the run opened or raised stands before what else it found. */
function openedFirst(events: readonly SiagaEvent[]): FirstFailure | undefined {
  const [opened] = openedHere(events);
  if (opened === undefined || !('by' in opened.data.change)) return undefined;
  const { incident, change } = opened.data;
  const { signal, got, allowed } = change.by;
  const verb = change.kind === 'signal-joined' ? 'raised' : change.kind;
  return { what: `${incident} (${change.severity}) ${verb}: ${signal}`, got, allowed, seq: opened.seq };
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
    case 'load.finished': {
      if (event.type === 'check.finished' && found.experimentOpen) break;
      const failure = judged(event);
      if (failure !== undefined)
        (event.data.outcome === 'failed' ? found.broken : found.doubts).push(failure);
      break;
    }
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

type Judged = Extract<SiagaEvent, { type: 'check.finished' | 'load.finished' }>;

function judged(event: Judged): FirstFailure | undefined {
  const { outcome, violations, reason } = event.data;
  if (outcome === 'passed') return undefined;
  const name = event.type === 'check.finished' ? `check ${event.data.check}` : `load ${event.data.load}`;
  const [first] = violations;
  return {
    what: first ? `${name}, ${first.path}` : `${name} ${outcome}`,
    got: first?.got ?? reason ?? 'no reason given',
    allowed: first?.allowed ?? '',
    seq: event.seq,
  };
}
