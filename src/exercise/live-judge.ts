import type { EventType } from '../event/catalogue.ts';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import type { JudgeSpec } from '../event/specs.ts';
import type { Decide, RunJournal } from '../event/store.ts';
import type { Clock } from '../kernel/ports.ts';
import { createEngine, type Engine } from '../incident/engine.ts';
import { standingFrom } from '../incident/snapshot.ts';
import { bucketStart } from '../signal/bucket.ts';
import { historyBefore, isLeft, resumption, sharedTypes, type SharedIncidents } from './resume.ts';

export interface LiveJudge {
  readonly engine: Engine;
  /** Aborted where the engine threw, with what it threw: a bug of ours. Nothing is judged from then on. */
  readonly broken: AbortSignal;
  /** Stops ticking; what was decided stays decided. */
  stop(): Promise<void>;
}

export interface JudgeContext {
  readonly journal: RunJournal;
  readonly clock: Clock;
  readonly judge: JudgeSpec;
  readonly engine?: Engine;
  /** What other runs of the target write beside this one. Absent: nobody else does. */
  readonly others?: Pick<SharedIncidents, 'store' | 'target' | 'hasEnded'>;
}

/**
 * Runs the incident engine beside a run: every event of the journal goes through it, what follows is appended, and
 * a `tick` closes buckets in which nothing else happens. What other runs did to the incidents of the target meanwhile
 * is read, decided upon and answered in one transaction. Only this and `rejudge` write incident transitions.
 */
export function judgeLive(context: JudgeContext): LiveJudge {
  const { journal, clock, judge, engine = createEngine() } = context;
  const stopped = new AbortController();
  for (const event of journal.events()) engine.step(event);
  const broken = new AbortController();
  const queue = inOrder(decider(context, engine), broken);
  const unsubscribe = journal.subscribe(queue.add);
  const ticking = tick({ journal, clock, judge }, stopped.signal);
  return {
    engine,
    broken: broken.signal,
    async stop() {
      stopped.abort();
      await ticking;
      unsubscribe();
      await queue.empty();
    },
  };
}

/** What judges one event: `done` once it has, which is at once unless another process is writing. */
type Handle = (event: SiagaEvent) => { readonly done: boolean; readonly written?: Promise<unknown> };

function decider(context: JudgeContext, engine: Engine): Handle {
  const { journal } = context;
  let seen = journal.events().at(-1)?.seq ?? 0;
  return (event) => {
    if (isKnown(event)) return { done: true };
    if (event.type === 'run.started') seen = event.seq;
    if (!read.has(event.type)) {
      engine.step(event);
      return { done: true };
    }
    let drafts: readonly Draft[] | undefined;
    // The engine has taken the event once it is asked; a store that fails afterwards asks again.
    const fold: Decide = (events) => {
      if (drafts !== undefined) return drafts;
      seen = Math.max(seen, event.seq, events.at(-1)?.seq ?? 0);
      const foreign = events.filter(({ run }) => run !== journal.run);
      return (drafts = judged(event, foreign, context, engine));
    };
    const written = journal.decide(seen, fold, sharedTypes);
    return { done: drafts !== undefined, written };
  };
}

/** What may change an incident, or what others have made of it by then. */
const read: ReadonlySet<EventType> = new Set<EventType>([
  'run.phase',
  'samples',
  'check.finished',
  'toggle.read',
  'clock.jump',
  'load.finished',
  'incident.resumed',
  'incident.noticed',
  'tick',
]);

// Written together with what followed from it.
const isKnown = ({ data }: SiagaEvent): boolean => 'during' in data && data.during !== undefined;

function judged(
  event: SiagaEvent,
  foreign: readonly SiagaEvent[],
  context: JudgeContext,
  engine: Engine,
): readonly Draft[] {
  const take = (input: Draft): readonly Draft[] => [
    input,
    ...engine.step({ ...event, ...input } as SiagaEvent),
  ];
  const noticed = foreign.flatMap((other) => noticedOf(other, event, engine).flatMap(take));
  // What a run that stands back tells of the buckets that close now belongs to the incident that it takes over.
  const own = engine.step(event);
  return [...noticed, ...own, ...takeOver(event, context, engine).flatMap(take)];
}

function noticedOf(
  { run, seq, type, data }: SiagaEvent,
  { at, seq: during }: SiagaEvent,
  { snapshot }: Engine,
): readonly Draft[] {
  if (type === 'incident.transition' && !data.drill)
    return [{ type: 'incident.noticed', at, data: { run, seq, during, transition: data } }];
  // A bucket of a drill's incident moves nothing that is real.
  if (type !== 'incident.bucket' || data.incident !== standingFrom(snapshot(), at).incident?.id) return [];
  return [{ type: 'incident.noticed', at, data: { run, seq, during, bucket: data } }];
}

/** Once a bucket: an incident that nobody moves any more is taken over. */
function takeOver(
  { type, at, seq: during }: SiagaEvent,
  { others, journal, judge }: JudgeContext,
  { incident, snapshot }: Engine,
): readonly Draft[] {
  if (type !== 'tick' || others === undefined || incident === undefined || incident.drill) return [];
  const shared = { ...others, journal, judge };
  if (incident.keeper === journal.run || !isLeft(shared, incident)) return [];
  const data = { ...resumption(shared, standingFrom(snapshot(), at)), during };
  return [{ type: 'incident.resumed', at, data }, ...historyBefore(shared, incident.id)];
}

interface Queue {
  readonly add: (event: SiagaEvent) => void;
  /** Resolves when all that was added has been handled. */
  readonly empty: () => Promise<void>;
}

// An event that is appended while another is handled waits its turn, so the engine sees them in order of sequence.
function inOrder(handle: Handle, broken: AbortController): Queue {
  const waiting: SiagaEvent[] = [];
  let busy: Promise<void> | true | undefined;
  const fail = (error: unknown): void => broken.abort(error);
  const work = (): Promise<void> | undefined => {
    while (!broken.signal.aborted) {
      const next = waiting.shift();
      if (next === undefined) return undefined;
      const { done, written } = handle(next);
      const later = written?.catch(fail);
      if (!done) return later?.then(work);
    }
    return undefined;
  };
  return {
    add(event) {
      waiting.push(event);
      if (busy !== undefined) return;
      busy = true;
      try {
        busy = work()?.finally(() => (busy = undefined));
      } catch (error) {
        fail(error);
      }
    },
    empty: async () => void (await busy),
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
