import type { Firing, IncidentChange, Symptoms } from '../event/incident.ts';
import type { SignalSpec } from '../event/specs.ts';
import { goneWords } from '../incident/gone.ts';
import type { ClosedBecause, IncidentPhase } from '../projection/model.ts';
import { formatMs } from '../kernel/duration.ts';
import { plural } from '../kernel/plural.ts';
import { formatRatio } from '../kernel/percent.ts';
import { formatLimit, formatValue } from '../runbook/condition.ts';
import { downWords } from '../runbook/roles.ts';
import type { Tone } from './document/types.ts';
import { utcDateTime } from './when.ts';

/** "db.latency p99 1 s (n=34), limit 500 ms": what fired, and the limit where it is a signal of the runbook's. */
export function firingWords(
  { signal, subject, got, allowed }: Firing,
  signals: readonly SignalSpec[] = [],
): string {
  if (subject?.kind === 'hard-down')
    return `hard down: ${(subject.reason && downWords[subject.reason]) ?? subject.name}, ${got}`;
  if (subject !== undefined) return `${subject.kind} ${subject.name} ${got}, allowed ${allowed}`;
  const spec = signals.find(({ name }) => name === signal);
  return `${signal} ${got}, ${spec ? limitWords(spec) : `allowed ${allowed}`}`;
}

const limitWords = ({ trigger, unit }: SignalSpec): string =>
  trigger.comparison === '>'
    ? `limit ${formatValue(trigger.value, unit)}`
    : `allowed ${formatLimit(trigger, unit)}`;

/** What a change of an incident says, in a sentence without its subject. */
export function changeWords(change: IncidentChange, signals: readonly SignalSpec[] = []): string {
  switch (change.kind) {
    case 'declared':
      return `DEGRADED declared, ${change.severity}: ${firingWords(change.by, signals)}`;
    case 'reopened':
      return `reopened, ${change.severity}: ${firingWords(change.by, signals)}`;
    case 'signal-joined':
      return `joined, ${change.severity}: ${firingWords(change.by, signals)}`;
    case 'mitigated':
      return change.still === undefined
        ? `MITIGATED: ${change.because}`
        : `MITIGATED: users unaffected; ${change.still} is still over its limit`;
    case 'worsened':
      return `worse again: ${change.because}${change.page ? '; paged again' : ''}`;
    case 'mitigated-stable':
      return `MITIGATED-STABLE: ${change.because}; owner ${change.owner.name} (${change.owner.role}), review by ${utcDateTime(change.reviewAt)} UTC, nobody is paged meanwhile`;
    case 'restore-proposed':
      return `restore proposed after ${plural(change.goodBuckets, 'good bucket')} of the provider asked directly`;
    case 'restored':
      return Object.keys(change.toggles).length === 0
        ? 'restored: the recovery clock starts'
        : 'restored: toggles read back normal; the recovery clock starts';
    case 'hold-reset':
      return `recovery clock reset, ${plural(change.lostBuckets, 'good bucket')} lost: ${change.because}`;
    case 'verifying':
      return 'the hold is complete; the contract checks decide';
    case 'verify-failed':
      return `contract checks failed: ${change.failed.join(', ')}`;
    case 'recovered':
      return [
        `RECOVERED: ${change.criteria.filter(({ met }) => met).length} of ${change.criteria.length} criteria met`,
        ...(change.gone ? [goneWords(change.gone)] : []),
      ].join('; ');
    case 'flapping':
      return `flapping: the hold is now ${plural(change.holdBuckets, 'bucket')}`;
    case 'digest':
      return `digest: ${change.stand}, ${change.good} of ${change.holdBuckets} good buckets`;
    case 'settled':
      return 'settled';
    case 'taken-over':
      return `taken over from run ${change.from} (gap ${formatMs(change.gapMs)})`;
    case 'closed':
      return `closed: ${closedWords(change.because)}`;
  }
}

const closings: Readonly<Record<ClosedBecause, string>> = {
  'load-ended': 'it rested on generated load, and the load ended',
  'drill-ended': 'it belonged to a drill, and the drill ended',
};

/** Why an incident is over that never was RECOVERED. */
export const closedWords = (because: ClosedBecause): string => closings[because];

const tones: Readonly<Record<IncidentChange['kind'], Tone>> = {
  declared: 'bad',
  reopened: 'bad',
  'signal-joined': 'bad',
  mitigated: 'warn',
  worsened: 'bad',
  'mitigated-stable': 'warn',
  'restore-proposed': 'warn',
  restored: 'warn',
  'hold-reset': 'warn',
  verifying: 'warn',
  'verify-failed': 'bad',
  recovered: 'good',
  flapping: 'warn',
  digest: 'warn',
  settled: 'good',
  'taken-over': 'plain',
  closed: 'plain',
};

export function changeTone({ kind }: IncidentChange): Tone {
  return tones[kind];
}

/** The aggregate that messages quote at `at`, with the time of it that the run had looked at. */
export function symptomWords(
  { windowMs, p95, errorRatio, n, requestId }: Symptoms,
  at: number,
  { startedAt }: { readonly startedAt: number },
): string {
  const looked = Math.max(1_000, Math.round((at - startedAt) / 1_000) * 1_000);
  const overMs = at >= startedAt ? Math.min(windowMs, looked) : windowMs;
  const latency = p95 === null ? 'p95 unknown' : `p95 ${formatMs(p95)}`;
  const errors = errorRatio === null ? 'errors unknown' : `errors ${formatRatio(errorRatio)}`;
  const example = requestId === undefined ? '' : `, X-Request-Id ${requestId}`;
  return `${latency}, ${errors} over ${formatMs(overMs)} (n=${n})${example}`;
}

/** Where an incident stands, as messages and terminals name it. */
export const phaseNames: Readonly<Record<IncidentPhase, string>> = {
  degraded: 'DEGRADED',
  mitigated: 'MITIGATED',
  'mitigated-stable': 'MITIGATED-STABLE',
  recovering: 'RECOVERING',
  verifying: 'VERIFY',
  recovered: 'RECOVERED',
  closed: 'CLOSED',
};
