/** Why an experiment ended before its time. */
export type StopKind =
  | 'interrupted'
  | 'steady-state'
  | 'undeclared'
  | 'other-target'
  | 'load-ended'
  | 'load-silent'
  | 'guard-lost'
  | 'lease-lost'
  | 'unproven'
  | 'tampered'
  | 'toxiproxy-lost'
  | 'blind'
  | 'could-not-run';

/** Thrown to leave the method at once; everything that was done is undone on the way out. */
export class Stop extends Error {
  override readonly name = 'Stop';
  readonly kind: StopKind;

  constructor(kind: StopKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
