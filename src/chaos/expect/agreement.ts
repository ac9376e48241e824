import type { AnyCheck } from '../../check/definition.ts';
import type { EventOf, SiagaEvent } from '../../event/envelope.ts';
import { toMs } from '../../kernel/to-ms.ts';
import type { Duration } from '../../kernel/duration.ts';
import { formatRatio, parsePercent, type Percent } from '../../kernel/percent.ts';
import type { Finding, Observation, ObservationContext } from '../definition.ts';
import type { JudgeSpec } from '../../event/specs.ts';
import type { StatesOf } from './answers.ts';
import { PacedCoverage } from './coverage.ts';
import { beganAt } from './observed-at.ts';
import { dueMs } from './pace.ts';

/** A number that a check reports as a state. */
export interface ReportedNumber {
  readonly check: string;
  readonly state: string;
  /**
   * As another check reports it within the same seconds: how a label is held against the numbers under it.
   * @param tolerance relative to the other's number.
   * @param options apart: how far the two may lie apart in time, default 2 s. when: only answers that report this too.
   */
  near(
    other: ReportedNumber,
    tolerance: Percent,
    options?: {
      readonly apart?: Duration;
      readonly when?: Readonly<Record<string, boolean | string | number>>;
    },
  ): Observation;
}

/** `value(solComplete, 'price').near(value(okxDirect, 'price'), '0.4%', { when: { source: 'okx' } })`. */
export function value<C extends AnyCheck>(check: C, state: keyof StatesOf<C> & string): ReportedNumber {
  return {
    check: check.name,
    state,
    near(other, tolerance, { apart = '2s', when = {} } = {}) {
      const tolerated = parsePercent(tolerance) ?? 0;
      const everyMs = (judge: JudgeSpec) => dueMs(check, judge);
      const rule = { own: this, other, tolerance: tolerated, apartMs: toMs(apart), when, everyMs };
      return {
        text: `${check.name}'s ${state} is ${other.check}'s ${other.state}`,
        allowed: `within ${tolerance} of ${other.check}'s ${other.state} of the same ${apart}`,
        begin: (context) => observe(rule, context),
      };
    },
  };
}

interface Rule {
  readonly own: ReportedNumber;
  readonly other: ReportedNumber;
  readonly tolerance: number;
  readonly apartMs: number;
  readonly when: Readonly<Record<string, boolean | string | number>>;
  /** Time between two answers as they are written. */
  readonly everyMs: (judge: JudgeSpec) => number;
}

interface Reading {
  readonly at: number;
  readonly seq: number;
  readonly value: number;
}

function observe(rule: Rule, { before, since, judge }: ObservationContext) {
  const coverage = new PacedCoverage(since, rule.everyMs(judge));
  let reference = before.reduce<Reading | undefined>(
    (last, event) => readingOf(rule.other, event) ?? last,
    undefined,
  );
  return {
    step(event: SiagaEvent): Finding | undefined {
      if (event.type !== 'check.finished') return undefined;
      reference = readingOf(rule.other, event) ?? reference;
      if (event.data.check !== rule.own.check || event.data.outcome === 'inconclusive') return undefined;
      const got = applies(rule, event) ? readingOf(rule.own, event) : undefined;
      if (got && (!reference || got.at - reference.at > rule.apartMs)) {
        return { state: 'pending', got: `${rule.other.check} reported nothing in the same seconds` };
      }
      coverage.add(beganAt(event), event.at);
      return got && reference ? compare(rule, got, reference) : { state: 'idle' };
    },
    coverage,
  };
}

function compare({ own, other, tolerance }: Rule, got: Reading, reference: Reading): Finding {
  const off = Math.abs(got.value - reference.value) / Math.abs(reference.value || 1);
  return {
    state: off <= tolerance ? 'met' : 'broken',
    got: `${got.value}, ${formatRatio(off)} off ${other.check}'s ${reference.value}`,
    path: `states.${own.state}`,
    evidence: [got.seq, reference.seq],
  };
}

const applies = ({ when }: Rule, { data }: EventOf<'check.finished'>): boolean =>
  Object.entries(when).every(([key, wanted]) => data.states[key] === wanted);

function readingOf({ check, state }: ReportedNumber, event: SiagaEvent): Reading | undefined {
  if (event.type !== 'check.finished' || event.data.check !== check) return undefined;
  const found = event.data.states[state];
  return typeof found === 'number' ? { at: event.at, seq: event.seq, value: found } : undefined;
}
