import type { Journal, SiagaEvent } from '../event/envelope.ts';
import type { IncidentChange } from '../event/incident.ts';
import type { JudgeSpec } from '../event/specs.ts';
import type { Clock } from '../kernel/ports.ts';
import { createEngine, type Engine } from '../incident/engine.ts';
import { bucketStart } from '../signal/bucket.ts';

export interface LiveJudge {
  readonly engine: Engine;
  /** Stops ticking; what was decided stays decided. */
  stop(): Promise<void>;
}

export interface JudgeContext {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly judge: JudgeSpec;
  readonly engine?: Engine;
}

/**
 * Runs the incident engine beside a run: every event of the journal goes through it, what follows is appended, and
 * a `tick` closes buckets in which nothing else happens. Only this and `rejudge` write incident transitions.
 */
export function judgeLive({ journal, clock, judge, engine = createEngine() }: JudgeContext): LiveJudge {
  const stopped = new AbortController();
  const unsubscribe = journal.subscribe(
    inOrder((event) => engine.step(event).forEach((draft) => journal.append(draft))),
  );
  for (const event of journal.events()) engine.step(event);
  const ticking = tick({ journal, clock, judge }, stopped.signal);
  return {
    engine,
    async stop() {
      stopped.abort();
      await ticking;
      unsubscribe();
    },
  };
}

// An event that is appended while another is handled waits its turn, so the engine sees them in order of sequence.
function inOrder(handle: (event: SiagaEvent) => void): (event: SiagaEvent) => void {
  const waiting: SiagaEvent[] = [];
  let busy = false;
  return (event) => {
    waiting.push(event);
    if (busy) return;
    busy = true;
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) handle(next);
    } finally {
      busy = false;
    }
  };
}

async function tick(
  { journal, clock, judge }: Omit<JudgeContext, 'engine'>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(untilClose(clock.now(), judge), signal).catch(() => undefined);
    if (signal.aborted) return;
    journal.append({ type: 'tick', data: { bucket: bucketStart(clock.now(), judge.bucketMs) } });
  }
}

/** Milliseconds until the next bucket closes: its end, and then the time late results are given. */
function untilClose(now: number, { bucketMs, latenessMs }: JudgeSpec): number {
  const sinceClose = (((now - latenessMs) % bucketMs) + bucketMs) % bucketMs;
  return bucketMs - sinceClose + 1;
}

/** Calls `handle` for every incident change of one kind. Returns the unsubscribe. */
export function onChange<K extends IncidentChange['kind']>(
  journal: Journal,
  kinds: readonly K[],
  handle: (change: Extract<IncidentChange, { kind: K }>, event: SiagaEvent) => void,
): () => void {
  return journal.subscribe((event) => {
    if (event.type !== 'incident.transition') return;
    const { change } = event.data;
    if ((kinds as readonly string[]).includes(change.kind))
      handle(change as Extract<IncidentChange, { kind: K }>, event);
  });
}
