import type { JudgeSpec, SignalSpec, StateSpec } from '../event/specs.ts';
import type { Duration } from '../kernel/duration.ts';
import { toMs } from '../kernel/to-ms.ts';
import { SiagaError } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import { parsePercent } from '../kernel/percent.ts';
import { parseCondition } from './condition.ts';
import type { Roles, Runbook, Signal, When } from './types.ts';

const minute = 60_000;
/** Late results are still taken this long after a bucket's end, and never longer than a bucket. */
const lateness = 5_000;

export interface JudgeOptions {
  /** Divides every window, never a threshold: 1…30. */
  readonly speed: number;
  /** Whether a load runs: `load` signals are judged from it, else from probes. */
  readonly loadRunning: boolean;
  /** Names of the contract checks that must pass at the end of a recovery. */
  readonly coreChecks: readonly string[];
}

/** Bounds of `--speed`: at 30 a one-minute bucket lasts two seconds, which is as short as one may be. */
export const speedBounds = { min: 1, max: 30 } as const;

/**
 * The runbook in plain numbers, as one run judges by it.
 * @throws {SiagaError} `bad-speed`, `bad-condition`, `bad-duration` (exit 2)
 */
export function compileJudge(runbook: Runbook, options: JudgeOptions): JudgeSpec {
  const { speed } = options;
  if (!(speed >= speedBounds.min && speed <= speedBounds.max)) throw badSpeed(speed);
  const scaled = (duration: Duration) => toMs(duration) / speed;
  const bucketMs = minute / speed;
  return {
    runbook: runbook.name,
    zone: runbook.zone,
    speed,
    bucketMs,
    latenessMs: Math.min(lateness, bucketMs),
    signals: Object.entries(runbook.signals).map(([name, signal]) => compileSignal(name, signal, options)),
    recovery: compileRecovery(runbook, options),
    hardDown: {
      times: runbook.hardDown.times,
      withinMs: toMs(runbook.hardDown.apart),
      severity: runbook.hardDown.severity,
    },
    reopenWithinMs: scaled(runbook.recovery.reopenWithin),
    flapping: {
      transitions: runbook.flapping.transitions,
      withinMs: scaled(runbook.flapping.within),
      maxHoldBuckets: buckets(runbook.flapping.maxHold),
      ...(runbook.flapping.digestEvery && { digestMs: scaled(runbook.flapping.digestEvery) }),
    },
    blindAfterMs: scaled(runbook.blindAfter),
    normalToggles: Object.fromEntries(
      Object.entries(runbook.toggles).map(([name, { normal }]) => [name, normal]),
    ),
    states: compileStates(runbook),
    loadErrors: shareOf(runbook.limits['loadErrors']),
    ...(runbook.roles && { roles: compileRoles(runbook.roles) }),
  };
}

function compileRoles({ down, ...rest }: Roles): NonNullable<JudgeSpec['roles']> {
  if (down === undefined) return rest;
  const compiled = down.map(({ signal, when }) => {
    const { unit, ...condition } = conditionOf(when, signal);
    return { signal, when: condition };
  });
  return { ...rest, down: compiled };
}

/** The states that the runbook names, those of its recovery first. */
function compileStates({ recovery, states = {} }: Runbook): readonly StateSpec[] {
  const named: NonNullable<Runbook['states']> = {
    [recovery.fallbackState]: { normal: false },
    [recovery.providerState]: { normal: true },
    ...states,
  };
  return Object.entries(named).map(([name, { normal, title = name, severity = 'SEV-3' }]) => ({
    name,
    title,
    normal,
    severity,
  }));
}

const defaultLoadErrors = 0.02;

function shareOf(limit: Runbook['limits'][string] | undefined): number {
  const share = typeof limit === 'string' ? parsePercent(limit) : limit;
  return share ?? defaultLoadErrors;
}

function compileSignal(name: string, signal: Signal, { loadRunning }: JudgeOptions): SignalSpec {
  const { unit, ...condition } = conditionOf(signal.trigger.when, name);
  const { source } = signal;
  const sampled = unit === 'ratio' || condition.statistic.startsWith('p');
  return {
    name,
    title: signal.title,
    ...(signal.says && { says: signal.says }),
    requirements: signal.requirements,
    unit,
    source: sourceOf(source, loadRunning),
    minSamples: signal.minSamples ?? (sampled ? 20 : 1),
    severity: signal.severity,
    group: signal.group ?? 'service',
    trigger: { ...condition, buckets: buckets(signal.trigger.for) },
    inhibits: signal.inhibits ?? [],
    ...(typeof source === 'object' && 'own' in source && { own: source.own }),
    ...(typeof source === 'object' &&
      'metric' in source && {
        metric: {
          name: source.metric,
          type: source.type,
          labels: source.labels ?? {},
          scale: source.unit ? 1_000 : 1,
        },
      }),
  };
}

function sourceOf(source: Signal['source'], loadRunning: boolean): SignalSpec['source'] {
  if (typeof source === 'object') return 'own' in source ? 'own' : 'server';
  return source === 'load' && loadRunning ? 'load' : 'probe';
}

function compileRecovery(
  { recovery, signals, contacts }: Runbook,
  { speed, coreChecks }: JudgeOptions,
): JudgeSpec['recovery'] {
  const owner = contacts.find(({ role }) => role === recovery.stable?.owner);
  return {
    holdBuckets: buckets(recovery.for),
    restoreBuckets: buckets(recovery.restoreAfter),
    criteria: Object.entries(signals).flatMap(([signal, { recovered }]) =>
      recovered === undefined ? [] : [{ signal, good: conditionOf(recovered, signal) }],
    ),
    wholeHold: {
      signal: recovery.wholeHold.signal,
      good: conditionOf(recovery.wholeHold.good, recovery.wholeHold.signal),
      minRequests: recovery.wholeHold.minRequests,
    },
    maxUnknownInRow: recovery.maxUnknownInRow,
    fallbackState: recovery.fallbackState,
    providerState: recovery.providerState,
    coreChecks,
    deadlineMs: toMs(recovery.deadline) / speed,
    ...(recovery.stable &&
      owner && {
        stable: {
          afterMs: toMs(recovery.stable.after) / speed,
          reviewAfterMs: toMs(recovery.stable.reviewAfter),
          owner: { role: owner.role, name: owner.name },
        },
      }),
  };
}

/** Buckets of one minute in a window; the same at any speed. */
function buckets(window: Duration): number {
  return Math.max(1, Math.round(toMs(window) / minute));
}

function conditionOf(when: When, signal: string): NonNullable<ReturnType<typeof parseCondition>> {
  const condition = parseCondition(when);
  if (condition !== undefined) return condition;
  throw new SiagaError('bad-condition', {
    what: 'this is not a condition',
    where: `runbook.ts, signals['${signal}']`,
    got: when,
    allowed: 'a statistic, a comparison and a quantity, such as p95 > 650ms or rate > 2%',
    exitCode: exit.usage,
  });
}

function badSpeed(speed: number): SiagaError {
  return new SiagaError('bad-speed', {
    what: 'this speed cannot be used',
    where: '--speed',
    got: String(speed),
    allowed: `${speedBounds.min} to ${speedBounds.max}`,
    hint: 'a bucket must last two seconds at least',
    exitCode: exit.usage,
  });
}
