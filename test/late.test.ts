import { expect, test } from 'vitest';
import { expectBy } from './support/late.ts';

/** An assertion that fails the first so many times, on a machine on which a program takes so long to start. */
async function held(fails: number, startMs: number): Promise<string> {
  let left = fails;
  const assertion = () => {
    if (left-- > 0) throw new Error('not yet');
  };
  const machine = { neverMs: 200, startMs: () => Promise.resolve(startMs) };
  return await expectBy(20, performance.now(), assertion, machine).then(
    () => 'held',
    ({ message }: Error) => message,
  );
}

test('what holds in time is held, on any machine', async () => {
  expect(await held(0, 1)).toBe('held');
});

test('what comes late is told with both times, except where the machine is slower by as much', async () => {
  expect(await held(1, 40)).toMatch(
    /^after \d+ ms instead of 20 ms; an empty program started within 40 ms meanwhile$/,
  );
  expect(await held(1, 150_000)).toBe('held');
});

test('what never comes fails as the assertion does, however slow the machine is', async () => {
  expect(await held(Infinity, 150_000)).toBe('not yet');
});
