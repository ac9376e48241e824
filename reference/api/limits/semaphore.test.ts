import { describe, expect, it } from 'vitest';
import { NoPermit, Semaphore } from './semaphore.ts';

describe('a semaphore', () => {
  it('gives a permit to who waits when another is released', async () => {
    const semaphore = new Semaphore(1, 5);
    const release = await semaphore.acquire(1_000);
    const waiting = semaphore.acquire(1_000);
    expect([semaphore.inUse, semaphore.waiting]).toEqual([1, 1]);
    release();
    await waiting;
    expect([semaphore.inUse, semaphore.waiting]).toEqual([1, 0]);
  });

  it('gives permits in the order in which they were asked for', async () => {
    const semaphore = new Semaphore(1, 5);
    const order: string[] = [];
    const release = await semaphore.acquire(1_000);
    const take = async (name: string): Promise<void> => {
      const done = await semaphore.acquire(1_000);
      order.push(name);
      done();
    };
    const all = Promise.all([take('first'), take('second'), take('third')]);
    release();
    await all;
    expect(order).toEqual(['first', 'second', 'third']);
  });

  it('refuses at once when the queue is full', async () => {
    const semaphore = new Semaphore(1, 0);
    await semaphore.acquire(1_000);
    await expect(semaphore.acquire(1_000)).rejects.toMatchObject({ reason: 'queue-full' });
  });

  it('refuses who has waited too long, and keeps no trace of it', async () => {
    const semaphore = new Semaphore(1, 5);
    const release = await semaphore.acquire(1_000);
    await expect(semaphore.acquire(5)).rejects.toBeInstanceOf(NoPermit);
    release();
    expect([semaphore.inUse, semaphore.waiting]).toEqual([0, 0]);
  });

  it('counts a release once', async () => {
    const semaphore = new Semaphore(2, 5);
    const release = await semaphore.acquire(1_000);
    await semaphore.acquire(1_000);
    release();
    release();
    expect(semaphore.inUse).toBe(1);
  });

  it('gives new permits when it grows, and fewer when it shrinks', async () => {
    const semaphore = new Semaphore(1, 5);
    const first = await semaphore.acquire(1_000);
    const second = semaphore.acquire(1_000);
    semaphore.resize(2);
    await second;
    semaphore.resize(1);
    first();
    await expect(semaphore.acquire(5)).rejects.toMatchObject({ reason: 'waited-too-long' });
  });
});
