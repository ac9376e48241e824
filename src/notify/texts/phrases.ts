import type { DigestStatus, IncidentChange } from '../../event/incident.ts';
import type { Cause, HeartbeatVerdict, Hit, MonitoringFacts, News } from '../facts.ts';

/** What messages say in one language: words and short phrases. Parts that came from outside are fit for one line. */
export interface Phrases {
  /** Twelve, separated by spaces. */
  readonly months: string;
  readonly minutes: (count: number) => string;
  readonly hours: (count: number) => string;
  readonly tags: Readonly<
    Record<News | 'stable' | 'flapping' | 'recovered' | 'closed' | 'monitoring' | 'heartbeat', string>
  >;
  readonly hit: (hit: Hit) => string;
  /** What came from outside in it cut to so many UTF-16 units. */
  readonly cause: (cause: Cause, units?: number) => string;
  /** Only the figure of a cause whose meaning has been said. */
  readonly figure: (cause: Extract<Cause, { kind: 'signal' }>, units?: number) => string;
  readonly also: string;
  readonly errors: string;
  readonly unknown: string;
  readonly unmeasured: string;
  /** Too few were measured. */
  readonly tooFew: (n: number) => string;
  readonly inForce: string;
  readonly fallbackOn: string;
  readonly fallbackOff: string;
  readonly noAction: string;
  readonly set: string;
  /** Before toggles that are out, and what else can be done after them. */
  readonly setBack: readonly [string, string];
  readonly target: (time: string) => string;
  readonly unaffected: string;
  /** Mitigated while a check still fails, or while not all that fired is known. */
  readonly spared: string;
  readonly stillOver: string;
  readonly stillFailing: string;
  /** Before what fired and is not known to be well. */
  readonly notKnown: string;
  readonly normalAgain: (after: string) => string;
  readonly normalSince: (from: string, to: string) => string;
  readonly beginningUndelivered: string;
  readonly held: (time: string) => string;
  readonly provider: (answers: boolean) => string;
  readonly restored: string;
  /** Before what is not in the project any more. */
  readonly gone: string;
  readonly checksPassed: (count: number) => string;
  readonly postmortemBy: (moment: string) => string;
  readonly onFallback: string;
  readonly since: (moment: string) => string;
  readonly owner: (name: string, review: string) => string;
  readonly silent: string;
  readonly stand: (stand: DigestStatus, good: number, of: number) => string;
  readonly changesSince: (count: number, moment: string) => string;
  readonly changes: Readonly<Record<IncidentChange['kind'], string>>;
  readonly closed: Readonly<Record<'load-ended' | 'drill-ended', string>>;
  readonly nextDigest: (time: string) => string;
  readonly cannotMeasure: string;
  readonly blind: string;
  readonly late: (trouble: Extract<MonitoringFacts['trouble'], { kind: 'late' }>) => string;
  readonly saysNothing: string;
  readonly verdicts: Readonly<Record<HeartbeatVerdict, string>>;
  readonly counts: (passed: number, failed: number, inconclusive: number) => string;
  readonly failed: string;
  readonly unclear: string;
  /** Short, and with why. */
  readonly unrecorded: readonly [string, string];
}
