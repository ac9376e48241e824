import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { provisionContext } from '../../../src/tools/context.ts';
import { provide } from '../../../src/tools/provide.ts';
import { toxiproxy } from '../../../src/tools/toxiproxy.ts';
import { postgres } from '../../../launcher/sources/postgres.ts';
import { redis } from '../../../launcher/sources/redis.ts';
import { images } from '../../../launcher/sources/versions.ts';
import type { Dockerd } from './dockerd.ts';

// No image can be pulled everywhere these tests run. Each one that Siaga names is made from the same program as this
// machine runs it, and takes the arguments and variables of the official one.
const env = { ...process.env, SIAGA_SOURCE: 'processes' };
const context = provisionContext({ env, cwd: tmpdir(), progress: () => undefined });

export async function importImages(dockerd: Dockerd): Promise<void> {
  const proxies = await provide(toxiproxy, context);
  const cache = await provide(redis, context);
  const cacheDir = mkdtempSync(join(tmpdir(), 'siaga-image-'));
  // One that lies on PATH may be spread over the system; the embedded one is a folder.
  const database = await provide(postgres, { ...context, cacheDir, env: { ...env, PATH: '' } });
  importImage(dockerd, images.toxiproxy, ['ENTRYPOINT ["/bin/toxiproxy"]'], (root) => {
    addProgram(root, 'toxiproxy', proxies.location, proxies.env);
  });
  importImage(dockerd, images.redis, [], (root) => {
    addProgram(root, 'redis-server', cache.location, cache.env);
  });
  const asPostgres = ['ENTRYPOINT ["/bin/entry"]', 'USER 70', 'VOLUME /data'];
  importImage(dockerd, images.postgres, asPostgres, (root) => addPostgres(root, database.location));
  rmSync(cacheDir, { recursive: true });
}

const entry = `#!/bin/sh
set -e
printf %s "$POSTGRES_PASSWORD" > /data/password
/postgres/bin/initdb -D /data/cluster -U "$POSTGRES_USER" -A scram-sha-256 --pwfile=/data/password \\
  -E UTF8 --locale=C --no-sync > /dev/null
echo 'host all all all scram-sha-256' >> /data/cluster/pg_hba.conf
shift
exec /postgres/bin/postgres -D /data/cluster -c 'listen_addresses=*' -c unix_socket_directories= "$@"
`;

function addPostgres(root: string, location: string): void {
  cpSync(dirname(dirname(location)), join(root, 'postgres'), { recursive: true, verbatimSymlinks: true });
  for (const name of ['postgres', 'initdb']) addLibraries(root, join(dirname(location), name));
  addProgram(root, 'sh', '/bin/sh');
  writeFileSync(join(root, 'bin/entry'), entry);
  chmodSync(join(root, 'bin/entry'), 0o755);
  writeFileSync(join(root, 'etc/passwd'), 'postgres:x:70:70::/data:/bin/sh\n');
  mkdirSync(join(root, 'data'));
  chmodSync(join(root, 'data'), 0o777);
}

function addProgram(root: string, name: string, from: string, programEnv: NodeJS.ProcessEnv = {}): void {
  copyFileSync(from, join(root, 'bin', name));
  chmodSync(join(root, 'bin', name), 0o755);
  addLibraries(root, from, programEnv);
}

/** What a program is linked with: the loader where it is looked for, all else in one folder. */
function addLibraries(root: string, program: string, programEnv: NodeJS.ProcessEnv = {}): void {
  const { stdout } = spawnSync('ldd', [program], {
    env: { ...process.env, ...programEnv },
    encoding: 'utf8',
  });
  for (const [, path = ''] of stdout.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)) {
    const to = basename(path).startsWith('ld-') ? join(root, path) : join(root, 'libraries', basename(path));
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(path, to);
  }
}

function importImage(
  dockerd: Dockerd,
  image: string,
  changes: readonly string[],
  fill: (root: string) => void,
): void {
  const folder = mkdtempSync(join(tmpdir(), 'siaga-image-'));
  const root = join(folder, 'root');
  for (const name of ['bin', 'etc', 'tmp', 'libraries']) mkdirSync(join(root, name), { recursive: true });
  chmodSync(join(root, 'tmp'), 0o1777);
  fill(root);
  const tar = join(folder, 'root.tar');
  const packed = spawnSync('tar', ['-C', root, '-cf', tar, '.'], { encoding: 'utf8' });
  if (packed.status !== 0) throw new Error(packed.stderr);
  const all = ['ENV PATH=/bin', 'ENV LD_LIBRARY_PATH=/libraries', ...changes];
  dockerd.docker(['import', ...all.flatMap((change) => ['--change', change]), tar, image]);
  rmSync(folder, { recursive: true });
}
