/** What messages are about: real incidents, those of drills, and our own measuring when it cannot be trusted. */
export type Subject = 'incidents' | 'drills' | 'monitoring';

export interface MessageRequested {
  readonly message: string;
  readonly incident: string;
  readonly transition: number;
  readonly channel: string;
  readonly template: 'DEGRADED' | 'MITIGATED-STABLE' | 'DIGEST' | 'RECOVERED' | 'COMBINED' | 'HEARTBEAT';
  readonly text: string;
}

export interface MessageFailed {
  readonly message: string;
  readonly channel: string;
  readonly attempt: number;
  readonly reason: string;
  readonly retryAtMs: number;
}
