/** A moment by the clocks of a process. */
export interface Moment {
  /** UTC ms. */
  readonly at: number;
  /** Monotonic ms. */
  readonly mono: number;
  /** Names the process; what stands before a dot names the boot of its machine. */
  readonly boot: string;
}

/** Whether their monotonic times compare: they are of one process, or of two processes of one boot of a machine. */
export function sameClock(a: Pick<Moment, 'boot'>, b: Pick<Moment, 'boot'>): boolean {
  return clockOf(a.boot) === clockOf(b.boot);
}

/** Milliseconds from one moment to another: by the monotonic clock where they share one, else by UTC. */
export function elapsedMs(from: Moment, to: Moment): number {
  return sameClock(from, to) ? to.mono - from.mono : to.at - from.at;
}

function clockOf(boot: string): string {
  return boot.split('.', 1)[0] ?? boot;
}
