import type { EventOf, SiagaEvent } from '../../event/envelope.ts';
import type { Finding, Observation, ObservationContext } from '../definition.ts';
import { PacedCoverage } from './coverage.ts';
import { observedAt } from './observed-at.ts';

/** The signal under which the system's own start time is scraped in drills, seconds since the epoch. */
export const processStart = 'process.start';

export type BreakerState = 'closed' | 'open' | 'half-open';

interface Transition {
  readonly to: string;
  readonly at: number;
  readonly seq: number;
}

/** A circuit breaker of the system, seen by the counter of its own transitions; never inferred from answers. */
export function breaker(name: string): {
  opens(): Observation;
  /**
   * Passes through these states in this order. Only transitions of the stage count; of several states the first may be
   * where it stood when the stage began, unless the system was restarted since.
   */
  goes(...states: readonly [BreakerState, ...BreakerState[]]): Observation;
} {
  return {
    opens: () => passes(name, `the ${name} breaker opens`, ['open']),
    goes: (...states) => passes(name, `the ${name} breaker goes ${states.join(' → ')}`, states),
  };
}

function passes(name: string, text: string, states: readonly BreakerState[]): Observation {
  return { text, allowed: states.join(' → '), begin: (context) => observe(name, states, context) };
}

function observe(
  name: string,
  states: readonly BreakerState[],
  { before, since, judge }: ObservationContext,
) {
  const restarts = new Restarts();
  let standing: Transition | undefined;
  for (const event of before) {
    if (restarts.take(event)) standing = undefined;
    standing = transitionOf(name, event) ?? standing;
  }
  const coverage = new PacedCoverage(since, judge.bucketMs);
  const seen: Transition[] = [];
  return {
    step(event: SiagaEvent): Finding | undefined {
      // A new process begins with a closed breaker, which no counter tells.
      if (restarts.take(event)) standing = undefined;
      const transition = transitionOf(name, event);
      if (transition) seen.push(transition);
      // Any scraped sample shows that a transition would have been seen.
      else if (event.type !== 'samples' || event.data.source !== 'server') return undefined;
      coverage.add(observedAt(event), observedAt(event));
      return finding(name, states, standing && states.length > 1 ? [standing, ...seen] : seen);
    },
    coverage,
  };
}

// Start times are told in whole seconds, and clocks of two machines are never quite alike.
const slackMs = 2_000;

/** Notices that a process took the place of the one before; several that answer in turns are no restarts. */
class Restarts {
  readonly #seen = new Set<number>();
  /** UTC ms. */
  #lookedAt = Infinity;

  take({ type, data }: SiagaEvent): boolean {
    if (type !== 'samples' || data.signal !== processStart || data.data.kind !== 'values') return false;
    const began = data.data.values.filter((each) => !this.#seen.has(each));
    const since = this.#lookedAt - slackMs;
    for (const each of began) this.#seen.add(each);
    this.#lookedAt = data.from;
    return began.some((each) => each * 1_000 > since);
  }
}

function finding(name: string, states: readonly BreakerState[], seen: readonly Transition[]): Finding {
  const got = seen.length === 0 ? 'no transition' : seen.map(({ to }) => to).join(' → ');
  const evidence = seen.map(({ seq }) => seq);
  return { state: follows(states, seen) ? 'met' : 'broken', got, evidence, path: `breaker.${name}` };
}

// One scrape may bring several transitions at once, in any order.
function follows(states: readonly string[], seen: readonly Transition[]): boolean {
  let at = Number.NEGATIVE_INFINITY;
  return states.every((state) => {
    const next = seen.find((transition) => transition.to === state && transition.at >= at);
    at = next?.at ?? at;
    return next !== undefined;
  });
}

function transitionOf(name: string, event: SiagaEvent): Transition | undefined {
  if (event.type !== 'samples' || !isTransition(name, event)) return undefined;
  return { to: plain(event.data.labels['to'] ?? ''), at: event.data.to, seq: event.seq };
}

function isTransition(name: string, { data }: EventOf<'samples'>): boolean {
  const counted = data.data.kind === 'counter' && data.data.increase > 0;
  return data.signal === 'breaker.transitions' && data.labels['name'] === name && counted;
}

const plain = (state: string): string => state.toLowerCase().replaceAll('_', '-');
