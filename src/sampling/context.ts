import type { SampleType } from '../check/feed.ts';
import type { HttpProbe, SocketProbe } from '../check/ports.ts';
import type { Journal } from '../event/envelope.ts';
import type { RolesSpec } from '../event/specs.ts';
import type { Clock, Random } from '../kernel/ports.ts';
import type { AnyCheck } from '../check/definition.ts';
import type { StandingAnswer } from '../event/round.ts';

/** A target as it is asked: every variable filled in. */
export interface AskedTarget {
  readonly name: string;
  /** Base URL of the API, http or https. */
  readonly url: string;
  readonly identity?: {
    readonly probe?: Readonly<Record<string, string>>;
    readonly load?: Readonly<Record<string, string>>;
  };
  /** PEM file. */
  readonly ca?: string;
  /** Base URL of a dependency, directly and through its proxy; `undefined` where none is known. */
  readonly resolveDirect?: (proxy: string) => string | undefined;
  readonly resolveThrough?: (proxy: string) => string | undefined;
}

/** All that sampling acts through. */
export interface SamplingContext {
  readonly journal: Pick<Journal, 'append'>;
  readonly clock: Clock;
  /** Holds back checks that have run often enough in the last hour. Absent: nobody counts. */
  readonly hourly?: HourlyLimit;
  readonly random: Random;
  readonly http: HttpProbe;
  readonly socket: SocketProbe;
  readonly target: AskedTarget;
  /** Length of a bucket, as in the run's JudgeSpec. */
  readonly bucketMs: number;
  /** Which signals requests feed, as in the run's JudgeSpec. */
  readonly roles?: RolesSpec;
  /** What the samples of each judged signal must be. Absent: numbers or booleans. */
  readonly sampleTypes?: Readonly<Record<string, SampleType>>;
  /** Ends rounds and samplers. */
  readonly signal: AbortSignal;
  /** Values that may never be written down. */
  readonly secrets: readonly string[];
}

/** Keeps a check within its `maxPerHour`, whoever else asks the same target. */
export interface HourlyLimit {
  /** Whether the check may run now. A yes counts as a run. */
  mayRun(check: AnyCheck): Promise<boolean>;
  /** What the check said when it was last asked within the hour, in any run. */
  lastAnswer(check: AnyCheck): StandingAnswer | undefined;
}
