import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { BreakableProcess, ProcessInjection } from '../../chaos/ports.ts';
import { identify, isAlive, stateOf } from '../../tools/process.ts';
import { noReporter } from '../../effect/testing/reporter.ts';
import { processFaults } from './process.ts';

const runs = /^[DRS]$/;

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'siaga-process-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const pidFile = () => join(folder, 'source.pid');

/** A process of the target, its number in a file. */
function startSource(): ChildProcess {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  writeFileSync(pidFile(), `${child.pid}\n`);
  return child;
}

const place = (over: Partial<BreakableProcess> = {}): BreakableProcess => ({
  name: 'source',
  address: '127.0.0.1:1',
  pidFile: pidFile(),
  endsWithRun: false,
  ...over,
});

const prepare = (kind: 'frozen' | 'killed', over: Partial<BreakableProcess> = {}, process = 'source') => {
  const injection: ProcessInjection = { owner: { run: 'r', n: 1, expiresAt: 0 }, process, fault: { kind } };
  return processFaults([place(over)]).prepare(injection);
};

describe('a process that is frozen', () => {
  it('stands still, and goes on', async () => {
    const { pid = 0 } = startSource();
    const effect = await prepare('frozen');
    expect(effect.recipe).toEqual({ replay: 'process', process: identify(pid), signal: 'SIGCONT' });
    expect(await effect.inject(noReporter)).toEqual({ pid, state: 'stopped' });
    expect(stateOf(identify(pid))).toBe('T');
    expect(await effect.confirm()).toEqual({ state: 'as-set' });
    expect(await effect.undo(noReporter)).toEqual({ done: true, step: 'continued' });
    expect(stateOf(identify(pid))).toMatch(runs);
  });

  it('and let go on by somebody is not as it was set, and nothing is left to undo', async () => {
    const { pid = 0 } = startSource();
    const effect = await prepare('frozen');
    await effect.inject(noReporter);
    process.kill(pid, 'SIGCONT');
    await expect.poll(effect.confirm).toMatchObject({ state: 'gone', why: `process ${pid} runs again` });
    expect(await effect.undo(noReporter)).toEqual({ done: true, step: 'already-gone' });
  });

  it('and ended by somebody is gone: no other process is signalled in its place', async () => {
    const child = startSource();
    const effect = await prepare('frozen');
    await effect.inject(noReporter);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const next = startSource();
    expect(await effect.confirm()).toMatchObject({ state: 'gone', why: `process ${child.pid} has ended` });
    expect(await effect.undo(noReporter)).toEqual({ done: true, step: 'process-gone' });
    expect(stateOf(identify(next.pid ?? 0))).toMatch(runs);
  });

  it('already is not frozen once more', async () => {
    startSource().kill('SIGSTOP');
    await expect.poll(() => prepare('frozen').catch(({ code }) => code)).toBe('process-stopped');
  });
});

const restarting = (script: string): Partial<BreakableProcess> => ({
  restart: {
    replay: 'command',
    command: ['sh', '-c', script],
    cwd: folder,
    env: {},
    timeoutMs: 5_000,
    secrets: [],
  },
});

describe('a process that is killed', () => {
  it('is started again by its command, and is known by the recipe for who it was', async () => {
    const { pid = 0 } = startSource();
    const id = identify(pid);
    const effect = await prepare('killed', restarting('sleep 60 >/dev/null 2>&1 & echo $! > source.pid'));
    expect(effect.recipe).toMatchObject({ replay: 'command', unless: id });
    expect(await effect.inject(noReporter)).toEqual({ pid, state: 'ended' });
    expect(await effect.confirm()).toEqual({ state: 'as-set' });
    expect(await effect.undo(noReporter)).toEqual({ done: true, step: 'restarted' });
    const { why } = (await effect.confirm()) as { why: string };
    const next = Number(/process (\d+) took its place/.exec(why)?.[1]);
    expect(isAlive(identify(next))).toBe(true);
    process.kill(next, 'SIGKILL');
  });

  it.each([
    ['that fails', 'exit 7', 'exit code 7'],
    ['after which nobody is there', 'true', 'no process took its place'],
  ])('by a command %s is stuck', async (_, script, why) => {
    startSource();
    const effect = await prepare('killed', restarting(script));
    await effect.inject(noReporter);
    expect(await effect.undo(noReporter)).toMatchObject({
      done: false,
      tried: [expect.stringContaining(why)],
    });
  });

  it('needs no undo after this process where it ends with it', async () => {
    startSource();
    expect(await prepare('killed', { ...restarting('true'), endsWithRun: true })).not.toHaveProperty(
      'recipe',
    );
  });

  it('without a command that starts it again is left alone', async () => {
    const { pid = 0 } = startSource();
    await expect(prepare('killed')).rejects.toMatchObject({ code: 'no-restart', exitCode: 2 });
    expect(stateOf(identify(pid))).toMatch(runs);
  });
});

describe('nothing is touched', () => {
  it.each<[string, string | undefined, string, number]>([
    ['where the file holds no number', 'none', 'no-process', 3],
    ['where there is no file', undefined, 'no-process', 3],
    ['where the process has ended', '999999999', 'no-process', 3],
    ['where it is Siaga itself', String(process.pid), 'not-a-target', 2],
    ['where Siaga runs under it', String(process.ppid), 'not-a-target', 2],
  ])('%s', async (_, content, code, exitCode) => {
    if (content !== undefined) writeFileSync(pidFile(), content);
    await expect(prepare('frozen')).rejects.toMatchObject({ code, exitCode });
  });

  it('where the process that listens is Siaga itself, or there is none', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { pidFile: _, ...listening } = place({ address });
    const injection = {
      owner: { run: 'r', n: 1, expiresAt: 0 },
      process: 'source',
      fault: { kind: 'frozen' },
    } as const;
    const faults = processFaults([listening]);
    await expect(faults.prepare(injection)).rejects.toMatchObject({ code: 'not-a-target' });
    server.close();
    await once(server, 'close');
    await expect(faults.prepare(injection)).rejects.toMatchObject({ code: 'no-process' });
  });

  it('where the target names no such process', async () => {
    startSource();
    await expect(prepare('frozen', {}, 'other')).rejects.toMatchObject({
      code: 'unknown-process',
      exitCode: 2,
    });
  });
});
