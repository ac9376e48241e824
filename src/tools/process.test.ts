import { spawn } from 'node:child_process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hasEnded, identify, isAlive, markOf, startTimeIn, stopProcess, withEnvironment } from './process.ts';
import type { ProcessId } from '../kernel/ports.ts';

function start(script: string, env: Record<string, string> = {}) {
  const child = spawn('sh', ['-c', script], { env: { PATH: '/bin:/usr/bin', ...env } });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

function idOf({ pid }: { readonly pid?: number | undefined }): ProcessId {
  if (pid === undefined) throw new Error('it was not started');
  return identify(pid);
}

describe('a process', () => {
  it('is known by its number and the time it started', () => {
    const id = idOf(start('sleep 30'));
    expect(isAlive(id)).toBe(true);
    expect(isAlive({ ...id, startTime: '1' })).toBe(false);
  });

  it('that got the number of another is never stopped', async () => {
    const id = idOf(start('sleep 30'));
    expect(await stopProcess({ ...id, startTime: '1' }, 'SIGKILL', 100)).toBe(true);
    expect(isAlive(id)).toBe(true);
  });

  it('row 41: has ended for whoever knows its mark, on this machine only', async () => {
    const child = start('sleep 30');
    const mark = markOf(child.pid ?? 0);
    expect(mark.startTime).toMatch(/^\w+$/);
    expect([hasEnded(mark), hasEnded({ ...mark, startTime: '1' })]).toEqual([false, true]);
    await stopProcess(idOf(child), 'SIGKILL', 0);
    expect([hasEnded(mark), hasEnded({ ...mark, machine: 'another' })]).toEqual([true, false]);
  });

  it('is gone once it was stopped', async () => {
    const id = idOf(start('exec sleep 30'));
    expect(await stopProcess(id, 'SIGTERM', 3_000)).toBe(true);
    expect(isAlive(id)).toBe(false);
  });

  it('that ignores SIGTERM is killed', async () => {
    const child = start(`trap '' TERM; echo ready; while :; do sleep 0.05; done`);
    await new Promise((done) => child.stdout.once('data', done));
    const id = idOf(child);
    expect(await stopProcess(id, 'SIGTERM', 100)).toBe(true);
    expect(isAlive(id)).toBe(false);
  });

  it('that is a zombie is not alive', async () => {
    const parent = start('sleep 0 & echo $!; exec sleep 30');
    const pid = await new Promise<string>((done) => parent.stdout.once('data', (text) => done(String(text))));
    await new Promise((done) => setTimeout(done, 100));
    expect(isAlive({ pid: Number(pid), startTime: '' })).toBe(false);
  });

  it('is found by its environment where that can be read', async () => {
    const value = `x${Math.random()}`;
    const id = idOf(start('exec sleep 30', { SIAGA_OWNER: value }));
    const found = () => withEnvironment('SIAGA_OWNER', value);
    // A child has no environment of its own to be read until it has been executed.
    await expect.poll(found).toEqual(process.platform === 'linux' ? [id] : []);
    expect(withEnvironment('SIAGA_OWNER', value.slice(0, -1))).toEqual([]);
  });
});

const stat = (state: string, threads: number) =>
  `14711 (a (b) c) ${state} 14605 14711 14711 0 -1 4228108 603 0 0 0 0 0 0 0 20 0 ${threads} 0 2529405 0 0`;

describe('what /proc tells of a process that ends', () => {
  it('one is there while one of its threads is, since its ports are taken until then', () => {
    expect(startTimeIn(stat('S', 9))).toBe('2529405');
    expect(startTimeIn(stat('Z', 2))).toBe('2529405');
  });
  it('one has ended when none is left', () => {
    expect(startTimeIn(stat('Z', 1))).toBeUndefined();
    expect(startTimeIn(stat('X', 1))).toBeUndefined();
  });
});
