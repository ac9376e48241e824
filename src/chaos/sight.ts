import type { SiagaEvent } from '../event/envelope.ts';
import type { SampleSource } from '../event/samples.ts';
import { formatMs } from '../kernel/duration.ts';
import { ownRestarts } from '../projection/impact.ts';

/** A time in which what was measured says nothing about the system. UTC ms. */
interface Unseen {
  readonly from: number;
  readonly to: number;
  readonly why: 'late' | 'silent' | 'load' | 'restart';
  /** How late, where we were. */
  readonly lateMs: number;
}

/** More than this share of a time in which we could not see, and nothing can be said of it. */
const tooMuch = 0.2;

/**
 * What kept an experiment from seeing: our own lateness, past the prober's budget, a Toxiproxy that did not answer, so
 * that nobody knows what it did meanwhile, a load that stood still, so that nobody used the system, and, for what it
 * alarms at, our own restarts of the system.
 */
export class Sight {
  readonly #unseen: Unseen[] = [];

  take(event: SiagaEvent): void {
    if (event.type === 'toxiproxy.silent') {
      const { sinceMs, untilMs } = event.data;
      this.#unseen.push({ from: sinceMs, to: untilMs, why: 'silent', lateMs: 0 });
    } else if (event.type === 'load.stood') {
      const { from, to } = event.data;
      this.#unseen.push({ from, to, why: 'load', lateMs: 0 });
    } else if (event.type === 'toggle.applied') {
      for (const restart of ownRestarts([event]))
        this.#unseen.push({ ...restart, why: 'restart', lateMs: 0 });
    } else if (event.type === 'check.finished' && event.data.late === true) {
      const { durationMs, latenessMs, loopLagMs } = event.data;
      const from = event.at - durationMs - latenessMs;
      this.#unseen.push({ from, to: event.at, why: 'late', lateMs: Math.max(latenessMs, loopLagMs) });
    }
  }

  /**
   * Whether any of this time could not be seen by a source. That a load stood still says nothing of what others measured, and
   * an expectation may be about a restart.
   */
  isUnseen(from: number, to: number, source?: SampleSource): boolean {
    return this.#unseen.some(
      ({ why, ...each }) =>
        each.from < to && each.to > from && why !== 'restart' && (why !== 'load' || source === 'load'),
    );
  }

  /** Why what fired over this time is no finding; `undefined` where it is one. */
  alarmDoubt(from: number, to: number): string | undefined {
    const restartMs = lengthOf(this.#within(from, to).filter(({ why }) => why === 'restart'));
    return restartMs > tooMuch * (to - from)
      ? `Siaga restarted the system to set toggles for ${formatMs(restartMs)} of ${formatMs(to - from)}`
      : this.doubt(from, to);
  }

  /** Why nothing can be said of this time as a whole; `undefined` where enough of it was seen. */
  doubt(from: number, to: number): string | undefined {
    const within = this.#within(from, to).filter(({ why }) => why !== 'restart');
    const lost = (why: Unseen['why']) => lengthOf(within.filter((each) => each.why === why));
    const [lateMs, silentMs, loadMs] = [lost('late'), lost('silent'), lost('load')];
    if (lengthOf(within) <= tooMuch * (to - from)) return undefined;
    const worstMs = Math.max(...within.map((each) => each.lateMs));
    if (loadMs > Math.max(lateMs, silentMs))
      return `the load stood still for ${formatMs(loadMs)} of ${formatMs(to - from)}: nobody used the system meanwhile`;
    return silentMs > lateMs
      ? `Toxiproxy did not answer for ${formatMs(silentMs)} of ${formatMs(to - from)}: nobody knows what it did meanwhile`
      : `this machine was too busy to measure for ${formatMs(lateMs)} of ${formatMs(to - from)}: probes were up to ${formatMs(worstMs)} late`;
  }

  #within(from: number, to: number): readonly Unseen[] {
    return this.#unseen
      .filter((each) => each.from < to && each.to > from)
      .map((each) => ({ ...each, from: Math.max(each.from, from), to: Math.min(each.to, to) }));
  }
}

/** Of all of them together, what overlaps counted once. */
function lengthOf(times: readonly Pick<Unseen, 'from' | 'to'>[]): number {
  let end = Number.NEGATIVE_INFINITY;
  let length = 0;
  for (const { from, to } of times.toSorted((a, b) => a.from - b.from)) {
    length += Math.max(0, to - Math.max(from, end));
    end = Math.max(end, to);
  }
  return length;
}
