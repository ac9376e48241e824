import { expect, test } from 'vitest';
import type { Draft, Journal, SiagaEvent } from '../event/envelope.ts';
import { watchToggles } from './toggle-watch.ts';

const minute = 60_000;

/** Seconds at which a reading was written, and whether it could be read, while one is made every ten seconds. */
async function written(readable: (second: number) => boolean, seconds: number) {
  const told: [second: number, ok: boolean][] = [];
  const over = Promise.withResolvers<void>();
  let now = 100 * minute;
  const second = () => (now - 100 * minute) / 1_000;
  const append = (draft: Draft) => {
    if (draft.type === 'toggle.read') told.push([second(), draft.data.ok]);
    return draft as SiagaEvent;
  };
  const watch = watchToggles({
    journal: { append } as unknown as Journal,
    clock: {
      now: () => now,
      monotonic: () => now,
      async sleep(ms) {
        now += ms;
        if (second() < seconds) return;
        over.resolve();
        await new Promise((woken) => setImmediate(woken));
      },
    },
    actuator: {
      place: 'http://127.0.0.1/toggles',
      read: () => (readable(second()) ? Promise.resolve({ A: '1' }) : Promise.reject(new Error('refused'))),
    },
    normal: { A: '1' },
    everyMs: 10_000,
    bucketMs: minute,
  });
  await over.promise;
  await watch.stop();
  return told.filter(([at]) => at < seconds);
}

test('toggles that stay as they are are told once in every bucket', async () => {
  expect(await written(() => true, 180)).toEqual([
    [0, true],
    [60, true],
    [120, true],
  ]);
});

test('row 21: toggles that can no longer be read are told so in every bucket, never as they were', async () => {
  expect(await written((second) => second < 30, 180)).toEqual([
    [0, true],
    [30, false],
    [60, false],
    [120, false],
  ]);
});
