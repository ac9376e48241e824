import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../adapter/system.ts';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import type { JournalOptions, StoreProblem } from '../event/store.ts';
import { eventsIn } from '../../test/support/events.ts';
import { SiagaError } from '../kernel/errors.ts';
import { openStoreOrNone } from './absent.ts';
import { openDatabase, storePath } from './database.ts';
import { memoryJournal } from './memory.ts';
import { eventsPath, writeEvents } from './mirror.ts';
import { openStore } from './store.ts';

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'siaga-faults-'));
});
afterEach(() => {
  chmodSync(project, 0o700);
  rmSync(project, { recursive: true, force: true });
});

const phase = (name: string): Draft => ({ type: 'run.phase', data: { phase: name } });
const writer = (more: Partial<JournalOptions> = {}): JournalOptions => ({
  run: 'r1',
  target: 'reference',
  clock: systemClock,
  boot: 'boot-1',
  ...more,
});

function thrownBy(work: () => unknown): SiagaError {
  try {
    work();
  } catch (error) {
    if (error instanceof SiagaError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const url = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

/** Runs a module in a process of its own, whose files may have so many blocks of 512 bytes; returns what it printed as JSON. */
function elsewhere(module: string, args: readonly string[], limitBlocks?: number): unknown {
  const node = [process.execPath, '--input-type=module', '-e', module, ...args];
  const limited = ['-c', `ulimit -f ${limitBlocks}; trap "" XFSZ; exec "$@"`, 'sh', ...node];
  const [command = '', ...rest] = limitBlocks === undefined ? node : ['sh', ...limited];
  return JSON.parse(execFileSync(command, rest, { encoding: 'utf8', timeout: 30_000 }));
}

describe('a store that cannot be opened is one error with exit 3', () => {
  it('where its folder is a file', () => {
    writeFileSync(join(project, '.siaga'), '');
    expect(thrownBy(() => openStore(storePath(project)))).toMatchObject({
      code: 'store-read-only',
      exitCode: 3,
    });
  });

  it('where its file is not a database', () => {
    mkdirSync(join(project, '.siaga'));
    writeFileSync(storePath(project), 'not a database at all\n'.repeat(500));
    expect(thrownBy(() => openStore(storePath(project)))).toMatchObject({
      code: 'store-corrupt',
      exitCode: 3,
    });
  });

  it('where its file is damaged inside', () => {
    openDatabase(storePath(project)).close();
    const bytes = readFileSync(storePath(project));
    bytes.fill(0xab, 100, bytes.length);
    writeFileSync(storePath(project), bytes);
    expect(thrownBy(() => openStore(storePath(project)))).toMatchObject({
      code: 'store-corrupt',
      exitCode: 3,
    });
  });

  it('where a newer version wrote it', () => {
    const database = openDatabase(storePath(project));
    database.exec('PRAGMA user_version = 99');
    database.close();
    const error = thrownBy(() => openStore(storePath(project)));
    expect(error).toMatchObject({ code: 'store-newer', exitCode: 3, facts: { got: 'schema 99' } });
  });

  const opener = `
    const { openStore } = await import(${url('store.ts')});
    if (process.getuid() === 0) process.seteuid(65534);
    try { openStore(process.argv[1]); console.log('"opened"'); }
    catch (error) { console.log(JSON.stringify({ code: error.code, exitCode: error.exitCode })); }`;

  it('where its folder is read-only', () => {
    chmodSync(project, 0o555);
    expect(elsewhere(opener, [storePath(project)])).toEqual({ code: 'store-read-only', exitCode: 3 });
  });

  it('where its file is read-only', () => {
    openDatabase(storePath(project)).close();
    chmodSync(storePath(project), 0o444);
    chmodSync(join(project, '.siaga'), 0o555);
    chmodSync(project, 0o555);
    expect(elsewhere(opener, [storePath(project)])).toEqual({ code: 'store-read-only', exitCode: 3 });
    chmodSync(join(project, '.siaga'), 0o755);
  });

  it('hostile 14: where another program keeps its tables in that file', () => {
    mkdirSync(join(project, '.siaga'));
    const other = new DatabaseSync(storePath(project));
    other.exec('CREATE TABLE events (seq INTEGER, note TEXT)');
    for (const version of [0, 1]) {
      other.exec(`PRAGMA user_version = ${version}`);
      expect(thrownBy(() => openStore(storePath(project)))).toMatchObject({
        code: 'store-foreign',
        exitCode: 3,
      });
    }
    other.close();
  });

  it('hostile 14: where a row is no JSON, which is told with its number and costs the runs of others nothing', () => {
    using database = openDatabase(storePath(project));
    const row =
      "INSERT INTO events (v, run, target, at, mono, boot, type, data) VALUES (1, 'r1', 'reference', 1, 1, 'b', 'run.started', ";
    for (const data of ["'{broken'", "'7'"]) database.exec(`${row}${data})`);
    const store = openStore(storePath(project));
    expect(thrownBy(() => store.read())).toMatchObject({
      code: 'store-damaged',
      exitCode: 3,
      facts: { where: 'event 1' },
    });
    expect(thrownBy(() => store.read({ sinceSeq: 1 }))).toMatchObject({ facts: { where: 'event 2' } });
    expect(store.read({ run: 'r2' })).toEqual([]);
    expect(store.runs()).toHaveLength(1);
    store.close();
  });

  it('hostile 14: where the process may open no more files', () => {
    openDatabase(storePath(project)).close();
    const module = `
      import { openSync } from 'node:fs';
      ${opener.replace('if (process.getuid() === 0) process.seteuid(65534);', 'for (;;) try { openSync("/dev/null"); } catch { break; }')}`;
    expect(elsewhere(module, [storePath(project)])).toEqual({ code: 'store-no-files', exitCode: 3 });
  });

  it('where there is no room for it', () => {
    const full = { code: expect.stringMatching(/^store-(full|failed)$/), exitCode: 3 };
    expect(
      elsewhere(
        opener.replace('if (process.getuid() === 0) process.seteuid(65534);', ''),
        [storePath(project)],
        8,
      ),
    ).toEqual(full);
  });
});

it('hostile 15: the store and the events of a run are for their owner alone', () => {
  mkdirSync(join(project, '.siaga'));
  writeFileSync(storePath(project), '', { mode: 0o644 });
  const store = openStore(storePath(project));
  const journal = store.journal(writer({ folder: join(project, 'reports', 'r1') }));
  journal.append(phase('one'));
  const modeOf = (path: string): number => statSync(join(project, path)).mode & 0o777;
  for (const file of ['siaga.db', 'siaga.db-wal', 'siaga.db-shm'])
    expect(modeOf(join('.siaga', file))).toBe(0o600);
  expect(modeOf('reports/r1')).toBe(0o700);
  expect(modeOf('reports/r1/events.ndjson')).toBe(0o600);
  journal.finish();
  expect(modeOf('reports/r1/events.ndjson')).toBe(0o600);
  store.close();
});

it('hostile 7: events are not mirrored through a link', () => {
  const victim = join(project, 'victim');
  writeFileSync(victim, 'the victim');
  mkdirSync(join(project, 'run'));
  symlinkSync(victim, eventsPath(join(project, 'run')));
  expect(thrownBy(() => memoryJournal(writer({ folder: join(project, 'run') })))).toMatchObject({
    code: 'run-folder-unwritable',
    exitCode: 3,
  });
  writeEvents(join(project, 'run'), []);
  expect(readFileSync(victim, 'utf8')).toBe('the victim');
});

describe('a store that stops taking events in the middle of a run', () => {
  const filler = `
    import { openStore } from ${url('store.ts')};
    import { systemClock, bootId } from ${url('../adapter/system.ts')};
    import { statSync } from 'node:fs';
    const problems = [];
    const journal = openStore(process.argv[1]).journal({
      run: 'r1', target: 'reference', clock: systemClock, boot: bootId, onProblem: ({ code }) => problems.push(code),
    });
    const heard = [];
    journal.subscribe((event) => heard.push(event.seq));
    for (let n = 0; n < 500; n++) journal.append({ type: 'run.phase', data: { phase: 'x'.repeat(2000) } });
    const decided = await journal.decide(0, (events) => [{ type: 'tick', data: { bucket: events.length } }]);
    const events = journal.events();
    console.log(JSON.stringify({
      problems, recorded: journal.recorded, inOrder: heard.every((seq, index) => seq === events[index].seq),
      kept: events.filter((event) => event.type === 'run.phase').length,
      stored: events.filter((event) => !event.unrecorded).length,
      told: events.filter((event) => event.type === 'run.problem').map((event) => event.data.code),
      decided,
    }));`;

  it('goes on in memory when the disk is full, says so once, and still decides', () => {
    const result = elsewhere(filler, [storePath(project)], 2048) as Record<string, unknown>;
    const code = expect.stringMatching(/^store-(full|failed)$/);
    expect(result).toMatchObject({
      problems: [code],
      told: [code],
      recorded: false,
      inOrder: true,
      kept: 500,
    });
    expect(result['stored']).toBeGreaterThan(10);
    expect(result['stored']).toBeLessThan(400);
    expect(result['decided']).toMatchObject([{ type: 'tick', unrecorded: true, data: { bucket: 501 } }]);
  });

  it('marks what was not stored, numbers it apart, and keeps it in the file of the run', () => {
    const folder = join(project, 'run');
    const problems: StoreProblem[] = [];
    const store = openStore(storePath(project));
    const journal = store.journal(writer({ folder, onProblem: (problem) => problems.push(problem) }));
    journal.append(phase('stored'));
    store.close();
    journal.append(phase('after'));
    journal.append(phase('later'));
    journal.finish();
    const expected = [
      { seq: 1, type: 'run.phase' },
      { seq: 1_000_002, type: 'run.problem', unrecorded: true },
      { seq: 1_000_003, type: 'run.phase', unrecorded: true },
      { seq: 1_000_004, type: 'run.phase', unrecorded: true },
    ];
    expect(journal.events()).toMatchObject(expected);
    expect(eventsIn(eventsPath(folder))).toEqual(journal.events());
    expect(problems).toMatchObject([{ code: 'store-failed' }]);
    const again = openStore(storePath(project));
    expect(again.read()).toHaveLength(1);
    again.close();
  });

  it('gives up on a lock that is never released, and the run goes on', { timeout: 20_000 }, () => {
    const store = openStore(storePath(project));
    const journal = store.journal(writer());
    using other = new DatabaseSync(storePath(project));
    other.exec('BEGIN IMMEDIATE');
    expect(journal.append(phase('one'))).toMatchObject({ unrecorded: true });
    expect(journal.events()[0]).toMatchObject({ type: 'run.problem', data: { code: 'store-busy' } });
    other.exec('ROLLBACK');
    store.close();
  });
});

it('hunt b: a round goes on without a store where the disk is full from the beginning, and says so', () => {
  const opener = `
    import { openStoreOrNone } from ${url('absent.ts')};
    import { systemClock, bootId } from ${url('../adapter/system.ts')};
    const store = openStoreOrNone(process.argv[1]);
    const journal = store.journal({ run: 'r1', target: 'reference', clock: systemClock, boot: bootId });
    journal.append({ type: 'run.phase', data: { phase: 'a' } });
    await journal.decide(0, () => [{ type: 'run.phase', data: { phase: 'b' } }]);
    const refused = await store.decide({ run: 'r1', target: 'reference', clock: systemClock, boot: bootId }, 0, () => [])
      .then(() => 'nothing', ({ code }) => code);
    const [read, types] = [store.read().length, journal.events().map(({ type }) => type)];
    store.close();
    console.log(JSON.stringify({ refused, recorded: journal.recorded, read, types }));`;
  expect(elsewhere(opener, [storePath(project)], 1)).toMatchObject({
    refused: expect.stringMatching(/^store-(full|failed)$/),
    recorded: false,
    read: 0,
    types: ['run.problem', 'run.phase', 'run.phase'],
  });
  expect(elsewhere(opener, [storePath(join(project, 'other'))])).toMatchObject({
    refused: 'nothing',
    recorded: true,
    read: 2,
  });
});

it('hunt b: a store that is not one of ours is refused all the same', () => {
  mkdirSync(join(project, '.siaga'));
  writeFileSync(storePath(project), 'no database at all, but long enough to be taken for one'.repeat(100));
  expect(thrownBy(() => openStoreOrNone(storePath(project)))).toMatchObject({ code: 'store-corrupt' });
});

describe('the folder of a run', () => {
  it('that takes no file is refused at the start, with exit 3', () => {
    writeFileSync(join(project, 'run'), '');
    const folder = join(project, 'run');
    expect(thrownBy(() => memoryJournal(writer({ folder })))).toMatchObject({
      code: 'run-folder-unwritable',
      exitCode: 3,
    });
  });

  it('that takes no line costs the mirror only, told once', () => {
    const folder = join(project, 'run');
    const problems: StoreProblem[] = [];
    const journal = memoryJournal(writer({ folder, onProblem: (problem) => problems.push(problem) }));
    rmSync(eventsPath(folder));
    mkdirSync(eventsPath(folder));
    journal.append(phase('one'));
    journal.append(phase('two'));
    expect(problems).toMatchObject([{ code: 'run-folder-unwritable' }]);
    // Room again: but a line may be torn, so nothing follows it before the file is written anew.
    rmSync(eventsPath(folder), { recursive: true });
    journal.append(phase('three'));
    expect(existsSync(eventsPath(folder))).toBe(false);
    journal.finish();
    journal.append(phase('four'));
    expect(eventsIn(eventsPath(folder))).toEqual(journal.events());
  });

  it('keeps its file when a rewrite cannot be completed', () => {
    const folder = join(project, 'run');
    const journal = memoryJournal(writer({ folder }));
    journal.append(phase('one'));
    const before = readFileSync(eventsPath(folder), 'utf8');
    const rewriter = `
      import { writeEvents } from ${url('mirror.ts')};
      const event = { data: 'x'.repeat(9_000) };
      try { writeEvents(process.argv[1], [event]); } catch (error) { console.log(error.exitCode); }`;
    expect(elsewhere(rewriter, [folder], 8)).toBe(3);
    expect(readFileSync(eventsPath(folder), 'utf8')).toBe(before);
    expect(readdirSync(folder)).toEqual(['events.ndjson']);
  });
});

describe('a journal in memory', () => {
  it('counts from one, decides over its own events and writes the same file', async () => {
    const folder = join(project, 'run');
    const journal = memoryJournal(writer({ folder }));
    journal.append(phase('one'));
    const once = (events: readonly SiagaEvent[]): Draft[] => (events.length > 1 ? [] : [phase('decided')]);
    expect(await journal.decide(0, once)).toMatchObject([{ seq: 2 }]);
    expect(await journal.decide(0, once)).toEqual([]);
    journal.finish();
    expect(eventsIn(eventsPath(folder))).toEqual(journal.events());
  });
});
