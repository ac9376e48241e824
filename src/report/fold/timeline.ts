import type { EventOf, SiagaEvent } from '../../event/envelope.ts';
import type { TimelineEntry, ToggleEntry } from '../model.ts';
import { happening } from '../words.ts';
import { groupBy, ofType } from '../../projection/pick.ts';

/** What happened, in order of sequence: changes, not repetitions. */
export function foldTimeline(
  events: readonly SiagaEvent[],
  toggles: readonly ToggleEntry[],
  bucketMs: number,
): readonly TimelineEntry[] {
  const kept = new Set(toggles.map(({ seq }) => seq));
  const entries = events.flatMap((event): TimelineEntry[] => {
    if (event.type === 'check.finished' || (event.type === 'toggle.read' && !kept.has(event.seq))) return [];
    const said = happening(event);
    return said === undefined ? [] : [{ seq: event.seq, at: event.at, ...said }];
  });
  return [...entries, ...foldSpells(events, bucketMs)].toSorted((a, b) => a.seq - b.seq);
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
