import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withLock } from './lock.ts';
import { Sandbox } from '../../test/support/sandbox.ts';

const holder = `const { withLock } = await import(process.argv[1]);
await withLock(process.argv[2], { onWait: () => {} }, async () => {
  process.stdout.write('held');
  await new Promise((done) => setTimeout(done, 60_000));
});`;

describe('a lock', () => {
  it('lets one in at a time and says who holds it', async () => {
    using sandbox = new Sandbox();
    const file = join(sandbox.folder, 'locks', 'x');
    const order: string[] = [];
    const hold = (name: string, ms: number) =>
      withLock(file, { onWait: (who) => order.push(`${name} waits for ${who}`) }, async () => {
        order.push(`${name} in`);
        await new Promise((done) => setTimeout(done, ms));
        order.push(`${name} out`);
      });
    const first = hold('a', 50);
    await new Promise((done) => setTimeout(done, 10));
    await Promise.all([first, hold('b', 0)]);
    expect(order).toEqual(['a in', `b waits for process ${process.pid}`, 'a out', 'b in', 'b out']);
  });

  it('is free again when its holder was killed', async () => {
    using sandbox = new Sandbox();
    const file = join(sandbox.folder, 'x');
    const module = new URL('lock.ts', import.meta.url).href;
    const child = spawn(process.execPath, ['--input-type=module', '-e', holder, module, file]);
    await new Promise((done) => child.stdout.once('data', done));
    await expect(withLock(file, { onWait: () => {}, timeoutMs: 150 }, async () => 1)).rejects.toThrow(
      'still held',
    );
    child.kill('SIGKILL');
    expect(await withLock(file, { onWait: () => {}, timeoutMs: 5_000 }, async () => 'mine')).toBe('mine');
  });

  it('is free again when the work failed', async () => {
    using sandbox = new Sandbox();
    const file = join(sandbox.folder, 'x');
    const broken = withLock(file, { onWait: () => {} }, async () => {
      throw new Error('broken');
    });
    await expect(broken).rejects.toThrow('broken');
    expect(await withLock(file, { onWait: () => {}, timeoutMs: 0 }, async () => 'mine')).toBe('mine');
  });

  it('is waited for no longer than the caller wants to', async () => {
    using sandbox = new Sandbox();
    const file = join(sandbox.folder, 'x');
    await withLock(file, { onWait: () => {} }, async () => {
      const second = withLock(file, { onWait: () => {}, signal: AbortSignal.timeout(50) }, async () => 2);
      await expect(second).rejects.toThrow('timeout');
    });
  });
});
