import type { ExpectationFacts, ExpectationSettled } from '../../event/catalogue.ts';
import type { SiagaEvent } from '../../event/envelope.ts';
import { formatMs } from '../../kernel/duration.ts';
import { toMs } from '../../kernel/to-ms.ts';
import { formatRatio } from '../../kernel/percent.ts';
import type { Expectation, JudgedFinding, ObservationContext, Observer } from '../definition.ts';
import { beganAt, observedAt } from './observed-at.ts';

/** How an expectation ended, without its names. */
export type Settled = Omit<ExpectationSettled, 'experiment' | 'expectation'>;

/** What was observed before a deadline may be written this much later: a flush and a scrape. */
export const writeDelayMs = 1_500;

/** Below this share of a stage, what was seen of it says nothing about all of it. */
const enough = 0.8;

/** One expectation while its stage lasts. Once settled it stays so. */
export class Tracker {
  readonly facts: ExpectationFacts;
  readonly #expectation: Expectation;
  readonly #observer: Observer;
  /** UTC ms: beginning of the stage, from when on events count, and when it must be met. */
  readonly #began: number;
  readonly #since: number;
  readonly #deadline: number;
  #last: JudgedFinding = { state: 'pending', got: 'nothing was observed' };
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
    if (!finding || finding.state === 'idle') return;
    this.#last = finding;
    this.#seen ||= finding.state !== 'pending' && finding.state !== this.#breaking;
    this.#judge(finding, observedAt(event));
  }

  /** Settles what is overdue at `now`, UTC ms. */
  expire(now: number): void {
    if (now > this.#deadline + writeDelayMs) this.close(now);
  }

  /** The stage is over since `until`, UTC ms: settles what is left. */
  close(until: number): void {
    if (this.#settled) return;
    this.#last = this.#observer.finish?.() ?? this.#last;
    const outcome = this.#conclusion();
    const end = Math.min(until, this.#deadline);
    const unknown = outcome !== 'unknown' && !this.#certain(outcome, end);
    this.#settle(unknown ? 'unknown' : outcome, this.#withShare(this.#last, end));
  }

  get #breaking(): JudgedFinding['state'] {
    return this.#expectation.mode === 'never' ? 'met' : 'broken';
  }

  #judge(finding: JudgedFinding, at: number): void {
    if (this.#expectation.mode !== 'within') {
      if (finding.state === this.#breaking) this.#settle('broken', finding, at);
    } else if (finding.state === 'met') {
      if (at <= this.#deadline) this.#settle('met', finding, at);
      else this.#settleLate(finding, at);
    }
  }

  /** Too late, unless nobody looked when it was due. */
  #settleLate(finding: JudgedFinding, at: number): void {
    const knew = this.#observer.coverage?.knew(this.#deadline) ?? true;
    this.#settle(knew ? 'broken' : 'unknown', late(finding, at - this.#since, knew), at);
  }

  #conclusion(): Settled['outcome'] {
    const { state } = this.#last;
    if (state === 'pending' && this.#last.unseen) return 'unknown';
    if (state === this.#breaking) return 'broken';
    return this.#seen || state !== 'pending' ? 'met' : 'unknown';
  }

  /** What was seen stays seen. That something never happened, or always was, takes most of the time to be known. */
  #certain(outcome: 'met' | 'broken', end: number): boolean {
    const { mode } = this.#expectation;
    const seen = mode === 'within' ? outcome === 'met' : outcome === 'broken';
    const { coverage } = this.#observer;
    const share = coverage?.share(end);
    if (seen || !coverage || !share) return true;
    return share.knownMs >= enough * share.ofMs && (mode !== 'within' || coverage.knew(end));
  }

  #withShare(finding: JudgedFinding, end: number): JudgedFinding {
    const share = this.#observer.coverage?.share(end);
    if (!share || this.#expectation.mode === 'within' || finding.state === this.#breaking) return finding;
    const { knownMs, ofMs } = share;
    const known = `known for ${formatMs(knownMs)} of ${formatMs(ofMs)} (${formatRatio(knownMs / ofMs)})`;
    return { ...finding, got: `${finding.got}; ${known}` };
  }

  #settle(outcome: Settled['outcome'], finding: JudgedFinding, at?: number): void {
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

function late(finding: JudgedFinding, afterMs: number, knew: boolean): JudgedFinding {
  const unseen = knew ? '' : '; nothing was observed when it was due';
  return { ...finding, got: `${finding.got}, but only after ${formatMs(afterMs)}${unseen}` };
}
