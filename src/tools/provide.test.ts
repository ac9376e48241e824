import { chmodSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { SiagaError } from '../kernel/errors.ts';
import { provide, survey } from './provide.ts';
import { k6Script, Sandbox } from '../../test/support/sandbox.ts';
import type { ProvisionContext, Tool } from './types.ts';

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function refusal(tool: Tool, context: ProvisionContext): Promise<SiagaError> {
  const error: unknown = await provide(tool, context).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof SiagaError) return error;
  throw new Error(`${tool} was provided, or failed otherwise: ${String(error)}`);
}

/** What was provided, or the error in the same flat form: something that a row of a table can state. */
async function outcome(tool: Tool, context: ProvisionContext): Promise<object> {
  try {
    return await provide(tool, context);
  } catch (error) {
    if (!(error instanceof SiagaError)) throw error;
    const { exitCode, message, facts } = error;
    return { exitCode, message, where: facts.where, got: facts.got };
  }
}

function taken(version: string) {
  return { source: 'given', version };
}

function refused(says: string) {
  return { exitCode: 3, message: expect.stringContaining(says) };
}

describe('a k6 that was given', () => {
  it.each([
    ['is taken when it is one', k6Script('1.8.1'), taken('1.8.1')],
    ['is taken at the lowest version', k6Script('1.7.0'), taken('1.7.0')],
    ['is taken in version 2', k6Script('2.2.0'), taken('2.2.0')],
    ['is refused when too old', k6Script('1.6.9'), refused('version 1.6.9, >=1.7.0 <3.0.0')],
    ['is refused when too new', k6Script('3.0.0'), refused('version 3.0.0')],
    ['is refused when it is something else', 'echo hello', refused('does not answer "version"')],
    ['is refused when it fails', 'echo k6 v1.8.1; exit 1', refused('exit code 1')],
    ['is refused when it only prints a version', 'echo "k6 v1.8.1"', refused('cannot inspect a script')],
  ])('%s', async (_, body, expected) => {
    using sandbox = new Sandbox();
    const path = sandbox.script('given/k6', body);
    sandbox.script('bin/k6', k6Script('1.8.0'));
    expect(await outcome('k6', sandbox.context({ SIAGA_K6: path }))).toMatchObject(expected);
  });

  it.each(['k6-2.2.0', 'k6 of the team', 'load-generator'])('may be called %s', async (name) => {
    using sandbox = new Sandbox();
    const path = sandbox.script(`given/${name}`, k6Script('2.2.0'));
    const provided = await outcome('k6', sandbox.context({ SIAGA_K6: path }));
    expect(provided).toMatchObject(taken('2.2.0'));
  });

  const wrong = [
    { it: 'is not there', value: 'nowhere/k6', says: 'does not exist' },
    { it: 'is a folder', value: 'bin', says: 'is not a file' },
    { it: 'is not executable', value: 'plain', says: 'is not executable' },
  ];
  it.each(wrong)('is a usage error when it $it', async ({ value, says }) => {
    using sandbox = new Sandbox();
    sandbox.script('plain', k6Script('1.8.1'), 0o644);
    const error = await refusal('k6', sandbox.context({ SIAGA_K6: value }));
    expect(error.exitCode).toBe(2);
    expect(error.message).toContain(says);
  });
});

describe('PATH', () => {
  it('gives the first k6 in range and says why others were passed over', async () => {
    using sandbox = new Sandbox();
    sandbox.script('old/k6', k6Script('0.49.0'));
    const good = sandbox.script('new/k6', k6Script('1.9.0'));
    const PATH = `${join(sandbox.folder, 'old')}:${join(sandbox.folder, 'new')}`;
    expect(await provide('k6', sandbox.context({ PATH }))).toMatchObject({ source: 'path', location: good });
    const onlyOld = await refusal('k6', sandbox.context({ PATH: join(sandbox.folder, 'old') }));
    expect(onlyOld.facts.got).toContain('version 0.49.0, >=1.7.0 <3.0.0 is needed');
  });

  it.each([
    [
      'k6',
      'k6',
      k6Script('1.8.1').replace('\'{"vus":7,"iterations":7}\'', "'{}'"),
      'cannot inspect a script',
    ],
    ['k6', 'k6', 'kill -9 $$', 'does not answer "version" as k6 does'],
    ['toxiproxy', 'toxiproxy-server', 'exit 1', 'does not answer "-version"'],
  ] as const)(
    'hostile: passes over a %s whose %s only says that it is one',
    async (tool, file, body, says) => {
      using sandbox = new Sandbox();
      sandbox.script(`bin/${file}`, body);
      expect((await refusal(tool, sandbox.context())).facts.got).toContain(says);
    },
  );

  it.each([
    ['toxiproxy', 'SIAGA_TOXIPROXY'],
    ['postgres', 'SIAGA_POSTGRES_URL'],
    ['redis', 'SIAGA_REDIS_URL'],
  ] as const)('hostile: a folder in place of a %s is told by its variable', async (tool, variable) => {
    using sandbox = new Sandbox();
    const error = await refusal(tool, sandbox.context({ [variable]: sandbox.bin }));
    expect(error).toMatchObject({ exitCode: 2, facts: { where: variable } });
  });

  it('hostile: a Postgres that is given with a password is never told with it', async () => {
    using sandbox = new Sandbox();
    for (const url of ['postgres://me:hunter22@127.0.0.1:1/db', 'postgres//me:hunter22@127.0.0.1']) {
      const error = await refusal('postgres', sandbox.context({ SIAGA_POSTGRES_URL: url }));
      expect(JSON.stringify({ ...error.facts, message: error.message })).not.toContain('hunter22');
    }
  });

  it('with Postgres clients and no server gives nothing', async () => {
    using sandbox = new Sandbox();
    sandbox.script('bin/psql', 'echo psql 17');
    const error = await refusal('postgres', sandbox.context());
    expect(error.facts.got).toContain('no postgres on PATH');
  });

  it('with postgres needs initdb too', async () => {
    using sandbox = new Sandbox();
    sandbox.script('bin/postgres', 'echo "postgres (PostgreSQL) 17.2"');
    expect((await refusal('postgres', sandbox.context())).facts.got).toContain('no initdb beside it');
    const initdb = sandbox.script('bin/initdb', 'true');
    const provided = await provide('postgres', sandbox.context());
    expect(provided).toMatchObject({ source: 'path', version: '17.2', companions: { initdb } });
  });

  const versions = [
    ['postgres', 'postgres', 'postgres (PostgreSQL) 12.9', 'version 12.9'],
    ['redis', 'redis-server', 'Redis server v=6.0.16 sha=0', 'version 6.0.16'],
    ['redis', 'redis-server', 'something', 'does not answer'],
    ['toxiproxy', 'toxiproxy-server', 'toxiproxy-server version 2.1.4', 'version 2.1.4'],
    ['toxiproxy', 'toxiproxy-server', 'something', 'does not answer'],
  ] as const;
  it.each(versions)('passes over a %s whose %s says "%s"', async (tool, file, line, says) => {
    using sandbox = new Sandbox();
    sandbox.script(`bin/${file}`, `echo "${line}"`);
    expect((await refusal(tool, sandbox.context())).facts.got).toContain(says);
  });

  const found = [
    ['redis', 'redis-server', 'Redis server v=7.2.4 sha=0', '7.2.4'],
    ['redis', 'valkey-server', 'Valkey server v=8.0.1 sha=0', '8.0.1'],
    ['toxiproxy', 'toxiproxy-server', 'toxiproxy-server version 2.12.0', '2.12.0'],
    ['toxiproxy', 'toxiproxy-server', 'toxiproxy-server version git', 'git'],
  ] as const;
  it.each(found)('gives a %s whose %s says "%s"', async (tool, file, line, version) => {
    using sandbox = new Sandbox();
    sandbox.script(`bin/${file}`, `echo "${line}"`);
    expect(await provide(tool, sandbox.context())).toMatchObject({ source: 'path', version });
  });
});

// A `go` that "builds" a k6 and counts how often it was asked to.
const goScript = `echo built >> "$HOME/count"
printf '#!/bin/sh\\necho "k6 v1.8.1"\\n' > "$GOBIN/k6"
chmod +x "$GOBIN/k6"`;

// Go names the packages it goes on with after the one that failed.
const goFailure = `echo "go: downloading x v1.0.0" >&2
echo "# runtime/cgo" >&2
echo "no compiler, cgo is $CGO_ENABLED" >&2
for each in 1 2 3 4 5 6 7; do echo "golang.org/x/term$each" >&2; done
exit 1`;

function builds(sandbox: Sandbox): number {
  return readFileSync(join(sandbox.folder, 'count'), 'utf8').split('built').length - 1;
}

describe('the cache', () => {
  it('is filled by a build, once for two who want it at once, and used from then on', async () => {
    using sandbox = new Sandbox();
    sandbox.script('bin/go', goScript);
    const context = sandbox.context({ HOME: sandbox.folder });
    const both = await Promise.all([provide('k6', context), provide('k6', context)]);
    expect(both.map(({ source }) => source)).toEqual(['built', 'built']);
    expect(await provide('k6', context)).toMatchObject({ source: 'cache', version: '1.8.1' });
    expect(builds(sandbox)).toBe(1);
    expect(readdirSync(join(sandbox.cacheDir, 'tmp'))).toEqual([]);
  });

  const damages: [string, (folder: string) => void][] = [
    ['a truncated file', (folder) => truncateSync(join(folder, 'k6'), 5)],
    [
      'other contents of the same size',
      (folder) => writeFileSync(join(folder, 'k6'), 'x'.repeat(sizeOf(folder))),
    ],
    ['a truncated manifest', (folder) => truncateSync(join(folder, 'manifest.json'), 9)],
    ['an empty manifest', (folder) => writeFileSync(join(folder, 'manifest.json'), '{}')],
  ];
  it.each(damages)('with %s is repaired and says so', async (_, damage) => {
    using sandbox = new Sandbox();
    sandbox.script('bin/go', goScript);
    const context = sandbox.context({ HOME: sandbox.folder });
    const { location } = await provide('k6', context);
    const whole = readFileSync(location, 'utf8');
    damage(join(location, '..'));
    const repaired = await provide('k6', context);
    expect(repaired.source).toBe('built');
    expect(repaired.tried.find(({ source }) => source === 'cache')?.reason).toContain('is damaged');
    expect(readFileSync(location, 'utf8')).toBe(whole);
  });

  it('hostile: that another user can write to is neither used nor filled, and named', async () => {
    using sandbox = new Sandbox();
    sandbox.script('bin/go', goScript);
    const context = sandbox.context({ HOME: sandbox.folder });
    const { location } = await provide('k6', context);
    chmodSync(sandbox.cacheDir, 0o777);
    const error = await refusal('k6', context);
    expect(error.exitCode).toBe(3);
    expect(error.facts.got).toContain('the cache of tools is open to others');
    expect(builds(sandbox)).toBe(1);
    chmodSync(sandbox.cacheDir, 0o755);
    chmodSync(join(location, '..'), 0o777);
    const again = await provide('k6', context);
    expect(again.source).toBe('built');
    expect(again.tried.find(({ source }) => source === 'cache')?.reason).toContain('every user can write to');
  });

  it('hostile: as a file, given for a folder, is named', async () => {
    using sandbox = new Sandbox();
    sandbox.script('bin/go', goScript);
    const context = sandbox.context({ HOME: sandbox.folder }, { cacheDir: sandbox.script('plain', '') });
    expect((await refusal('k6', context)).exitCode).toBe(3);
  });

  it('loses what a build that died left behind', async () => {
    using sandbox = new Sandbox();
    sandbox.script('bin/go', goScript);
    mkdirSync(join(sandbox.cacheDir, 'tmp', 'k6-1.8.1-linux-x64.dead', 'gobin'), { recursive: true });
    await provide('k6', sandbox.context({ HOME: sandbox.folder }));
    expect(readdirSync(join(sandbox.cacheDir, 'tmp'))).toEqual([]);
  });

  it('that cannot be written to is named', async () => {
    using sandbox = new Sandbox();
    sandbox.script('bin/go', goScript);
    writeFileSync(join(sandbox.folder, 'file'), '');
    const context = sandbox.context(
      { HOME: sandbox.folder },
      { cacheDir: join(sandbox.folder, 'file', 'cache') },
    );
    expect((await refusal('k6', context)).facts.got).toContain('ENOTDIR');
  });
});

function sizeOf(folder: string): number {
  return readFileSync(join(folder, 'k6')).length;
}

describe('what cannot be had', () => {
  it('names every place that was tried, in order, and a way out', async () => {
    using sandbox = new Sandbox();
    const { facts, exitCode, code } = await refusal('k6', sandbox.context());
    expect({ code, exitCode }).toEqual({ code: 'tool-unavailable', exitCode: 3 });
    expect(facts.got).toMatch(/given: .*; path: .*; cache: .*; built: no go on PATH/);
    expect(facts.hint).toContain('SIAGA_K6');
  });

  it('names the command of a build that failed, and why, not what else it was at', async () => {
    using sandbox = new Sandbox();
    sandbox.script('bin/go', goFailure);
    const { facts } = await refusal('k6', sandbox.context({ HOME: sandbox.folder }));
    expect(facts.got).toContain('go install -v go.k6.io/k6@v1.8.1');
    expect(facts.got).toContain('exit code 1: # runtime/cgo\nno compiler, cgo is 0');
    expect(facts.got).not.toContain('golang.org/x/term');
  });

  const tools: [Tool, string, string][] = [
    ['redis', 'no apt-get, apt-cache, dpkg-deb, dpkg-query on PATH', 'SIAGA_REDIS_URL'],
    ['postgres', 'has no embedded Postgres for this platform', 'SIAGA_POSTGRES_URL'],
    ['toxiproxy', 'no go on PATH', 'SIAGA_TOXIPROXY'],
  ];
  it.each(tools)('says so for %s', async (tool, reason, hint) => {
    using sandbox = new Sandbox();
    const { facts } = await refusal(tool, sandbox.context({}, { platform: 'darwin' }));
    expect(facts.got).toContain(reason);
    expect(facts.hint).toContain(hint);
  });

  it('ends at once when the caller gives up', async () => {
    using sandbox = new Sandbox();
    sandbox.script('bin/go', 'exec sleep 30');
    const context = sandbox.context({ HOME: sandbox.folder }, { signal: AbortSignal.timeout(200) });
    await expect(provide('k6', context)).rejects.toThrow('timeout');
  });
});

async function listening(server: Server): Promise<number> {
  open.push(server);
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  return (server.address() as AddressInfo).port;
}

describe('a Toxiproxy server that was given', () => {
  it.each([
    ['as JSON', 200, '{"version":"2.12.0"}', taken('2.12.0')],
    ['as plain text', 200, '2.5.0', taken('2.5.0')],
    ['without a number', 200, '{"version": "git"}', taken('git')],
    ['with an old version', 200, '2.1.4', refused('version 2.1.4')],
    ['with an error', 500, '', refused('answered 500')],
    ['with a page', 200, '<html></html>', refused('not answered as Toxiproxy does')],
  ])('that answers %s', async (_, status, body, expected) => {
    using sandbox = new Sandbox();
    const port = await listening(
      createHttpServer((_request, response) => response.writeHead(status).end(body)),
    );
    const context = sandbox.context({ SIAGA_TOXIPROXY: `http://127.0.0.1:${port}/` });
    expect(await outcome('toxiproxy', context)).toMatchObject(expected);
  });

  it('and is not there is an error, not skipped', async () => {
    using sandbox = new Sandbox();
    sandbox.script('bin/toxiproxy-server', 'echo "toxiproxy-server version 2.5.0"');
    const error = await refusal('toxiproxy', sandbox.context({ SIAGA_TOXIPROXY: 'http://127.0.0.1:1' }));
    expect(error.message).toContain('ECONNREFUSED');
  });
});

describe('a Redis or Postgres that was given by URL', () => {
  const secret = 'hunter2hunter2';
  it.each([
    ['a Redis', 'redis', '$20\r\nredis_version:7.2.4\r\nos:x\r\n', taken('7.2.4')],
    ['a Redis that wants a password', 'redis', '-NOAUTH Authentication required.\r\n', refused('NOAUTH')],
    ['a Postgres that asks for a password', 'postgres', 'R\0\0\0\x08\0\0\0\x03', taken('unknown')],
    ['a Postgres that starts', 'postgres', 'E\0\0\0\x20SFATAL\0Mstarting up\0', refused('starting up')],
    ['something else', 'postgres', 'HTTP/1.1 400\r\n\r\n', refused('does not speak Postgres')],
  ] as const)('%s', async (_, name, reply, expected) => {
    using sandbox = new Sandbox();
    const server = createServer((socket) =>
      socket.on('error', () => {}).on('data', () => socket.write(reply)),
    );
    const url = `${name}://user:${secret}@127.0.0.1:${await listening(server)}/0`;
    const result = await outcome(name, sandbox.context({ [`SIAGA_${name.toUpperCase()}_URL`]: url }));
    expect(result).toMatchObject(expected);
    expect('message' in result ? result.message : '').not.toContain(secret);
  });

  const urls = ['not a url', `http://127.0.0.1/${secret}`, 'redis:'];
  it.each(urls)('is a usage error as "%s", without quoting it', async (url) => {
    using sandbox = new Sandbox();
    const error = await refusal('redis', sandbox.context({ SIAGA_REDIS_URL: url }));
    expect(error).toMatchObject({ exitCode: 2, facts: { allowed: 'redis://host:port' } });
    expect(error.message).not.toContain(secret);
  });

  it('and does not answer is an error', async () => {
    using sandbox = new Sandbox();
    expect(
      (await refusal('redis', sandbox.context({ SIAGA_REDIS_URL: 'redis://127.0.0.1:1' }))).exitCode,
    ).toBe(3);
  });
});

// As apt does on a machine whose package lists were removed: it knows nothing until `update` has run elsewhere.
const aptScripts: Record<string, string> = {
  'apt-cache': `case "$*" in *Dir::State=*) echo redis-server; echo liblzf1; echo libc6; echo libinstalled1;; *) exit 100;; esac`,
  'apt-get': `case "$*" in
  *update*) exit 0;;
  *Dir::State=*download*) touch redis.deb; echo "$*" > ../../../downloaded;;
  *) exit 100;; esac`,
  'dpkg-query': `printf 'ii libinstalled1\\n'`,
  'dpkg-deb': `mkdir -p "$3/usr/bin" "$3/usr/lib/x"
printf '#!/bin/sh\\necho "Redis server v=7.0.15"\\n' > "$3/usr/bin/redis-check-rdb"
chmod +x "$3/usr/bin/redis-check-rdb"
ln -s redis-check-rdb "$3/usr/bin/redis-server"
touch "$3/usr/lib/x/liblzf.so.1"`,
};

describe('Redis from the distribution', () => {
  it('fetches private package lists where there are none, and only libraries that are missing', async () => {
    using sandbox = new Sandbox();
    for (const [name, body] of Object.entries(aptScripts)) sandbox.script(`bin/${name}`, body);
    const provided = await provide('redis', sandbox.context());
    expect(provided).toMatchObject({ source: 'embedded', version: '7.0.15' });
    expect(provided.env?.['LD_LIBRARY_PATH']).toBe(join(provided.location, '..', '..', 'lib'));
    expect(sandbox.progress.join('\n')).toContain('no usable package lists');
    const asked = readFileSync(join(sandbox.cacheDir, 'downloaded'), 'utf8');
    expect(asked.trim().endsWith('download redis-server redis-tools liblzf1')).toBe(true);
    expect(await provide('redis', sandbox.context())).toMatchObject({ source: 'cache', version: '7.0.15' });
  });

  it('says what failed when the archive cannot be reached', async () => {
    using sandbox = new Sandbox();
    const scripts = { ...aptScripts, 'apt-get': 'echo "E: Failed to fetch" >&2; exit 100' };
    for (const [name, body] of Object.entries(scripts)) sandbox.script(`bin/${name}`, body);
    const error = await refusal('redis', sandbox.context());
    expect(error.facts.got).toMatch(/embedded: apt-get .* update failed: exit code 100: E: Failed to fetch/);
  });
});

describe('a survey', () => {
  it('builds nothing and says what would happen', async () => {
    using sandbox = new Sandbox();
    const go = sandbox.script('bin/go', goScript);
    sandbox.script('bin/redis-server', 'echo "Redis server v=7.2.4"');
    const context = sandbox.context({ SIAGA_TOXIPROXY: '/nowhere' });
    const found = Object.fromEntries((await survey(context)).map((one) => [one.tool, one]));
    expect(found['k6']).toMatchObject({
      kind: 'obtainable',
      source: 'built',
      how: expect.stringContaining('go install'),
    });
    expect(found['redis']).toMatchObject({ kind: 'ready', provided: { source: 'path' } });
    expect(found['toxiproxy']).toMatchObject({ kind: 'unavailable', error: { code: 'tool-given-missing' } });
    expect(found['postgres']).toMatchObject({ kind: 'unavailable', error: { code: 'tool-unavailable' } });
    expect(go).toBeTruthy();
    expect(() => readdirSync(sandbox.cacheDir)).toThrow('ENOENT');
  });

  it('says what would be used if the chosen one were gone', async () => {
    using sandbox = new Sandbox();
    sandbox.script('bin/k6', k6Script('1.8.1'));
    sandbox.script('bin/go', goScript);
    const [k6] = await survey(sandbox.context());
    expect(k6).toMatchObject({ kind: 'ready', otherwise: { source: 'built' } });
  });
});
