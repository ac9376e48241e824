/**
 * What messages are about: real incidents, those of drills, our own measuring when it cannot be trusted, and that a round
 * has been run at all.
 */
export type Subject = 'incidents' | 'drills' | 'monitoring' | 'heartbeat';

export interface MessageRequested {
  readonly message: string;
  readonly incident: string;
  readonly transition: number;
  readonly channel: string;
  readonly template:
    | 'DEGRADED'
    | 'MITIGATED-STABLE'
    | 'DIGEST'
    | 'RECOVERED'
    | 'COMBINED'
    | 'MONITORING'
    | 'HEARTBEAT';
  readonly text: string;
}

export interface MessageFailed {
  readonly message: string;
  readonly channel: string;
  readonly attempt: number;
  readonly reason: string;
  readonly retryAtMs: number;
}
