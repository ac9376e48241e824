import { mkdirSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Sandbox } from '../../test/support/sandbox.ts';
import { inspect, writeManifest } from './manifest.ts';

async function entryIn(sandbox: Sandbox): Promise<{ readonly folder: string; readonly large: string }> {
  const folder = join(sandbox.folder, 'entry');
  const large = join(folder, 'bin', 'large');
  mkdirSync(join(folder, 'bin'), { recursive: true });
  writeFileSync(large, Buffer.alloc(5_000_000, 'a'));
  await writeManifest(folder, { version: '1', main: 'bin/large', origin: 'a test' });
  return { folder, large };
}

describe('an entry of the cache', () => {
  it('is whole as it was written, and after a copy that lost its times', async () => {
    using sandbox = new Sandbox();
    const { folder, large } = await entryIn(sandbox);
    expect(await inspect(folder)).toMatchObject({ kind: 'whole', manifest: { version: '1' } });
    utimesSync(large, 1, 1);
    expect(await inspect(folder)).toMatchObject({ kind: 'whole' });
  });

  it('is damaged when a large file was cut short, even where its time says nothing', async () => {
    using sandbox = new Sandbox();
    const { folder, large } = await entryIn(sandbox);
    const { atime, mtime } = statSync(large);
    truncateSync(large, 4_999_999);
    utimesSync(large, atime, mtime);
    expect(await inspect(folder)).toEqual({
      kind: 'damaged',
      reason: 'bin/large has 4999999 of 5000000 bytes',
    });
  });

  it('is damaged when a large file was written to', async () => {
    using sandbox = new Sandbox();
    const { folder, large } = await entryIn(sandbox);
    writeFileSync(large, Buffer.alloc(5_000_000, 'b'));
    utimesSync(large, 1, 1);
    expect(await inspect(folder)).toEqual({ kind: 'damaged', reason: 'bin/large has other contents' });
  });

  it('is missing when there is none', async () => {
    using sandbox = new Sandbox();
    expect(await inspect(join(sandbox.folder, 'none'))).toEqual({ kind: 'missing' });
  });
});
