import { expect, test } from 'vitest';
import type { Pending, Recipe, Settled } from '../effect/recipe.ts';
import type { Draft } from '../event/envelope.ts';
import { undoEverything } from './policy.ts';
import type { LoadReplayer, Replayer, Replayers } from './policy.ts';

const process = { pid: 1, startTime: '1' };
const recipes = {
  toxiproxy: { replay: 'toxiproxy', url: 'http://t', proxy: 'web', toxics: ['x'] },
  'toxiproxy-lease': { replay: 'toxiproxy-lease', url: 'http://t', run: 'r', known: [] },
  process: { replay: 'process', process, signal: 'SIGCONT' },
  toggles: {
    replay: 'toggles',
    method: { via: 'v', read: { url: 'http://a' }, change: { kind: 'none' }, timeoutMs: 1 },
    normal: {},
    changes: {},
    secrets: [],
  },
} as const satisfies Partial<Record<Recipe['replay'], Recipe>>;

const orders = { toxiproxy: 'first', process: 'first', toggles: 'then', 'toxiproxy-lease': 'last' } as const;
const pending = (id: string, replay: keyof typeof recipes, more: Partial<Pending> = {}): Pending => ({
  id,
  order: orders[replay],
  fault: { fault: id, proxy: 'web' },
  recipe: recipes[replay],
  ...more,
});

/** A time in which everything takes what it says, and nothing else any. */
function play(all: readonly Pending[], answer: (id: string, n: number, now: number) => Settled, tookMs = 0) {
  let now = 0;
  const log: string[] = [];
  const drafts: Draft[] = [];
  const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    const end = now + ms;
    // Whatever else is ready goes first.
    for (let n = 0; n < 20; n++) await Promise.resolve();
    signal?.throwIfAborted();
    now = Math.max(now, end);
  };
  const asked = new Map<string, number>();
  const replayer: Replayer = {
    attempts: Infinity,
    async undo(group) {
      log.push(`${now} ${group.map(({ id }) => id).join('+')}`);
      if (tookMs > 0) await sleep(tookMs);
      return group.map(({ id }) => {
        asked.set(id, (asked.get(id) ?? 0) + 1);
        return answer(id, asked.get(id) ?? 0, now);
      });
    },
  };
  const load: LoadReplayer = () => Promise.resolve(() => replayer);
  const own = (): LoadReplayer => () => Promise.resolve(() => ({ ...replayer }));
  const replayers: Replayers = {
    toxiproxy: load,
    'toxiproxy-lease': load,
    process: own(),
    toggles: own(),
    command: () => Promise.reject(new Error('no such file')),
    module: own(),
  };
  const done = undoEverything(all, {
    clock: { now: () => now, monotonic: () => now, sleep },
    replayers,
    endChildren: async () => void log.push(`${now} children`),
    outlast: (_, ms) => sleep(ms),
    report: async (news) => {
      log.push(`${now} report`);
      drafts.push(...news);
    },
  });
  return done.then(() => ({ log, drafts, now }));
}

const undone = (id: string): Settled => ({ id, outcome: 'undone', step: 'toxic-deleted' });
const stuck = (id: string): Settled => ({ id, outcome: 'stuck', tried: ['it did not help'] });

test('faults come first, those of one place together; then children, then toggles, and the lease last', async () => {
  const all = [
    pending('lease', 'toxiproxy-lease'),
    pending('toggles', 'toggles'),
    pending('a', 'toxiproxy'),
    pending('stopped', 'process'),
    pending('b', 'toxiproxy'),
  ];
  const { log } = await play(all, undone);
  expect(log.map((line) => line.slice(2))).toEqual([
    'a+b',
    'stopped',
    'children',
    'report',
    'toggles',
    'lease',
    'report',
  ]);
});

test('what may still be made is waited for, and keeps nothing else waiting', async () => {
  const waitFor = { processes: [process], waitMs: 5 };
  const { log } = await play([pending('a', 'toxiproxy', { waitFor }), pending('b', 'toxiproxy')], undone);
  expect(log).toEqual(['0 b', '0 children', '5 a', '5 report']);
});

test('what is stuck is tried again, alone, each second', async () => {
  const all = [pending('a', 'toxiproxy'), pending('b', 'toxiproxy')];
  const { log, drafts } = await play(all, (id, n) => (id === 'b' && n < 3 ? stuck(id) : undone(id)));
  expect(log).toEqual(['0 a+b', '0 children', '1000 b', '2000 b', '2000 report']);
  expect(drafts.map(({ type, data }) => [type, data])).toEqual([
    ['fault.removed', { fault: 'a', proxy: 'web', by: 'guard', rung: 'toxic-deleted' }],
    ['fault.removed', { fault: 'b', proxy: 'web', by: 'guard', rung: 'toxic-deleted' }],
  ]);
});

test('after a minute it gives up, says so, and lets go of the lease', async () => {
  const all = [pending('a', 'toxiproxy'), pending('lease', 'toxiproxy-lease', { fault: undefined } as never)];
  const { log, drafts, now } = await play(all, (id) => (id === 'a' ? stuck(id) : undone(id)));
  expect([log.at(-2), now]).toEqual(['60000 lease', 60_000]);
  expect(drafts).toEqual([
    { type: 'fault.stuck', data: { fault: 'a', proxy: 'web', tried: ['it did not help'] } },
  ]);
});

test('toggles wait for a fault that is stuck, and not for ever; what it came to is told later', async () => {
  const all = [pending('a', 'toxiproxy'), pending('toggles', 'toggles', { fault: undefined } as never)];
  const { log, drafts } = await play(all, (id, n) => (id === 'a' && n < 9 ? stuck(id) : undone(id)));
  const at = Number.parseInt(log.find((line) => line.endsWith(' toggles')) ?? '', 10);
  expect(at).toBeGreaterThan(0);
  expect(at).toBeLessThan(8_000);
  expect(drafts.map(({ type }) => type)).toEqual(['fault.stuck', 'fault.removed']);
});

test('what was never done ends in the ledger; what is somebody’s decision since is left alone', async () => {
  const all = [pending('a', 'toxiproxy'), pending('b', 'toxiproxy')];
  const { drafts } = await play(all, (id) => ({ id, outcome: id === 'a' ? 'already-gone' : 'others' }));
  expect(drafts).toMatchObject([{ type: 'fault.removed', data: { fault: 'a', rung: 'already-gone' } }]);
});

test('a recipe that cannot be replayed is stuck and keeps nothing else from being undone', async () => {
  const command = {
    replay: 'command',
    command: ['x'],
    cwd: '/',
    env: {},
    timeoutMs: 1,
    secrets: [],
  } as const;
  const unknown = { replay: 'of tomorrow' } as unknown as Recipe;
  const all = [
    pending('own', 'process', { recipe: command }),
    pending('later', 'process', { recipe: unknown }),
    pending('a', 'toxiproxy'),
  ];
  const { drafts } = await play(all, undone);
  expect(drafts.map(({ type, data }) => [type, 'tried' in data ? data.tried : ''])).toEqual([
    ['fault.stuck', ['no such file']],
    ['fault.stuck', ['this guard knows no such undo']],
    ['fault.removed', ''],
  ]);
});
