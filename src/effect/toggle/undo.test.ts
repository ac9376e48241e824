import { expect, test } from 'vitest';
import type { Draft } from '../../event/envelope.ts';
import { undoToggles } from './undo.ts';

/** A system that keeps what is set, and does not tell MODE. */
async function healed(by: 'guard' | 'heal') {
  let limit = '2';
  let now = 0;
  const applied: unknown[] = [];
  const log: Draft[] = [];
  const result = await undoToggles({
    actuator: {
      via: 'environment and restart',
      place: 'http://127.0.0.1/toggles',
      read: async () => ({ LIMIT: limit }),
      apply: async (values) => {
        applied.push(values);
        limit = values['LIMIT'] ?? limit;
      },
    },
    clock: { now: () => now, monotonic: () => now, sleep: async (ms) => void (now += ms) },
    normal: { LIMIT: '4', MODE: 'live' },
    changes: { LIMIT: { before: '4', set: ['2'] }, MODE: { before: 'live', set: ['safe'] } },
    by,
    write: (draft) => log.push(draft),
  });
  return { result, applied };
}

test('A7: heal puts back what the system tells, and leaves what it does not tell to a person', async () => {
  const { result, applied } = await healed('heal');
  expect(applied).toEqual([{ LIMIT: '4' }]);
  expect(result).toEqual({
    restored: { LIMIT: '4' },
    left: { MODE: 'live' },
    others: [],
    reason: 'not reported by http://127.0.0.1/toggles',
  });
});

test('A7: the guard sets back what is not told too, and says that it is not known to be back', async () => {
  const { result, applied } = await healed('guard');
  expect(applied[0]).toEqual({ LIMIT: '4', MODE: 'live' });
  expect(result).toMatchObject({ restored: { LIMIT: '4' }, left: { MODE: 'live' } });
});
