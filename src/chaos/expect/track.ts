import type { ExpectationFacts, ExpectationSettled } from '../../event/catalogue.ts';
import type { SiagaEvent } from '../../event/envelope.ts';
import { formatMs, toMs } from '../../kernel/duration.ts';
import type { Expectation, Finding, ObservationContext, Observer } from '../definition.ts';

/** How an expectation ended, without its names. */
export type Settled = Omit<ExpectationSettled, 'experiment' | 'expectation'>;

/** What was observed before a deadline may be written this much later: a flush and a scrape. */
export const writeDelayMs = 1_500;

/** One expectation while its stage lasts. Once settled it stays so. */
export class Tracker {
  readonly facts: ExpectationFacts;
  readonly #expectation: Expectation;
  readonly #observer: Observer;
  /** UTC ms: beginning of the stage, from when on events count, and when it must be met. */
  readonly #began: number;
  readonly #since: number;
  readonly #deadline: number;
  #last: Finding = { state: 'pending', got: 'nothing was observed' };
  /** Whether data ever said that all is as it should be. */
  #seen = false;
  #settled: Settled | undefined;

  constructor(facts: ExpectationFacts, expectation: Expectation, context: ObservationContext) {
    const { settling, observation } = expectation;
    this.facts = facts;
    this.#expectation = expectation;
    this.#began = context.since;
    this.#since = context.since + (settling === undefined ? 0 : toMs(settling));
    this.#deadline = this.#since + (facts.deadlineMs ?? Number.POSITIVE_INFINITY);
    this.#observer = observation.begin({ ...context, since: this.#since });
  }

  get settled(): Settled | undefined {
    return this.#settled;
  }

  take(event: SiagaEvent): void {
    if (this.#settled || beganAt(event) < this.#since) return;
    const finding = this.#observer.step(event);
    if (!finding) return;
    this.#last = finding;
    this.#seen ||= finding.state !== 'pending' && finding.state !== this.#breaking;
    this.#judge(finding, observedAt(event));
  }

  /** Settles what is overdue at `now`, UTC ms. */
  expire(now: number): void {
    if (now > this.#deadline + writeDelayMs) this.close();
  }

  /** The stage is over: settles what is left. */
  close(): void {
    if (this.#settled) return;
    this.#last = this.#observer.finish?.() ?? this.#last;
    this.#settle(this.#conclusion(), this.#last);
  }

  get #breaking(): Finding['state'] {
    return this.#expectation.mode === 'never' ? 'met' : 'broken';
  }

  #judge(finding: Finding, at: number): void {
    if (this.#expectation.mode !== 'within') {
      if (finding.state === this.#breaking) this.#settle('broken', finding, at);
    } else if (finding.state === 'met') {
      if (at <= this.#deadline) this.#settle('met', finding, at);
      else this.#settle('broken', late(finding, at - this.#since), at);
    }
  }

  #conclusion(): Settled['outcome'] {
    const { state } = this.#last;
    if (this.#expectation.mode === 'within') return state === 'pending' ? 'unknown' : state;
    if (state === this.#breaking) return 'broken';
    return this.#seen || state !== 'pending' ? 'met' : 'unknown';
  }

  #settle(outcome: Settled['outcome'], finding: Finding, at?: number): void {
    const { path = undefined, evidence } =
      finding.state === 'pending' ? { evidence: [] } : { path: finding.path, evidence: finding.evidence };
    this.#settled = {
      outcome,
      got: finding.got,
      allowed: this.#expectation.observation.allowed,
      evidence,
      ...(path !== undefined && { path }),
      ...(at !== undefined && { afterMs: Math.max(0, Math.round(at - this.#began)) }),
    };
  }
}

const late = (finding: Finding, afterMs: number): Finding => ({
  ...finding,
  got: `${finding.got}, but only after ${formatMs(afterMs)}`,
});

/** When what an event tells was true: samples are written up to a flush after they were taken. */
export function observedAt(event: SiagaEvent): number {
  if (event.type === 'samples') return event.data.to;
  return event.type === 'incident.transition' ? event.data.effectiveAt : event.at;
}

/** When its observation began: an answer to a question from before a stage says nothing about that stage. */
function beganAt(event: SiagaEvent): number {
  return event.type === 'check.finished' ? event.at - event.data.durationMs : observedAt(event);
}
