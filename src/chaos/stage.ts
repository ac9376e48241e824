import type { ExpectationFacts } from '../event/catalogue.ts';
import type { Journal, SiagaEvent } from '../event/envelope.ts';
import type { JudgeSpec } from '../event/specs.ts';
import type { Expectation } from './definition.ts';
import { observedAt, track } from './expect/track.ts';
import type { Settled, Tracker } from './expect/track.ts';

/** The expectations of one stage while it lasts. What settles is written at once. */
export interface Stage {
  readonly since: number;
  take(event: SiagaEvent): void;
  /** Settles what is overdue. */
  expire(now: number): void;
  /** What is observed later than this no longer belongs to the stage; what was observed before may still be written. */
  end(at: number): void;
  /** Settles everything that is left. */
  close(): void;
  /** Not judged: the experiment ended before. */
  abandon(why: string): void;
  /** Expectations that wait for something to happen. */
  readonly waiting: readonly ExpectationFacts[];
  readonly results: readonly Result[];
}

export interface Result {
  readonly facts: ExpectationFacts;
  readonly settled: Settled;
}

export interface StageRequest {
  readonly experiment: string;
  readonly facts: readonly ExpectationFacts[];
  readonly expectations: readonly Expectation[];
  readonly since: number;
  readonly judge: JudgeSpec;
  readonly journal: Journal;
}

export function openStage(request: StageRequest): Stage {
  const { experiment, journal, since, judge } = request;
  const before = journal.events().filter((event) => observedAt(event) < since);
  const trackers = request.facts.flatMap((facts, index) => {
    const expectation = request.expectations[index];
    return expectation ? [track(facts, expectation, { since, before, judge })] : [];
  });
  const written = new Set<string>();
  const abandoned: Result[] = [];
  let until = Number.POSITIVE_INFINITY;
  const each = (act: (tracker: Tracker) => void) => {
    for (const tracker of trackers) act(tracker);
    for (const { facts, settled } of resultsOf(trackers)) {
      if (written.has(facts.id)) continue;
      written.add(facts.id);
      journal.append({
        type: 'expectation.settled',
        data: { experiment, expectation: facts.id, ...settled },
      });
    }
  };
  const stage: Stage = {
    since,
    take: (event) => void (observedAt(event) <= until && each((tracker) => tracker.take(event))),
    expire: (now) => each((tracker) => tracker.expire(now)),
    end: (at) => void (until = at),
    close: () => each((tracker) => tracker.close()),
    abandon(why) {
      for (const { facts } of trackers.filter(({ facts: { id } }) => !written.has(id))) {
        written.add(facts.id);
        abandoned.push({ facts, settled: abandonExpectation(journal, experiment, facts, why) });
      }
    },
    get waiting() {
      return trackers
        .filter(({ settled, facts: { mode } }) => !settled && mode === 'within')
        .map(({ facts }) => facts);
    },
    get results() {
      return [...resultsOf(trackers), ...abandoned];
    },
  };
  // What was observed since the stage began may have been written before it was opened.
  for (const event of journal.events()) if (observedAt(event) >= since) stage.take(event);
  return stage;
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

function resultsOf(trackers: readonly Tracker[]): readonly Result[] {
  return trackers.flatMap(({ facts, settled }) => (settled ? [{ facts, settled }] : []));
}
