import type { IncidentChange, Symptoms } from '../event/incident.ts';
import { formatMs } from '../kernel/duration.ts';
import { formatRatio } from '../kernel/percent.ts';
import type { Tone } from './document/types.ts';
import { utcDateTime } from './when.ts';

/** What a change of an incident says, in a sentence without its subject. */
export function changeWords(change: IncidentChange): string {
  switch (change.kind) {
    case 'declared':
      return `DEGRADED declared, ${change.severity}: ${change.by.signal} ${change.by.got}, allowed ${change.by.allowed}`;
    case 'reopened':
      return `reopened, ${change.severity}: ${change.by.signal} ${change.by.got}, allowed ${change.by.allowed}`;
    case 'signal-joined':
      return `${change.by.signal} joined, ${change.severity}: ${change.by.got}, allowed ${change.by.allowed}`;
    case 'mitigated':
      return `MITIGATED: ${change.because}`;
    case 'worsened':
      return `worse again: ${change.because}${change.page ? '; paged again' : ''}`;
    case 'mitigated-stable':
      return `MITIGATED-STABLE: ${change.because}; owner ${change.owner.name} (${change.owner.role}), review by ${utcDateTime(change.reviewAt)} UTC, nobody is paged meanwhile`;
    case 'restore-proposed':
      return `restore proposed after ${change.goodBuckets} good buckets of the provider asked directly`;
    case 'restored':
      return 'restored: fallback off, toggles read back normal; the recovery clock starts';
    case 'hold-reset':
      return `recovery clock reset, ${change.lostBuckets} good buckets lost: ${change.because}`;
    case 'verifying':
      return 'the hold is complete; the contract checks decide';
    case 'verify-failed':
      return `contract checks failed: ${change.failed.join(', ')}`;
    case 'recovered':
      return `RECOVERED: ${change.criteria.filter(({ met }) => met).length} of ${change.criteria.length} criteria met`;
    case 'flapping':
      return `flapping: the hold is now ${change.holdBuckets} buckets`;
    case 'digest':
      return `digest: ${change.stand}, ${change.good} of ${change.holdBuckets} good buckets`;
    case 'settled':
      return 'settled';
    case 'taken-over':
      return `taken over from run ${change.from} (gap ${formatMs(change.gapMs)})`;
    case 'closed':
      return change.because === 'load-ended'
        ? 'closed: it rested on generated load, and the load ended'
        : 'closed with the drill that it belonged to';
  }
}

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

/** The aggregate that messages quote. */
export function symptomWords({ windowMs, p95, errorRatio, n, requestId }: Symptoms): string {
  const latency = p95 === null ? 'p95 unknown' : `p95 ${formatMs(p95)}`;
  const errors = errorRatio === null ? 'errors unknown' : `errors ${formatRatio(errorRatio)}`;
  const example = requestId === undefined ? '' : `, X-Request-Id ${requestId}`;
  return `${latency}, ${errors} over ${formatMs(windowMs)} (n=${n})${example}`;
}
