import type { EventOf, SiagaEvent } from '../event/envelope.ts';
import type { Violation } from '../kernel/outcome.ts';
import { overlaps, ownRestarts } from './impact.ts';
import { groupBy, ofType, within, type Span } from './pick.ts';

/** The same violation of the same check, however often. */
export interface CheckFailure {
  readonly check: string;
  readonly endpoint: string | undefined;
  readonly path: string;
  readonly rule: string;
  readonly got: string;
  readonly allowed: string;
  /** What the first of these answers said. */
  readonly excerpt: string | undefined;
  /** How often, without those that one of our own restarts explains. */
  readonly count: number;
  /** Of those, how many between an experiment's first fault and its end. */
  readonly drilled: number;
  /** Besides: while Siaga restarted the system to set toggles. */
  readonly restarts: number;
  readonly requestIds: readonly string[];
  readonly evidence: readonly number[];
}

type Failed = EventOf<'check.finished'>;
interface Case {
  readonly event: Failed;
  readonly violation: Violation;
}

/** Failed checks, the same violation counted once with the number of times. The one most often outside an experiment first. */
export function foldFailures(
  events: readonly SiagaEvent[],
  drills: readonly Span[],
): readonly CheckFailure[] {
  const restarts = ownRestarts(events);
  const failed = ofType(events, 'check.finished').filter(({ data }) => data.outcome === 'failed');
  const cases = failed.flatMap((event) =>
    violationsOf(event).map((violation): Case => ({ event, violation })),
  );
  const groups = groupBy(cases, ({ event, violation }) =>
    JSON.stringify([event.data.check, violation.path, violation.rule]),
  );
  return [...groups.values()]
    .map((group) => failureOf(group, drills, restarts))
    .toSorted(
      (a, b) => b.count - b.drilled - (a.count - a.drilled) || (a.evidence[0] ?? 0) - (b.evidence[0] ?? 0),
    );
}

function violationsOf({ data }: Failed): readonly Violation[] {
  if (data.violations.length > 0) return data.violations;
  return [{ path: 'response', rule: 'the check passes', got: data.reason ?? 'failed', allowed: 'passed' }];
}

const askedFrom = ({ at, data }: Failed): Span => ({ from: at - data.durationMs, to: at + 1 });

function failureOf(group: readonly Case[], drills: readonly Span[], restarts: readonly Span[]): CheckFailure {
  const own = group.filter(({ event }) => !restarts.some((restart) => overlaps(askedFrom(event), restart)));
  const [first] = group;
  const { path, rule, got, allowed } = first?.violation ?? { path: '', rule: '', got: '', allowed: '' };
  return {
    check: first?.event.data.check ?? '',
    endpoint: first?.event.data.endpoint,
    path,
    rule,
    got,
    allowed,
    excerpt: first?.event.data.excerpt,
    count: own.length,
    restarts: group.length - own.length,
    drilled: own.filter(({ event }) => within(event.at, drills)).length,
    requestIds: group.flatMap(({ event }) => event.data.requestId ?? []).slice(0, 3),
    evidence: group.map(({ event }) => event.seq),
  };
}
