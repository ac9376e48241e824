import { expect, test } from 'vitest';
import type { SiagaEvent } from '../event/envelope.ts';
import { Change } from './change.ts';
import type { Effect, Reporter, Undone } from './contract.ts';
import type { Recipe } from './recipe.ts';

const recipe = { replay: 'process', process: { pid: 7, startTime: '1' }, signal: 'SIGCONT' } as const;
const other: Recipe = { ...recipe, process: { pid: 8, startTime: '1' } };
const making = { pid: 9, startTime: '1' };
const back: Undone = { done: true, step: 'continued' };
const stuck: Undone = { done: false, why: 'left', tried: ['it still stands'] };

/** A change whose guard, journal and effect say in one list what they were asked, and what the guard holds. */
async function plan(effect: Partial<Effect> & { readonly ends?: true } = {}, lost = false) {
  const log: string[] = [];
  const held = new Map<string, unknown>();
  let now = 0;
  const { ends, ...own } = effect;
  const planning = Change.plan(
    {
      effect: {
        ...(!ends && { recipe, waitMs: 50 }),
        inject: async () => (log.push('injected'), 'stopped'),
        confirm: async () => ({ state: 'as-set' }),
        undo: async () => back,
        ...own,
      },
      pending: { id: 'r fault-1', order: 'first' },
      planned: { type: 'drill.lease', data: {} as never },
    },
    {
      clock: { now: () => now, monotonic: () => now, sleep: async (ms) => void (now += ms) },
      journal: { append: ({ type }) => (log.push(`wrote ${type}`), {} as SiagaEvent) },
      guard: {
        async pending({ id, ...rest }) {
          if (lost) throw new Error('the guard ended');
          held.set(id, rest);
          log.push('guard knows');
        },
        settled: (id) => void held.delete(id),
        own: (pid) => void log.push(`owns ${pid}`),
      },
    },
  );
  return { planning, log, held, now: () => now };
}

test('a change is made only once it is written down and the guard knows how it is undone', async () => {
  const { planning, log, held } = await plan();
  const change = await planning;
  expect(await change.apply()).toBe('stopped');
  expect(log).toEqual(['wrote drill.lease', 'guard knows', 'injected']);
  expect([...held]).toEqual([['r fault-1', { order: 'first', recipe }]]);
});

test('one that the guard does not take is not made', async () => {
  const { planning } = await plan({}, true);
  await expect(planning).rejects.toThrow('the guard ended');
});

test('the guard forgets it once it reads back as undone, and not before', async () => {
  const ends = [stuck, stuck, back];
  const { planning, held, now } = await plan({ undo: async () => ends.shift() ?? stuck });
  const change = await planning;
  expect(await change.undo()).toEqual(stuck);
  expect(held.size).toBe(1);
  expect(await change.undo(2)).toEqual(back);
  expect([held.size, now()]).toEqual([0, 500]);
});

test('one that is left to a person is none of the guard any more', async () => {
  const { planning, held } = await plan({ undo: async () => stuck });
  const change = await planning;
  await change.undo();
  change.release();
  expect(held.size).toBe(0);
});

const acting = async (reporter: Reporter) => {
  await ending(reporter);
  await reporter.replan(other);
  return null;
};

const ending = async ({ changing, started }: Reporter) => {
  await changing(making);
  started({ pid: 10, startTime: '1' });
  return null;
};

test('while it acts, the guard learns what makes it and that it is undone another way', async () => {
  const { planning, held, log } = await plan({ inject: acting });
  await (await planning).apply();
  const waitFor = { processes: [making], waitMs: 50 };
  expect([...held.values()]).toEqual([{ order: 'first', waitFor, recipe: other }]);
  expect(log.filter((line) => line.startsWith('owns'))).toEqual([]);
});

test('what ends with this process is not pending: what was started for it ends with it too', async () => {
  const { planning, held, log } = await plan({ ends: true, inject: ending });
  await (await planning).apply();
  expect([held.size, log.slice(1)]).toEqual([0, ['owns 9', 'owns 10']]);
});
