import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMetrics } from '../metrics.ts';
import { Breaker, BreakerOpen } from './breaker.ts';

const halfOpenAfterMs = 60_000;
const works = (): Promise<string> => Promise.resolve('answer');
const fails = (): Promise<never> => Promise.reject(new Error('down'));

describe('a breaker', () => {
  const metrics = createMetrics();
  let breaker: Breaker;

  beforeEach(() => {
    vi.useFakeTimers();
    metrics.breakerTransitions.reset();
    breaker = new Breaker({ name: 'coinapi', halfOpenAfterMs, metrics, logger: pino({ level: 'silent' }) });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  async function fail(times: number): Promise<void> {
    for (let time = 0; time < times; time += 1) {
      // oxlint-disable-next-line no-await-in-loop
      await expect(breaker.run(fails)).rejects.toThrow('down');
    }
  }

  async function transitions(): Promise<string[]> {
    const { values } = await metrics.breakerTransitions.get();
    return values.map(({ labels, value }) => `${labels.from} to ${labels.to}: ${value}`);
  }

  it('opens at the fifth failure in a row', async () => {
    await fail(4);
    expect(breaker.state).toBe('closed');
    await fail(1);
    expect(breaker.state).toBe('open');
  });

  it('forgets failures when a call succeeds', async () => {
    await fail(4);
    await breaker.run(works);
    await fail(4);
    expect(breaker.state).toBe('closed');
  });

  it('makes no call while it is open', async () => {
    await fail(5);
    const call = vi.fn<() => Promise<string>>(works);
    await expect(breaker.run(call)).rejects.toBeInstanceOf(BreakerOpen);
    await expect(breaker.trial(call)).rejects.toBeInstanceOf(BreakerOpen);
    expect(call).not.toHaveBeenCalled();
  });

  it('lets a trial through after sixty seconds, but no user (R8)', async () => {
    await fail(5);
    vi.advanceTimersByTime(halfOpenAfterMs);
    await expect(breaker.run(works)).rejects.toBeInstanceOf(BreakerOpen);
    await expect(breaker.trial(works)).resolves.toBe('answer');
    expect(breaker.state).toBe('closed');
  });

  it('waits another sixty seconds when the trial fails', async () => {
    await fail(5);
    vi.advanceTimersByTime(halfOpenAfterMs);
    await expect(breaker.trial(fails)).rejects.toThrow('down');
    vi.advanceTimersByTime(halfOpenAfterMs - 1);
    await expect(breaker.trial(works)).rejects.toBeInstanceOf(BreakerOpen);
    vi.advanceTimersByTime(1);
    await expect(breaker.trial(works)).resolves.toBe('answer');
  });

  it('counts each of its transitions', async () => {
    await fail(5);
    vi.advanceTimersByTime(halfOpenAfterMs);
    await breaker.trial(works);
    expect(await transitions()).toEqual([
      'closed to open: 1',
      'open to half_open: 1',
      'half_open to closed: 1',
    ]);
  });

  it('is closed by a reset, with five failures ahead of it again', async () => {
    await fail(5);
    breaker.reset();
    expect(breaker.state).toBe('closed');
    await fail(4);
    expect(breaker.state).toBe('closed');
    expect(await transitions()).toEqual(['closed to open: 1', 'open to closed: 1']);
  });
});
