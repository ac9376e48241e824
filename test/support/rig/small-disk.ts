import { spawnSync } from 'node:child_process';

/**
 * Words to put before a command line so that it finds a disk of 16 KiB at `folder`. Where nobody but root may mount,
 * not even in a namespace of one's own, no file of it may grow beyond that instead.
 */
export function smallDisk(folder: string): readonly string[] {
  const own = ['unshare', '--map-root-user', '--mount'];
  const [tool = '', ...flags] = own;
  if (spawnSync(tool, [...flags, 'true']).status === 0) {
    return [...own, 'sh', '-c', 'mount -t tmpfs -o size=16k tmpfs "$0" && exec "$@"', folder];
  }
  return ['sh', '-c', 'trap "" XFSZ; ulimit -f 32; exec "$@"', 'sh'];
}
