import { describe, expect, test } from 'vitest';
import type { Draft } from '../../event/envelope.ts';
import type { ToggleMethod } from '../../toggle/method.ts';
import { noReporter } from '../testing/reporter.ts';
import type { Reporter } from '../contract.ts';
import { toggleDriver } from './driver.ts';
import { differencesOf, wordsOf } from './set.ts';

const normal = { FALLBACK: 'on', LIMIT: '4' };
const method: ToggleMethod = {
  via: 'command',
  read: { url: 'http://a/toggles', bearer: 'token' },
  change: { kind: 'command', command: ['set'], cwd: '/shop', secrets: ['key'] },
  timeoutMs: 9,
};

const hidden = (from: Readonly<Record<string, string>>, names: readonly string[]) =>
  Object.fromEntries(Object.entries(from).filter(([name]) => !names.includes(name)));

/** A system whose toggles are these; those in `fixed` do not change, and those in `untold` are not told. */
function system({ fixed = [], untold = [] }: { fixed?: readonly string[]; untold?: readonly string[] } = {}) {
  let toggles: Readonly<Record<string, string>> = { ...normal };
  const actuator = {
    via: 'command',
    place: 'http://a/toggles',
    read: async () => hidden(toggles, untold),
    apply: async (values: Readonly<Record<string, string>>) => {
      toggles = { ...toggles, ...hidden(values, fixed) };
    },
  };
  const set = (values: Readonly<Record<string, string>>) => void (toggles = { ...toggles, ...values });
  return { actuator, set, now: () => toggles };
}

const clock = { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve() };
const off = { values: { FALLBACK: 'off' }, found: normal, earlier: {}, purpose: 'prepare' } as const;

describe('toggles as a driver', () => {
  test('says before anything is touched how it is undone, to what was found, with what is secret', async () => {
    const { actuator, now } = system();
    const driver = toggleDriver({ actuator, clock, normal, method });
    const found = { ...normal, LIMIT: '5' };
    const first = await driver.prepare({ ...off, found });
    const values = { FALLBACK: 'on', LIMIT: '9' };
    const { recipe, waitMs } = await driver.prepare({ ...off, values, found, earlier: first.changes });
    expect(recipe).toEqual({
      replay: 'toggles',
      method,
      normal,
      changes: { FALLBACK: { before: 'on', set: ['off', 'on'] }, LIMIT: { before: '5', set: ['9'] } },
      secrets: ['token', 'key'],
    });
    expect([waitMs, now()]).toEqual([9, normal]);
  });

  test('has no recipe where what is set ends with this process', async () => {
    const driver = toggleDriver({ actuator: system().actuator, clock, normal });
    expect((await driver.prepare(off)).recipe).toBeUndefined();
  });

  test('sets, confirms, and undoes in one setting what it and the change before it set', async () => {
    const { actuator, now, set } = system();
    const driver = toggleDriver({ actuator, clock, normal, method });
    const log: Draft[] = [];
    const reporter: Reporter = { ...noReporter, write: (draft) => void log.push(draft) };
    const first = await driver.prepare(off);
    expect(await first.inject(reporter)).toEqual({ FALLBACK: 'off' });
    const second = await driver.prepare({
      ...off,
      values: { LIMIT: '2' },
      earlier: first.changes,
      purpose: 'contain',
    });
    await second.inject(reporter);
    expect(await second.confirm()).toEqual({ state: 'as-set' });
    set({ LIMIT: '3' });
    expect(await second.confirm()).toEqual({ state: 'differs', got: 'LIMIT=3', allowed: 'LIMIT=2' });
    expect(await second.undo(reporter)).toEqual({ done: true, step: 'undone' });
    expect(now()).toEqual(normal);
    const said = log.map(({ type, data }) => (type === 'toggle.applied' ? data.purpose : type));
    expect(said).toEqual(['prepare', 'toggle.read', 'contain', 'toggle.read', 'restore', 'toggle.read']);
  });

  test('fails where a toggle does not take, and its undo says which one is left, with got and wanted', async () => {
    const { actuator, set } = system({ fixed: ['FALLBACK'] });
    const effect = await toggleDriver({ actuator, clock, normal, method }).prepare(off);
    await expect(effect.inject(noReporter)).rejects.toMatchObject({
      message: expect.stringContaining('toggles to prepare did not take: FALLBACK is on, not off'),
    });
    set({ FALLBACK: 'auto' });
    expect(await effect.undo(noReporter)).toEqual({
      done: false,
      why: 'left',
      tried: ['FALLBACK is auto, not on'],
      left: [{ name: 'FALLBACK', got: 'auto', wanted: 'on' }],
    });
  });

  test('is not undone while the system does not tell every toggle', async () => {
    const { actuator } = system({ untold: ['LIMIT'] });
    const effect = await toggleDriver({ actuator, clock, normal, method }).prepare(off);
    expect(await effect.undo(noReporter)).toMatchObject({
      done: false,
      left: [{ name: 'FALLBACK', got: 'unreadable', wanted: 'on' }],
    });
  });
});

test('a drill takes a toggle as it was written by the system, as whoever watches it does', () => {
  const wanted = { FALLBACK: 'true', LIMIT: '4', MODE: 'live' };
  expect(differencesOf({ FALLBACK: 'TRUE', LIMIT: '04', MODE: ' live' }, wanted)).toEqual([]);
  const left = differencesOf({ FALLBACK: 'false', LIMIT: '4', OTHER: 'x' }, wanted);
  expect(wordsOf(left)).toBe('FALLBACK is false, not true; MODE is not told, not live');
});
