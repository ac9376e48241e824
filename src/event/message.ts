/**
 * What messages are about: real incidents, those of drills, our own measuring when it cannot be trusted, and that a round
 * has been run at all.
 */
export type Subject = 'incidents' | 'drills' | 'monitoring' | 'heartbeat';

export interface MessageRequested {
  readonly message: string;
  readonly incident: string;
  readonly transition: number;
  /** The last change that it tells of too. Default: that transition. */
  readonly through?: number;
  readonly channel: string;
  readonly template:
    | 'DEGRADED'
    | 'UPDATE'
    | 'MITIGATED-STABLE'
    | 'DIGEST'
    | 'RECOVERED'
    | 'CLOSED'
    | 'COMBINED'
    | 'MONITORING'
    | 'HEARTBEAT';
  /** Under 300 characters. */
  readonly text: string;
  /** Where the run is shown; stands beside the text. */
  readonly link?: string;
  /** The signals, checks among them, that it names as over their limits. Absent in events of earlier versions. */
  readonly told?: readonly string[];
  /** Toggles that it names as in force, by name; absent where they were not known. */
  readonly inForce?: Readonly<Record<string, string>>;
}

export interface MessageFailed {
  readonly message: string;
  readonly channel: string;
  readonly attempt: number;
  readonly reason: string;
  readonly retryAtMs: number;
}

/** A message that will not be sent any more. */
export interface MessageDead {
  readonly message: string;
  readonly channel: string;
  readonly reason: string;
  /** A later message tells the same, the channel refused it, or it failed too often. Absent in events of earlier versions. */
  readonly because?: 'combined' | 'refused' | 'failed';
}
