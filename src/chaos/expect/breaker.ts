import type { EventOf, SiagaEvent } from '../../event/envelope.ts';
import type { Finding, Observation, ObservationContext } from '../definition.ts';

export type BreakerState = 'closed' | 'open' | 'half-open';

interface Transition {
  readonly to: string;
  readonly at: number;
  readonly seq: number;
}

/** A circuit breaker of the system, seen by the counter of its own transitions; never inferred from answers. */
export function breaker(name: string): {
  opens(): Observation;
  /** Passes through these states in this order; where it stood when the stage began counts as the first. */
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

function observe(name: string, states: readonly BreakerState[], { before }: ObservationContext) {
  const seen: Transition[] = before.flatMap((event) => transitionOf(name, event) ?? []).slice(-1);
  return {
    step(event: SiagaEvent): Finding | undefined {
      const transition = transitionOf(name, event);
      if (transition) seen.push(transition);
      // Any scraped sample shows that a transition would have been seen.
      else if (event.type !== 'samples' || event.data.source !== 'server') return undefined;
      return finding(name, states, seen);
    },
  };
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
