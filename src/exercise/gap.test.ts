import { expect, test } from 'vitest';
import type { SiagaEvent } from '../event/envelope.ts';
import type { RunJournal, Store } from '../event/store.ts';
import { judge, minute, origin, play, well, type Minute } from '../incident/testing/play.ts';
import { gapBetween, tellSetBack } from './gap.ts';
import { isLeft } from './resume.ts';

const hour = 60 * minute;
const event = (minutes: number, mono: number, boot: string, run = 'r'): SiagaEvent =>
  ({ v: 1, seq: 1, run, at: origin + minutes * minute, mono, boot, type: 'run.started', data: {} }) as never;
const last = event(0, 7 * hour, 'here.p1', 'before');

test.each<[string, SiagaEvent, number, number]>([
  ['by UTC where nothing else is known', event(4, 0, 'there.p2'), 4 * minute, 5],
  [
    'by the monotonic clock that two processes share, the wall clock set back an hour',
    event(-56, 7 * hour + 4 * minute, 'here.p2'),
    4 * minute,
    5,
  ],
  ['by UTC, a minute', event(1, 0, 'there.p2'), minute, 2],
  ['by UTC, nothing', event(0, 0, 'there.p2'), 0, 1],
  [
    'by the clock they share, a minute though the wall clock was set back an hour',
    event(-59, 7 * hour + minute, 'here.p2'),
    minute,
    2,
  ],
  [
    'by UTC where a suspended machine stopped the other',
    event(480, 7 * hour + minute, 'here.p2'),
    8 * hour,
    481,
  ],
  [
    'never negative: the clock set back over a restart of the machine',
    event(-56, 10, 'there.p2'),
    0,
    judge.recovery.maxUnknownInRow + 1,
  ],
])('row 12: the gap between two runs is known %s', (_, began, gapMs, unknownBuckets) => {
  expect(gapBetween(last, began, judge)).toEqual({ gapMs, unknownBuckets });
});

/** What a run that begins now writes about the clock. */
function told(began: SiagaEvent, before: readonly SiagaEvent[] = [last]): readonly unknown[] {
  const drafts: unknown[] = [];
  const journal = {
    run: 'r',
    events: () => [began],
    append: ({ data }: { data: unknown }) => drafts.push(data),
  };
  const store = { read: () => [...before, began] };
  tellSetBack(store as unknown as Store, journal as unknown as RunJournal, 't');
  return drafts;
}

test.each<[string, SiagaEvent, number]>([
  ['an hour, seen by UTC alone, is told as what is certain', event(-56, 10, 'there.p2'), -56 * minute],
  ['an hour, seen by the shared clock, is told whole', event(-56, 7 * hour + 4 * minute, 'here.p2'), -hour],
  ['three seconds are told too', event(1, 7 * hour + minute + 3_000, 'here.p2'), -3_000],
])('row 12: a wall clock set back between two runs: %s', (_, began, byMs) => {
  expect(told(began)).toEqual([expect.objectContaining({ byMs, betweenRuns: true })]);
});

test.each([
  ['another run later', event(60, 7 * hour + 60 * minute, 'here.p2')],
  ['a suspend', event(480, 7 * hour + minute, 'here.p2')],
  ['what two processes of one machine do not agree on', event(1, 7 * hour + minute + 2_000, 'here.p2')],
])('row 12: %s is no step back', (_, began) => {
  expect(told(began)).toEqual([]);
});

test('row 12: the first run of a target knows of no step', () => {
  expect(told(event(-56, 10, 'there.p2'), [])).toEqual([]);
});

const many = (count: number, of: Minute): Minute[] => Array.from({ length: count }, () => of);

test('row 12: an incident that is resumed after the wall clock was set back recovers in ten minutes, not in an hour', () => {
  const before = play([...many(6, { ...well, errors: 50 }), ...many(4, well)]);
  expect(before.engine.incident?.phase.name).toBe('recovering');
  const snapshot = before.engine.snapshot();
  const after = play(many(13, well), { resumed: { snapshot, minute: -50, unknownBuckets: 3 } });
  expect(after.changes.map(({ kind }) => kind)).toContain('recovered');
});

test.each([
  [
    'ten seconds ago by the clock they share, an hour in the future by UTC',
    event(-60, 7 * hour + 10_000, 'here.p2'),
    false,
  ],
  ['an hour ago by the clock they share, now by UTC', event(0, 8 * hour, 'here.p2'), true],
])('row 12: a run that wrote %s is known alive or not', (_, newest, left) => {
  const store = { read: () => [{ ...last, type: 'tick' }] };
  const journal = { run: 'r', events: () => [newest] };
  const shared = { store, journal, target: 't', judge, hasEnded: () => false };
  expect(isLeft(shared as unknown as Parameters<typeof isLeft>[0], { keeper: 'before' })).toBe(left);
});
