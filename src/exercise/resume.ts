import type { EventType } from '../event/catalogue.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import type { IncidentTransition } from '../event/incident.ts';
import type { RunJournal, Store } from '../event/store.ts';
import type { JudgeSpec } from '../event/specs.ts';
import { createEngine, type Engine } from '../incident/engine.ts';
import type { Json } from '../kernel/json.ts';
import { gapBetween } from './gap.ts';

/** What the engine reads; everything else changes no incident. */
const judged: readonly EventType[] = [
  'run.started',
  'run.phase',
  'samples',
  'check.finished',
  'toggle.read',
  'clock.jump',
  'incident.resumed',
  'incident.snapshot',
  'tick',
];

/**
 * Takes over what earlier runs of this target left open, drills left out: their last snapshot, and whatever came after
 * it from a run that did not live to write one. The same incident goes on, nothing is announced twice, and what lies
 * between is unknown. Returns the incident that is open, or was until a short time ago.
 */
export function resume(
  store: Store,
  journal: RunJournal,
  target: string,
  judge: JudgeSpec,
): string | undefined {
  const real = realEvents(store, journal.run, target);
  const last = real.at(-1);
  if (last === undefined) return undefined;
  const engine = replay(real);
  const snapshot = engine.snapshot();
  const id = engine.incident?.id ?? recoveredId(snapshot);
  if (id === undefined) return undefined;
  const { gapMs, unknownBuckets } = gapBetween(last, journal.events().at(-1) ?? last, judge);
  const earlier = historyOf(store, target, engine.incident?.id);
  journal.append({ type: 'incident.resumed', data: { gapMs, unknownBuckets, snapshot, earlier } });
  return id;
}

function historyOf(store: Store, target: string, id: string | undefined): readonly IncidentTransition[] {
  if (id === undefined) return [];
  return store.read({ target, types: ['incident.transition'] }).flatMap((event) => {
    const told = event.type === 'incident.transition' && event.data.incident === id;
    return told && event.data.change.kind !== 'hold-reset' ? [event.data] : [];
  });
}

// From the run that left the last snapshot on, and real runs only: after a year of rounds the rest is long.
function realEvents(store: Store, own: string, target: string): readonly SiagaEvent[] {
  const left = store.read({ target, types: ['incident.snapshot'] }).findLast(({ run }) => run !== own);
  const [begun] = left === undefined ? [] : store.read({ run: left.run, types: ['run.started'] });
  const starts = store.read({ target, types: ['run.started'], sinceSeq: (begun?.seq ?? 1) - 1 });
  return starts
    .filter((event) => event.type === 'run.started' && !event.data.drill && event.run !== own)
    .flatMap(({ run }) => store.read({ run, types: judged }))
    .toSorted((a, b) => a.seq - b.seq);
}

/** From the run that wrote the last snapshot on; before it nothing can matter any more. */
function replay(events: readonly SiagaEvent[]): Engine {
  const snapshot = events.findLastIndex(({ type }) => type === 'incident.snapshot');
  const run = events[snapshot]?.run;
  const from =
    snapshot === -1 ? 0 : events.findIndex((event) => event.run === run && event.type === 'run.started');
  const engine = createEngine();
  for (const [index, event] of events.entries()) {
    const before = index < snapshot && event.type !== 'run.started';
    if (index >= from && !before) engine.step(event);
  }
  return engine;
}

function recoveredId(snapshot: Json): string | undefined {
  if (snapshot === null || typeof snapshot !== 'object' || !('recovered' in snapshot)) return undefined;
  const { recovered } = snapshot;
  if (recovered === null || typeof recovered !== 'object' || !('id' in recovered)) return undefined;
  return typeof recovered['id'] === 'string' ? recovered['id'] : undefined;
}

/** Leaves what the next run needs. */
export function leaveSnapshot(journal: RunJournal, engine: Engine): void {
  journal.append({ type: 'incident.snapshot', data: { snapshot: engine.snapshot() } });
}
