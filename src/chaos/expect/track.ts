import type { ExpectationFacts, ExpectationSettled } from '../../event/catalogue.ts';
import type { SiagaEvent } from '../../event/envelope.ts';
import { formatMs, toMs } from '../../kernel/duration.ts';
import type { Expectation, Finding, ObservationContext } from '../definition.ts';

/** How an expectation ended, without its names. */
export type Settled = Omit<ExpectationSettled, 'experiment' | 'expectation'>;

/** One expectation while its stage lasts. Once settled it stays so. */
export interface Tracker {
  readonly facts: ExpectationFacts;
  readonly settled: Settled | undefined;
  take(event: SiagaEvent): void;
  /** Settles what is overdue at `now`, UTC ms. */
  expire(now: number): void;
  /** The stage is over: settles what is left. */
  close(): void;
}

/** What was observed before a deadline may be written this much later: a flush and a scrape. */
export const writeDelayMs = 1_500;

export function track(
  facts: ExpectationFacts,
  expectation: Expectation,
  context: ObservationContext,
): Tracker {
  const since = context.since + (expectation.settling === undefined ? 0 : toMs(expectation.settling));
  const deadline = facts.deadlineMs === undefined ? Number.POSITIVE_INFINITY : since + facts.deadlineMs;
  const observer = expectation.observation.begin({ ...context, since });
  const state: State = { last: { state: 'pending', got: 'nothing was observed' }, seen: false };
  const settle = (outcome: Settled['outcome'], finding: Finding, at?: number) => {
    state.settled = settlement(
      outcome,
      finding,
      expectation.observation.allowed,
      at === undefined ? undefined : at - context.since,
    );
  };
  const judgeNow = (finding: Finding, at: number) => {
    if (expectation.mode === 'within') {
      if (finding.state === 'met')
        settle(at <= deadline ? 'met' : 'broken', at <= deadline ? finding : late(finding, at - since), at);
    } else if (finding.state === breaking(expectation.mode)) settle('broken', finding, at);
  };
  const conclude = () => {
    state.last = observer.finish?.() ?? state.last;
    settle(conclusion(expectation.mode, state), state.last);
  };
  return {
    facts,
    get settled() {
      return state.settled;
    },
    take(event) {
      if (state.settled || beganAt(event) < since) return;
      const finding = observer.step(event);
      if (!finding) return;
      state.last = finding;
      state.seen ||= finding.state !== 'pending' && finding.state !== breaking(expectation.mode);
      judgeNow(finding, observedAt(event));
    },
    expire(now) {
      if (!state.settled && now > deadline + writeDelayMs) conclude();
    },
    close() {
      if (!state.settled) conclude();
    },
  };
}

const late = (finding: Finding, afterMs: number): Finding => ({
  ...finding,
  got: `${finding.got}, but only after ${formatMs(afterMs)}`,
});

interface State {
  last: Finding;
  /** Whether data ever said that all is as it should be. */
  seen: boolean;
  settled?: Settled;
}

const breaking = (mode: Expectation['mode']): Finding['state'] => (mode === 'never' ? 'met' : 'broken');

function conclusion(mode: Expectation['mode'], { last, seen }: State): Settled['outcome'] {
  if (mode === 'within') return last.state === 'pending' ? 'unknown' : last.state;
  if (last.state === breaking(mode)) return 'broken';
  return seen || last.state !== 'pending' ? 'met' : 'unknown';
}

function settlement(
  outcome: Settled['outcome'],
  finding: Finding,
  allowed: string,
  afterMs: number | undefined,
): Settled {
  const known = finding.state === 'pending' ? { evidence: [] } : finding;
  return {
    outcome,
    got: finding.got,
    allowed,
    evidence: known.evidence,
    ...('path' in known && known.path !== undefined && { path: known.path }),
    ...(afterMs !== undefined && { afterMs: Math.max(0, Math.round(afterMs)) }),
  };
}

/** When what an event tells was true: samples are written up to a flush after they were taken. */
export function observedAt(event: SiagaEvent): number {
  if (event.type === 'samples') return event.data.to;
  return event.type === 'incident.transition' ? event.data.effectiveAt : event.at;
}

/** When its observation began: an answer to a question from before a stage says nothing about that stage. */
function beganAt(event: SiagaEvent): number {
  return event.type === 'check.finished' ? event.at - event.data.durationMs : observedAt(event);
}
