/** What a built game day is like; everything is well by default. */
export interface Shape {
  /** Default 30. */
  readonly speed?: number;
  /** An expectation of the first experiment breaks, with this as what was got. */
  readonly broken?: string;
  /** Channels that never take a message. */
  readonly undelivered?: readonly string[];
  /** Ends after the first fault went in, without a word. */
  readonly killed?: boolean;
  /** Default true: each experiment has its own incident. Else the second one reopens the first's. */
  readonly drill?: boolean;
  /** The fallback of the second experiment lasts until it is MITIGATED-STABLE, and the run ends there. */
  readonly stable?: boolean;
  /** The first experiment only. Default false. */
  readonly short?: boolean;
}
