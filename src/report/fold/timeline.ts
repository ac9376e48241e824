import type { ExpectationFacts } from '../../event/catalogue.ts';
import type { EventOf, SiagaEvent } from '../../event/envelope.ts';
import type { JudgeSpec } from '../../event/specs.ts';
import type { Marker } from '../../projection/model.ts';
import type { TimelineEntry, ToggleEntry } from '../model.ts';
import { happening, settledWords } from '../words.ts';
import { groupBy, ofType } from '../../projection/pick.ts';

/** What happened, in order: changes, not repetitions. */
export function foldTimeline(
  events: readonly SiagaEvent[],
  toggles: readonly ToggleEntry[],
  { bucketMs, signals }: JudgeSpec,
): readonly TimelineEntry[] {
  const kept = new Set(toggles.map(({ seq }) => seq));
  const entries = events.flatMap((event): TimelineEntry[] => {
    if (event.type === 'check.finished' || event.type === 'expectation.settled') return [];
    if (event.type === 'toggle.read' && !kept.has(event.seq)) return [];
    const said = happening(event, signals);
    return said === undefined ? [] : [{ seq: event.seq, at: event.at, ...said }];
  });
  const all = [...entries, ...foldSpells(events, bucketMs)].map((entry) => ({ entry, order: entry.seq }));
  return [...all, ...foldSettled(events)].toSorted((a, b) => a.order - b.order).map(({ entry }) => entry);
}

interface Placed {
  readonly entry: TimelineEntry;
  readonly order: number;
}

/** What is judged over a whole stage is written down after it, and belongs to its end. */
function foldSettled(events: readonly SiagaEvent[]): readonly Placed[] {
  const placed: Placed[] = [];
  let facts = new Map<string, ExpectationFacts>();
  let rollback: Marker | undefined;
  for (const event of events) {
    if (event.type === 'experiment.started') {
      facts = new Map(event.data.expectations.map((each) => [each.id, each]));
      rollback = undefined;
    }
    if (event.type === 'experiment.phase' && event.data.phase === 'rollback') rollback = event;
    if (event.type === 'expectation.settled')
      placed.push(settledOf(event, facts.get(event.data.expectation), rollback));
  }
  return placed;
}

function settledOf(
  event: Extract<SiagaEvent, { type: 'expectation.settled' }>,
  facts: ExpectationFacts | undefined,
  rollback: Marker | undefined,
): Placed {
  const { at, seq, data } = event;
  const { lane, tone } = happening(event) ?? { lane: 'experiment', tone: 'plain' };
  const entry = { seq, at, lane, tone, text: settledWords(data, facts?.text) };
  const late = facts?.stage === 'during' && rollback !== undefined && seq > rollback.seq;
  return late ? { entry: { ...entry, at: rollback.at }, order: rollback.seq - 0.5 } : { entry, order: seq };
}

type Check = EventOf<'check.finished'>;

/** A check that fails now and then is one spell: its first failure and the pass after two buckets without any. */
function foldSpells(events: readonly SiagaEvent[], bucketMs: number): readonly TimelineEntry[] {
  const checks = groupBy(ofType(events, 'check.finished'), ({ data }) => data.check);
  return [...checks.values()].flatMap((own) => spellsOf(own, 2 * bucketMs));
}

function spellsOf(own: readonly Check[], quietMs: number): readonly TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  let spell: { failed: number; of: number; last: number } | undefined;
  for (const event of own) {
    if (event.data.outcome === 'failed') {
      if (spell === undefined) entries.push(entryOf(event));
      spell = { failed: (spell?.failed ?? 0) + 1, of: (spell?.of ?? 0) + 1, last: event.at };
    } else if (spell !== undefined) {
      spell.of += 1;
      if (event.at - spell.last < quietMs) continue;
      const text = `${event.data.check} passes again; ${spell.failed} of ${spell.of} had failed`;
      entries.push({ seq: event.seq, at: event.at, lane: 'check', tone: 'good', text });
      spell = undefined;
    }
  }
  return entries;
}

function entryOf(event: Check): TimelineEntry {
  const said = happening(event);
  return { seq: event.seq, at: event.at, lane: 'check', tone: 'bad', text: said?.text ?? event.data.check };
}
