import type { ExpectationFacts } from '../event/catalogue.ts';
import type { Journal, SiagaEvent } from '../event/envelope.ts';
import type { JudgeSpec } from '../event/specs.ts';
import type { Expectation } from './definition.ts';
import { beganAt, observedAt } from './expect/observed-at.ts';
import { Tracker } from './expect/track.ts';
import type { Settled } from './expect/track.ts';
import type { Sight } from './sight.ts';

export interface Result {
  readonly facts: ExpectationFacts;
  readonly settled: Settled;
}

export interface StageRequest {
  readonly experiment: string;
  readonly facts: readonly ExpectationFacts[];
  /** In the order of `facts`. */
  readonly expectations: readonly Expectation[];
  /** UTC ms. */
  readonly since: number;
  readonly judge: JudgeSpec;
  readonly journal: Journal;
  readonly sight: Sight;
  /** Events that are written and will be handed in later. */
  readonly pending: readonly SiagaEvent[];
}

/** The expectations of one stage while it lasts. What settles is written at once. */
export class Stage {
  readonly #experiment: string;
  readonly #journal: Journal;
  readonly #sight: Sight;
  readonly #trackers: readonly Tracker[];
  readonly #written = new Set<string>();
  readonly #abandoned: Result[] = [];
  #until = Number.POSITIVE_INFINITY;

  constructor({ experiment, journal, since, judge, facts, expectations, sight, pending }: StageRequest) {
    const before = journal.events().filter((event) => observedAt(event) < since);
    this.#experiment = experiment;
    this.#journal = journal;
    this.#sight = sight;
    this.#trackers = facts.flatMap((each, index) => {
      const expectation = expectations[index];
      return expectation ? [new Tracker(each, expectation, { since, before, judge })] : [];
    });
    // What was observed since the stage began may have been written before it was opened.
    for (const event of journal.events())
      if (observedAt(event) >= since && !pending.includes(event)) this.take(event);
  }

  /** What was measured while nobody could see says nothing. */
  take(event: SiagaEvent): void {
    if (observedAt(event) > this.#until || this.#isUnseen(event)) return;
    this.#each((tracker) => tracker.take(event));
  }

  #isUnseen(event: SiagaEvent): boolean {
    if (event.type === 'samples')
      return this.#sight.isUnseen(event.data.from, event.data.to, event.data.source);
    return event.type === 'check.finished' && this.#sight.isUnseen(beganAt(event), event.at);
  }

  /** Settles what is overdue. */
  expire(now: number): void {
    this.#each((tracker) => tracker.expire(now));
  }

  /** What is observed later than this no longer belongs to the stage; what was observed before may still be written. */
  end(at: number): void {
    this.#until = at;
  }

  /** Settles everything that is left, the stage having lasted until `now` where it was not ended before; UTC ms. */
  close(now: number): void {
    const until = Math.min(now, this.#until);
    this.#each((tracker) => tracker.close(until));
  }

  /** Not judged: the experiment ended before. */
  abandon(why: string): void {
    for (const { facts } of this.#trackers) {
      if (this.#written.has(facts.id)) continue;
      this.#written.add(facts.id);
      this.#abandoned.push({
        facts,
        settled: abandonExpectation(this.#journal, this.#experiment, facts, why),
      });
    }
  }

  /** Expectations that wait for something to happen. */
  get waiting(): readonly ExpectationFacts[] {
    return this.#trackers
      .filter(({ settled, facts }) => settled === undefined && facts.mode === 'within')
      .map(({ facts }) => facts);
  }

  get results(): readonly Result[] {
    const settled = this.#trackers.flatMap((tracker) =>
      tracker.settled ? [{ facts: tracker.facts, settled: tracker.settled }] : [],
    );
    return [...settled, ...this.#abandoned];
  }

  #each(act: (tracker: Tracker) => void): void {
    for (const tracker of this.#trackers) {
      act(tracker);
      const { facts, settled } = tracker;
      if (settled === undefined || this.#written.has(facts.id)) continue;
      this.#written.add(facts.id);
      const data = { experiment: this.#experiment, expectation: facts.id, ...settled };
      this.#journal.append({ type: 'expectation.settled', data });
    }
  }
}

/** Writes that an expectation was never judged. */
export function abandonExpectation(
  journal: Journal,
  experiment: string,
  { id }: ExpectationFacts,
  why: string,
): Settled {
  const settled = {
    outcome: 'unknown',
    got: `not judged: ${why}`,
    allowed: 'to be judged',
    evidence: [],
  } as const;
  journal.append({ type: 'expectation.settled', data: { experiment, expectation: id, ...settled } });
  return settled;
}
