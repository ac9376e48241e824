import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../adapter/system.ts';
import type { Draft } from '../event/envelope.ts';
import type { JournalOptions, Store } from '../event/store.ts';
import { redactor } from '../kernel/redact.ts';
import { eventsIn } from '../../test/support/events.ts';
import { storePath } from './database.ts';
import { openStore } from './store.ts';

let project: string;
const opened: Store[] = [];

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'siaga-store-'));
});

afterEach(() => {
  for (const store of opened.splice(0)) store.close();
  rmSync(project, { recursive: true, force: true });
});

function open(): Store {
  const store = openStore(storePath(project));
  opened.push(store);
  return store;
}

const writer = (run: string, more: Partial<JournalOptions> = {}): JournalOptions => ({
  run,
  target: 'reference',
  clock: systemClock,
  boot: 'boot-1',
  ...more,
});

const phase = (name: string): Draft => ({ type: 'run.phase', data: { phase: name } });
const runFolder = (run: string): string => join(project, 'reports', run);
const mirrored = (run: string) => {
  const path = join(runFolder(run), 'events.ndjson');
  return eventsIn(path);
};

describe('a journal', () => {
  it('returns each event as another process will read it', () => {
    const event = open().journal(writer('r1')).append(phase('steady-state'));
    expect(event).toMatchObject({ v: 1, seq: 1, run: 'r1', boot: 'boot-1', type: 'run.phase' });
    expect(open().read()).toEqual([event]);
  });

  it('keeps the time that the writer gives, and asks the clock otherwise', () => {
    const journal = open().journal(writer('r1'));
    const before = systemClock.now();
    expect(journal.append({ ...phase('then'), at: 1_700_000_000_123 }).at).toBe(1_700_000_000_123);
    expect(journal.append(phase('now')).at).toBeGreaterThanOrEqual(before);
  });

  it('never lets Infinity, NaN or undefined out, not even to a live listener', () => {
    const journal = open().journal(writer('r1', { folder: runFolder('r1') }));
    const seen: unknown[] = [];
    journal.subscribe((event) => seen.push(event.data));
    const values = [1, Infinity, -Infinity, Number.NaN];
    const data = { kind: 'values', values } as const;
    const batch = { signal: 's', labels: {}, source: 'probe', from: 0, to: 1, data } as const;
    const event = journal.append({ type: 'samples', data: batch });
    expect(event.data).toMatchObject({ data: { values: [1, null, null, null] } });
    expect(seen).toEqual([event.data]);
    expect(mirrored('r1')).toEqual([event]);
    expect(open().read()).toEqual([event]);
  });

  it('hostile 8: hides secrets at the door, from the database, the mirror, listeners and later runs', async () => {
    const hide = redactor(['s3cret "token"']);
    const store = openStore(storePath(project), hide);
    opened.push(store);
    const journal = store.journal(writer('r1', { folder: runFolder('r1') }));
    const seen: unknown[] = [];
    journal.subscribe((event) => seen.push(event.data));
    const data = {
      code: 'x',
      message: 'it said s3cret "token"',
      's3cret "token"': [{ deep: 's3cret%20%22token%22' }],
    };
    const clean = { code: 'x', message: 'it said [redacted]', '[redacted]': [{ deep: '[redacted]' }] };
    expect(journal.append({ type: 'run.problem', data }).data).toEqual(clean);
    await journal.decide(0, () => [{ type: 'run.problem', data }]);
    await store.decide(writer('r2'), 0, () => [{ type: 'run.problem', data }]);
    expect(seen).toEqual([clean, clean]);
    expect(mirrored('r1').map((event) => event.data)).toEqual([clean, clean]);
    expect(
      open()
        .read()
        .map((event) => event.data),
    ).toEqual([clean, clean, clean]);
  });

  it('goes on when a listener throws or rejects, and says so once', async () => {
    const problems: string[] = [];
    const journal = open().journal(writer('r1', { onProblem: ({ code }) => problems.push(code) }));
    const seen: number[] = [];
    journal.subscribe(() => {
      throw new Error('a broken reporter');
    });
    journal.subscribe(async () => Promise.reject(new Error('a broken asynchronous reporter')));
    journal.subscribe(({ seq }) => seen.push(seq));
    journal.append(phase('one'));
    journal.append(phase('two'));
    await systemClock.sleep(1);
    expect(seen).toEqual([1, 2]);
    expect(problems).toEqual(['listener-failed']);
  });

  it('stops calling a listener that unsubscribed, and only that one', () => {
    const journal = open().journal(writer('r1'));
    const seen: number[] = [];
    const listener = ({ seq }: { seq: number }): unknown => seen.push(seq);
    const unsubscribe = journal.subscribe(listener);
    journal.subscribe(listener);
    journal.append(phase('one'));
    unsubscribe();
    journal.append(phase('two'));
    expect(seen).toEqual([1, 1, 2]);
  });

  it('shows everyone the first event before the event that a listener appends because of it', () => {
    const journal = open().journal(writer('r1', { folder: runFolder('r1') }));
    const seen: number[] = [];
    journal.subscribe(({ seq }) => void (seq === 1 && journal.append(phase('because'))));
    journal.subscribe(({ seq }) => seen.push(seq));
    journal.append(phase('first'));
    expect(seen).toEqual([1, 2]);
    expect(mirrored('r1').map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it('knows what its run wrote before it was opened again', () => {
    open().journal(writer('r1')).append(phase('before the restart'));
    const again = open().journal(writer('r1', { boot: 'boot-2' }));
    const after = again.append(phase('after'));
    expect(again.events().map(({ seq, boot }) => [seq, boot])).toEqual([
      [1, 'boot-1'],
      [2, 'boot-2'],
    ]);
    expect(after.seq).toBe(2);
  });

  it('mirrors as it goes, and completes the file with what the guard wrote for the same run', () => {
    const runner = open().journal(writer('r1', { folder: runFolder('r1') }));
    const guard = open().journal(writer('r1', { boot: 'guard' }));
    runner.append(phase('one'));
    guard.append(phase('two'));
    open().journal(writer('r2')).append(phase('of another run'));
    runner.append(phase('four'));
    expect(mirrored('r1').map(({ seq }) => seq)).toEqual([1, 4]);
    runner.finish();
    expect(mirrored('r1').map(({ seq, boot }) => [seq, boot])).toEqual([
      [1, 'boot-1'],
      [2, 'guard'],
      [4, 'boot-1'],
    ]);
    expect(mirrored('r1')).toEqual(open().read({ run: 'r1' }));
  });

  it('numbers figures and deeds, which are synced differently, in one order', () => {
    const journal = open().journal(writer('r1'));
    const drafts = [
      phase('a'),
      { type: 'tick', data: { bucket: 1 } },
      phase('b'),
      { type: 'tick', data: { bucket: 2 } },
    ];
    for (const draft of drafts) journal.append(draft as Draft);
    expect(open().read()).toEqual(journal.events());
    expect(journal.events().map(({ seq, type }) => [seq, type])).toEqual([
      [1, 'run.phase'],
      [2, 'tick'],
      [3, 'run.phase'],
      [4, 'tick'],
    ]);
  });

  it('may be closed twice', () => {
    const store = open();
    store.close();
    expect(() => store.close()).not.toThrow();
  });

  it('leaves events as they were written: the table refuses changes', async () => {
    open().journal(writer('r1')).append(phase('one'));
    const { DatabaseSync } = await import('node:sqlite');
    using database = new DatabaseSync(storePath(project));
    expect(() => database.exec("UPDATE events SET type = 'x'")).toThrow('append-only');
    expect(() => database.exec('DELETE FROM events')).toThrow('append-only');
  });
});

describe('reading', () => {
  beforeEach(() => {
    const store = open();
    const first = store.journal(writer('r1'));
    const second = store.journal(writer('r2', { target: 'staging' }));
    first.append(phase('a'));
    second.append(phase('b'));
    first.append({ type: 'tick', data: { bucket: 1 } });
    second.append({ type: 'tick', data: { bucket: 2 } });
  });

  it.each([
    [{}, [1, 2, 3, 4]],
    [{ run: 'r1' }, [1, 3]],
    [{ target: 'staging' }, [2, 4]],
    [{ types: ['tick'] }, [3, 4]],
    [{ types: ['tick', 'run.phase'], sinceSeq: 2 }, [3, 4]],
    [{ types: [] }, []],
    [{ sinceSeq: 3 }, [4]],
    [{ newest: 2 }, [3, 4]],
    [{ types: ['run.phase'], newest: 1 }, [2]],
    [{ run: 'r1', target: 'staging' }, []],
  ] as const)('%j gives the events %j', (query, seqs) => {
    expect(
      open()
        .read(query)
        .map(({ seq }) => seq),
    ).toEqual(seqs);
  });
});

it('lists runs, the newest first, with what they said of themselves', () => {
  const store = open();
  store.journal(writer('r1')).append({ ...phase('a'), at: 1_000 });
  const second = store.journal(writer('r2', { target: 'staging' }));
  second.append({ type: 'run.started', data: { command: 'check', subject: 'all' } as never, at: 2_000 });
  const finished = { verdict: 'failed', exitCode: 1, reason: 'sol-complete' } as const;
  second.append({ type: 'run.finished', data: finished, at: 3_000 });
  const common = { run: 'r2', target: 'staging', startedAt: 2_000, lastAt: 3_000, events: 2 };
  expect(store.runs()).toEqual([
    { ...common, command: 'check', subject: 'all', verdict: 'failed', exitCode: 1 },
    { run: 'r1', target: 'reference', startedAt: 1_000, lastAt: 1_000, events: 1 },
  ]);
});

const openOnce = (group: string) => (events: readonly { data: unknown }[]) =>
  events.some(({ data }) => (data as { phase: string }).phase === group) ? [] : [phase(group)];

function broken(): never {
  throw new RangeError('a broken fold');
}

describe('deciding', () => {
  it('appends what follows from the events of the target, once', async () => {
    const store = open();
    const one = store.journal(writer('r1'));
    const two = open().journal(writer('r2'));
    expect(await one.decide(0, openOnce('service'))).toMatchObject([{ seq: 1, run: 'r1' }]);
    expect(await two.decide(0, openOnce('service'))).toEqual([]);
    const elsewhere = store.journal(writer('r3', { target: 'staging' }));
    expect(await elsewhere.decide(0, openOnce('service'))).toMatchObject([{ seq: 2, run: 'r3' }]);
  });

  it('shows the fold only what lies after `since`, of the types asked for', async () => {
    const journal = open().journal(writer('r1'));
    for (const name of ['a', 'b', 'c']) journal.append(phase(name));
    journal.append({ type: 'tick', data: { bucket: 1 } });
    const seen: number[] = [];
    const look = (events: readonly { seq: number }[]) => {
      seen.push(...events.map(({ seq }) => seq));
      return [];
    };
    await journal.decide(1, look, ['run.phase']);
    expect(seen).toEqual([2, 3]);
  });

  it('appends nothing when the fold throws, and passes its error on', async () => {
    const store = open();
    await expect(store.decide(writer('r1'), 0, broken)).rejects.toThrow(RangeError);
    await expect(store.journal(writer('r1')).decide(0, broken)).rejects.toThrow(RangeError);
    expect(store.journal(writer('r1')).append(phase('next')).seq).toBe(1);
  });

  it('appends all of what is decided or nothing of it', async () => {
    const store = open();
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    const drafts = [phase('fine'), { type: 'run.phase', data: cyclic } as unknown as Draft];
    await expect(store.decide(writer('r1'), 0, () => drafts)).rejects.toThrow(TypeError);
    expect(store.read()).toEqual([]);
  });

  it('waits for a lock that another process holds, while this process goes on', async () => {
    const { DatabaseSync } = await import('node:sqlite');
    const journal = open().journal(writer('r1'));
    using other = new DatabaseSync(storePath(project));
    other.exec('BEGIN IMMEDIATE');
    const decided = journal.decide(0, () => [phase('after the lock')]);
    let turns = 0;
    for (; turns < 5; turns++) await systemClock.sleep(20);
    expect(journal.events()).toEqual([]);
    other.exec('COMMIT');
    expect(await decided).toMatchObject([{ seq: 1 }]);
    expect(journal.recorded).toBe(true);
  });

  it('tells the subscribers and the mirror, and never out of order', async () => {
    const journal = open().journal(writer('r1', { folder: runFolder('r1') }));
    const seen: number[] = [];
    journal.subscribe(({ seq }) => seen.push(seq));
    const deciding = journal.decide(0, () => [phase('a'), phase('b')]);
    journal.append(phase('c'));
    await deciding;
    journal.append(phase('d'));
    expect(seen).toEqual([1, 2, 3, 4]);
    expect(mirrored('r1').map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });
});

it('any interleaving of writers is read back in the order in which they wrote', async () => {
  const step = fc.record({
    who: fc.integer({ min: 0, max: 3 }),
    how: fc.constantFrom('append', 'decide'),
    count: fc.integer({ min: 0, max: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const folder = mkdtempSync(join(project, 'any-'));
      const path = storePath(folder);
      const stores = [0, 1, 2, 3].map(() => openStore(path));
      const journals = stores.map((store, who) => store.journal(writer(`run-${who % 2}`)));
      const seen = journals.map(() => [] as number[]);
      journals.forEach((journal, who) => journal.subscribe(({ seq }) => seen[who]?.push(seq)));
      const wrote: number[] = [];
      for (const { who, how, count } of steps) {
        const drafts = Array.from({ length: count }, (_, n) => phase(`${who}-${n}`));
        const journal = journals[who];
        if (how === 'decide')
          wrote.push(...((await journal?.decide(0, () => drafts)) ?? []).map((e) => e.seq));
        else for (const draft of drafts) wrote.push(journal?.append(draft).seq ?? Number.NaN);
      }
      const read = stores[0]?.read().map(({ seq }) => seq);
      for (const store of stores) store.close();
      expect(wrote).toEqual(wrote.map((_, index) => index + 1));
      expect(read).toEqual(wrote);
      for (const own of seen) expect(own).toEqual(own.toSorted((a, b) => a - b));
      expect(seen.flat().toSorted((a, b) => a - b)).toEqual(wrote);
    }),
    { numRuns: 40 },
  );
});
