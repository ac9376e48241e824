import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Sandbox } from '../../test/support/sandbox.ts';

const script = `
const { withLock } = await import(process.argv[1] + '/src/tools/lock.ts');
const { writePrivately } = await import(process.argv[1] + '/launcher/system/state.ts');
const { writeReports } = await import(process.argv[1] + '/src/adapter/report-folder.ts');
const { openStore } = await import(process.argv[1] + '/src/store/store.ts');
const state = process.argv[2] + '/.siaga';
await withLock(state + '/lock', { onWait: () => {} }, async () => writePrivately(state + '/reference.json', '{}'));
openStore(state + '/siaga.db').close();
writeReports(process.argv[2] + '/given', new Map([['report.md', 'x'], ['plots/a.svg', 'x']]));`;

/** Everything that a process with this umask creates, by path, with its mode. */
function createdUnder(umask: string, folder: string): ReadonlyMap<string, number> {
  chmodSync(folder, 0o755);
  const root = join(import.meta.dirname, '../..');
  const command = `umask ${umask}; mkdir given; exec "$0" --disable-warning=ExperimentalWarning -e "$1" "$2" "$3"`;
  execFileSync('sh', ['-c', command, process.execPath, script, root, folder], { cwd: folder });
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path !== 'given' && path !== 'bin',
  );
  return new Map(paths.map((path) => [path, statSync(join(folder, path)).mode & 0o777]));
}

/** What another user can read, change or add to. */
function openToNobody(paths: readonly string[], folder: string): readonly string[] {
  const asNobody = (words: string, path: string): boolean =>
    spawnSync('sh', ['-c', words, join(folder, path)], { uid: 65_534, gid: 65_534 }).status === 0;
  expect(asNobody('test -d "$0"', '.')).toBe(true);
  return paths.filter((path) =>
    asNobody('test -r "$0" || test -w "$0" || (echo x > "$0"/y) 2> /dev/null', path),
  );
}

const isRoot = process.getuid?.() === 0;

describe('hostile: a second user of the machine', () => {
  it.each(['000', '022'])('has no right to what is created under umask %s', (umask) => {
    using sandbox = new Sandbox();
    const modes = createdUnder(umask, sandbox.folder);
    expect([...modes.keys()]).toEqual(expect.arrayContaining(['.siaga/lock', 'given/report.md']));
    const folders = new Set(['.siaga', 'given/plots']);
    for (const [path, mode] of modes) {
      const allowed = !folders.has(path) ? 0o600 : isRoot && path === '.siaga' ? 0o711 : 0o700;
      expect([path, mode.toString(8)]).toEqual([path, allowed.toString(8)]);
    }
    // Only root can become somebody else.
    expect(isRoot ? openToNobody([...modes.keys()], sandbox.folder) : []).toEqual([]);
  });
});
