import type { SiagaEvent } from '../event/envelope.ts';
import type { Firing } from '../event/incident.ts';
import type { RoundMeasured } from '../event/round.ts';
import type { JudgeSpec } from '../event/specs.ts';
import { outNow, type Out } from '../incident/out.ts';
import type { Incident } from '../incident/state.ts';
import { violationWords } from '../kernel/outcome.ts';
import { formatLimit, formatValue } from '../runbook/condition.ts';
import { holds } from '../runbook/holds.ts';
import { judgeChecks } from './judge-checks.ts';

/** What a round found: what it measured, and what of it is outside its limits. */
export interface Sight {
  readonly measured: RoundMeasured;
  readonly out: readonly Out[];
}

/** @param events of the newest pass */
export function sightOf(
  judge: JudgeSpec,
  events: readonly SiagaEvent[],
  measured: Omit<RoundMeasured, 'checks'>,
): Sight {
  const out = outNow(judge, events);
  return {
    measured: { checks: judgeChecks(events), ...measured },
    out: [...out, ...grown(judge, measured).filter(({ firing }) => !out.some(sameSignal(firing)))],
  };
}

const sameSignal =
  ({ signal }: Firing) =>
  ({ firing }: Out): boolean =>
    firing.signal === signal;

/** What the target counted since the round before, where that is outside the limit of a bucket. */
function grown(judge: JudgeSpec, { signals, metrics }: Omit<RoundMeasured, 'checks'>): readonly Out[] {
  return judge.signals.flatMap(({ name, trigger, unit, title, severity }): Out[] => {
    const increase = signals.find(({ signal }) => signal === name)?.increase;
    if (increase === undefined || increase.value === null || !holds(trigger, increase.value)) return [];
    const { n, value, since } = increase;
    const got = `${trigger.statistic} ${formatValue(value, unit)} (n=${n}) since the round before`;
    const allowed = formatLimit(trigger, unit);
    const firing = { signal: name, got, allowed, value, n, since: metrics?.at ?? since, evidence: [] };
    return [{ firing, title, severity, undecided: 'increase' }];
  });
}

/**
 * Whether it tells nothing new of an open incident: one of its own signals, one that they explain, or a state or a
 * toggle, for which its recovery asks anyway.
 */
export function isKnown(
  judge: JudgeSpec,
  { subject, signal }: Pick<Firing, 'signal' | 'subject'>,
  { signals }: Pick<Incident, 'signals'>,
): boolean {
  if (subject?.kind === 'state' || subject?.kind === 'toggle' || signals.includes(signal)) return true;
  return judge.signals.some(({ name, inhibits }) => signals.includes(name) && inhibits.includes(signal));
}

/** `sol-complete: body.orderBook: expected an object, got missing`; `redis.up max 0 (n=2), allowed at least 1`. */
export function firingWords({
  signal,
  subject,
  path,
  rule,
  got,
  allowed,
}: Omit<Firing, 'since' | 'evidence'>): string {
  if (subject?.kind === 'check' && path !== undefined)
    return `${subject.name}: ${violationWords({ path, rule: rule ?? '', got, allowed })}`;
  if (subject !== undefined) return `${subject.kind} ${subject.name}: expected ${allowed}, got ${got}`;
  return `${signal} ${got}, allowed ${allowed}`;
}
