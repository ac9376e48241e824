import type { StopKind } from '../event/catalogue.ts';

/** Thrown to leave the method at once; everything that was done is undone on the way out. */
export class Stop extends Error {
  override readonly name = 'Stop';
  readonly kind: StopKind;

  constructor(kind: StopKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
