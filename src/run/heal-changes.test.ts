import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { projectFilesUntil } from '../adapter/project-files.ts';
import { systemClock } from '../adapter/system.ts';
import type { Pending, Settled } from '../effect/recipe.ts';
import type { FaultPlanned } from '../event/fault.ts';
import type { Draft } from '../event/envelope.ts';
import { exit } from '../kernel/exit.ts';
import type { Target } from '../project/target.ts';
import { openStore } from '../store/store.ts';
import type { Toggled } from './actuator.ts';
import { faultLines, faultsExit, undoChanges } from './heal-changes.ts';
import type { Platform } from './platform.ts';

const stopped = {
  replay: 'process',
  process: { pid: 7, startTime: '1' },
  signal: 'SIGCONT',
} as const;
const planned = (fault: string, more: Partial<FaultPlanned>): Draft => ({
  type: 'fault.planned',
  data: {
    fault,
    proxy: 'source',
    kind: 'frozen',
    attributes: {},
    stream: 'both',
    toxicity: 1,
    forMs: 1_000,
    experiment: 'e',
    toxiproxy: 'http://t',
    expiresAt: 1,
    ...more,
  },
});
const removed = (fault: string): Draft => ({
  type: 'fault.removed',
  data: { fault, proxy: 'source', by: 'runner', rung: 'continued' },
});

const restart = { command: ['start', 'source'], timeout: '5s' } as const;
const definition = {
  name: 'shop',
  url: 'http://s',
  processes: { source: { restart } },
  toggles: { apply: { command: ['set', 'toggles'], timeout: '9s' } },
} as unknown as Target;

/** A project whose runs wrote these down, and what comes of the undo of each fault. */
async function heal(
  runs: Readonly<Record<string, readonly Draft[]>>,
  end: (pending: Pending) => Settled = ({ id }) => ({ id, outcome: 'undone', step: 'continued' }),
  stays: readonly string[] = [],
) {
  const projectDir = mkdtempSync(join(tmpdir(), 'siaga-heal-'));
  onTestFinished(() => rmSync(projectDir, { recursive: true, force: true }));
  mkdirSync(join(projectDir, '.siaga'));
  const path = join(projectDir, '.siaga', 'siaga.db');
  const written = openStore(path);
  for (const [run, drafts] of Object.entries(runs)) {
    const journal = written.journal({ run, target: 'shop', clock: systemClock, boot: run });
    for (const draft of drafts) journal.append(draft);
    journal.finish();
  }
  written.close();
  const asked: Pending[] = [];
  const platform = {
    projectFiles: projectFilesUntil(),
    openStore: (each: string) => openStore(each),
    clock: systemClock,
    boot: 'healer',
    undo: async (pending: Pending) => {
      asked.push(pending);
      return end(pending);
    },
  } as unknown as Platform;
  const target: Toggled = {
    definition,
    url: 'http://s',
    secrets: ['s3cret'],
    isReference: false,
    projectDir,
    toggles: { url: 'http://s/toggles', bearer: 't0ken' },
  };
  const own = [
    { kind: 'queue-full', inject: ['fill'], confirm: ['full'], undo: ['drain', '--all'], timeout: '4s' },
  ] as const;
  const healed = await undoChanges(
    { target, own, normal: { FALLBACK: 'on' }, stays: (run) => stays.includes(run) },
    platform,
  );
  const store = openStore(path);
  const ends = store
    .read({ types: ['fault.removed', 'fault.stuck', 'toggle.applied'] })
    .filter(({ boot }) => boot === 'healer')
    .map(({ run, type, data }) => ({ run, type, ...(data as object) }));
  store.close();
  return { healed, asked: asked.map(({ recipe }) => recipe), ends };
}

test('a process that a dead run left stopped goes on, and its ledger says so', async () => {
  const { healed, asked, ends } = await heal({
    r1: [planned('fault-1', { driver: 'process', undo: stopped })],
    r2: [planned('fault-1', { driver: 'process', undo: stopped }), removed('fault-1')],
    r3: [planned('fault-1', {}), planned('fault-2', { driver: 'process' })],
  });
  expect(asked).toEqual([stopped]);
  expect(ends).toEqual([
    { run: 'r1', type: 'fault.removed', fault: 'fault-1', proxy: 'source', by: 'heal', rung: 'continued' },
  ]);
  expect(faultLines(healed)).toEqual(['undone  frozen on source (run r1): continued']);
  expect(faultsExit(healed)).toBe(exit.passed);
});

test('what is undone by a command is undone by the one of the project, with what was planned', async () => {
  const unless = { pid: 7, startTime: '1' };
  const env = { SIAGA_FAULT: '{"queue":"orders"}' };
  const { asked } = await heal({
    r1: [
      planned('fault-1', { driver: 'process', kind: 'killed', undo: { replay: 'command', env: {}, unless } }),
      planned('fault-2', { driver: 'own', kind: 'queue-full', undo: { replay: 'command', env } }),
    ],
  });
  expect(asked).toMatchObject([
    { replay: 'command', command: ['drain', '--all'], env, timeoutMs: 4_000, secrets: ['s3cret'] },
    { replay: 'command', command: ['start', 'source'], unless, timeoutMs: 5_000, step: 'restarted' },
  ]);
});

test('one that stays is named and ends with exit code 4, and is tried again the next time', async () => {
  const drafts = [planned('fault-1', { driver: 'own', kind: 'queue-full', undo: stopped })];
  const { healed, ends } = await heal({ r1: drafts }, ({ id }) => ({
    id,
    outcome: 'stuck',
    tried: ['it hangs'],
  }));
  expect(faultLines(healed)).toEqual(['STUCK   queue-full on source (run r1): it hangs']);
  expect(ends).toMatchObject([{ type: 'fault.stuck', tried: ['it hangs'] }]);
  expect(faultsExit(healed)).toBe(exit.rollbackFailed);
});

test('one whose project knows no undo any more is stuck', async () => {
  const undo = { replay: 'command', env: {} } as const;
  const { healed, asked } = await heal({ r1: [planned('fault-1', { driver: 'own', kind: 'gone', undo })] });
  expect([asked, faultsExit(healed)]).toEqual([[], exit.rollbackFailed]);
  expect(faultLines(healed).join('\n')).toContain('this project says no more how gone on source is undone');
});

test('one of a run that may be alive is left alone, and said', async () => {
  const drafts = [planned('fault-1', { driver: 'process', undo: stopped })];
  const { healed, asked, ends } = await heal({ r1: drafts }, undefined, ['r1']);
  expect([asked, ends, faultsExit(healed)]).toEqual([[], [], exit.inconclusive]);
  expect(faultLines(healed)).toEqual([
    'left    frozen on source (run r1): its run may be alive; --force undoes it all the same',
  ]);
});

const off = { values: { FALLBACK: 'off' }, before: { FALLBACK: 'on' } };
const togglesPlanned = (place: string): Draft => ({
  type: 'toggle.planned',
  data: { ...off, experiment: 'e', purpose: 'prepare', via: 'set', place },
});
const restored: Draft = {
  type: 'toggle.applied',
  data: { values: { FALLBACK: 'on' }, purpose: 'restore', via: 'set', by: 'heal', durationMs: 1, ok: true },
};

test('toggles that a dead run left are undone by a recipe as faults are, after them, and its ledger says so', async () => {
  const { healed, asked, ends } = await heal(
    {
      r1: [togglesPlanned('http://s/toggles'), planned('fault-1', { driver: 'process', undo: stopped })],
      r2: [togglesPlanned('http://another/toggles')],
    },
    ({ id, recipe }) => ({
      id,
      outcome: 'undone',
      step: 'undone',
      ...(recipe.replay === 'toggles' && { events: [restored] }),
    }),
  );
  const method = {
    read: { url: 'http://s/toggles' },
    timeoutMs: 9_000,
    change: { command: ['set', 'toggles'] },
  };
  const changes = { FALLBACK: { before: 'on', set: ['off'] } };
  expect(asked).toEqual([
    stopped,
    expect.objectContaining({
      replay: 'toggles',
      normal: { FALLBACK: 'on' },
      changes,
      secrets: ['t0ken', 's3cret'],
    }),
  ]);
  expect(asked[1]).toMatchObject({ method });
  expect(ends.map(({ run, type }) => `${run} ${type}`)).toEqual(['r1 fault.removed', 'r1 toggle.applied']);
  expect(healed.toggles).toMatchObject([
    { entry: { run: 'r1', state: 'planned' }, end: { outcome: 'undone' } },
  ]);
});

test('toggles of a run that may be alive are left alone', async () => {
  const { healed, asked } = await heal({ r1: [togglesPlanned('http://s/toggles')] }, undefined, ['r1']);
  expect([asked, healed.toggles.map(({ end }) => end)]).toEqual([[], [undefined]]);
});
