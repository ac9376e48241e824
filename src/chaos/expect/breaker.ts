import type { SiagaEvent } from '../../event/envelope.ts';
import type { BreakerRole, BreakerState, JudgeSpec } from '../../event/specs.ts';
import { breakerRole } from '../../runbook/roles.ts';
import type { ScrapedMetric } from '../../sampling/increase.ts';
import type { Finding, Observation, ObservationContext } from '../definition.ts';
import { PacedCoverage } from './coverage.ts';
import { observedAt } from './observed-at.ts';
import { Restarts } from './restarts.ts';

/** The signals under which breakers are scraped in drills: the counter of their transitions, and their gauge. */
const transitionSignal = 'breaker.transitions';
const stateSignal = 'breaker:state';

/** What a drill scrapes of the system's breakers: the counter where there is one, for it misses nothing. */
export function breakerMetrics(judge: Pick<JudgeSpec, 'roles'>): readonly ScrapedMetric[] {
  const { label = '', state, transitions } = breakerRole(judge) ?? {};
  const plain = { labels: {}, scale: 1 };
  if (transitions !== undefined) {
    const metric = { ...plain, name: transitions.metric, type: 'counter' } as const;
    return [{ signal: transitionSignal, metric, keep: [label, transitions.to], zeros: false }];
  }
  if (state === undefined) return [];
  const metric = { ...plain, name: state.metric, type: 'gauge' } as const;
  return [{ signal: stateSignal, metric, zeros: false, prompt: true }];
}

/** A change of state; `unseen` where it is only implied by those around it. */
interface Transition {
  readonly to: string;
  readonly at: number;
  readonly seq: number;
  readonly unseen?: true;
}

/** A circuit breaker of the system, as the system itself tells its state; never inferred from answers. */
export function breaker(name: string): {
  opens(): Observation;
  /**
   * Passes through these states in this order. Only transitions of the stage count; of several states the first may be
   * where it stood when the stage began, unless the system was restarted since. Where only a gauge tells the state, one
   * that is passed between two looks is unknown, not missing.
   */
  goes(...states: readonly [BreakerState, ...BreakerState[]]): Observation;
} {
  return {
    opens: () => passes(name, `the ${name} breaker opens`, ['open']),
    goes: (...states) => passes(name, `the ${name} breaker goes ${states.join(' → ')}`, states),
  };
}

function passes(name: string, text: string, states: readonly BreakerState[]): Observation {
  return {
    text,
    allowed: states.join(' → '),
    role: 'breaker',
    begin: (context) => observe(name, states, context),
  };
}

function observe(
  name: string,
  states: readonly BreakerState[],
  { before, since, judge }: ObservationContext,
) {
  const teller = tellerOf(name, breakerRole(judge));
  const restarts = new Restarts();
  let standing: Transition | undefined;
  const take = (event: SiagaEvent) => {
    if (restarts.take(event)) {
      standing = undefined;
      teller.restarted(observedAt(event));
    }
    return teller.take(event);
  };
  for (const event of before) take(event);
  standing = teller.standing;
  const coverage = new PacedCoverage(since, judge.bucketMs);
  const seen: Transition[] = [];
  return {
    step(event: SiagaEvent): Finding | undefined {
      const transitions = take(event);
      if (transitions === undefined) return undefined;
      seen.push(...transitions);
      coverage.add(observedAt(event), observedAt(event));
      return finding(name, states, standing && states.length > 1 ? [standing, ...seen] : seen);
    },
    coverage,
  };
}

/** Reads transitions of one breaker from events; `undefined` of an event that tells nothing of breakers. */
interface Teller {
  take(event: SiagaEvent): readonly Transition[] | undefined;
  /** Where it stands by what was reported last. */
  readonly standing: Transition | undefined;
  /** A new process was there at `at`, UTC ms: it begins with a closed breaker, and that is no transition. */
  restarted(at: number): void;
}

function tellerOf(name: string, role: BreakerRole | undefined): Teller {
  if (role?.transitions !== undefined) return new Counted(name, role.label, role.transitions.to);
  return role?.state === undefined ? silent : new Looked(name, role.label, role.state.values);
}

const silent: Teller = { take: () => undefined, standing: undefined, restarted: () => {} };

/** By a counter of transitions: each is reported, however short a state was. */
class Counted implements Teller {
  standing: Transition | undefined;
  readonly #name: string;
  readonly #label: string;
  readonly #to: string;

  constructor(name: string, label: string, to: string) {
    this.#name = name;
    this.#label = label;
    this.#to = to;
  }

  take(event: SiagaEvent): readonly Transition[] | undefined {
    // Any scraped sample shows that a transition would have been seen.
    if (event.type !== 'samples' || event.data.source !== 'server') return undefined;
    const { signal, labels, data, to } = event.data;
    const moved = data.kind === 'counter' && data.increase > 0;
    if (signal !== transitionSignal || labels[this.#label] !== this.#name || !moved) return [];
    this.standing = { to: plain(labels[this.#to] ?? ''), at: to, seq: event.seq };
    return [this.standing];
  }

  restarted(): void {
    this.standing = undefined;
  }
}

/** By a gauge, look for look: what was passed between two looks is not seen. */
class Looked implements Teller {
  standing: Transition | undefined;
  readonly #name: string;
  readonly #label: string;
  readonly #values: Readonly<Record<BreakerState, number>>;
  /** As each of its series stood at the last look. */
  readonly #last = new Map<string, BreakerState>();
  #restartedAt = Number.NEGATIVE_INFINITY;

  constructor(name: string, label: string, values: Readonly<Record<BreakerState, number>>) {
    this.#name = name;
    this.#label = label;
    this.#values = values;
  }

  take(event: SiagaEvent): readonly Transition[] | undefined {
    if (event.type !== 'samples' || event.data.signal !== stateSignal) return undefined;
    const { labels, data, from: begun, to: ended } = event.data;
    if (labels[this.#label] !== this.#name || data.kind !== 'values') return undefined;
    const series = JSON.stringify(labels);
    const gapMs = (ended - begun) / data.values.length;
    const shown = data.values.flatMap((value, index) => {
      const to = this.#stateOf(value);
      if (to === undefined) return [];
      const from = this.#last.get(series) ?? to;
      const look = { at: begun + (index + 1) * gapMs, seq: event.seq };
      this.#last.set(series, to);
      this.standing = { to, ...look };
      return changes(from, to, look, gapMs);
    });
    // Some of these looks may have been at the process before.
    return ended <= this.#restartedAt ? [] : shown;
  }

  restarted(at: number): void {
    this.#restartedAt = at;
    this.#last.clear();
    this.standing = undefined;
  }

  #stateOf(value: number): BreakerState | undefined {
    return breakerStates.find((state) => this.#values[state] === value);
  }
}

const breakerStates = ['closed', 'open', 'half-open'] as const;

// A breaker closes by way of half-open, and is half-open only after it was open.
const between: Readonly<Record<string, BreakerState>> = {
  'open closed': 'half-open',
  'closed half-open': 'open',
};

function changes(
  from: BreakerState,
  to: BreakerState,
  look: Pick<Transition, 'at' | 'seq'>,
  gapMs: number,
): readonly Transition[] {
  if (from === to) return [];
  const { [`${from} ${to}`]: skipped } = between;
  const passed =
    skipped === undefined ? [] : [{ ...look, to: skipped, at: look.at - gapMs / 2, unseen: true } as const];
  return [...passed, { to, ...look }];
}

function finding(name: string, states: readonly BreakerState[], seen: readonly Transition[]): Finding {
  const shown = seen.filter(({ unseen }) => !unseen);
  const got = shown.length === 0 ? 'no transition' : shown.map(({ to }) => to).join(' → ');
  if (follows(states, shown)) return { state: 'met', ...facts(name, got, shown) };
  if (!follows(states, seen)) return { state: 'broken', ...facts(name, got, shown) };
  return {
    state: 'pending',
    got: `${got}; a state between two looks at the gauge is not seen`,
    unseen: true,
  };
}

const facts = (name: string, got: string, shown: readonly Transition[]) => ({
  got,
  evidence: shown.map(({ seq }) => seq),
  path: `breaker.${name}`,
});

// One scrape may bring several transitions at once, in any order.
function follows(states: readonly string[], seen: readonly Transition[]): boolean {
  let at = Number.NEGATIVE_INFINITY;
  return states.every((state) => {
    const next = seen.find((transition) => transition.to === state && transition.at >= at);
    at = next?.at ?? at;
    return next !== undefined;
  });
}

const plain = (state: string): string => state.toLowerCase().replaceAll('_', '-');
