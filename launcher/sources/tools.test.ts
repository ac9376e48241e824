import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { provide, survey } from '../../src/tools/provide.ts';
import { outcome, refusal, refused, taken } from '../../test/support/provided.ts';
import { Sandbox } from '../../test/support/sandbox.ts';
import { postgres } from './postgres.ts';
import { redis } from './redis.ts';

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

describe('PATH', () => {
  it('with Postgres clients and no server gives nothing', async () => {
    using sandbox = new Sandbox();
    sandbox.script('bin/psql', 'echo psql 17');
    const error = await refusal(postgres, sandbox.context());
    expect(error.facts.got).toContain('no postgres on PATH');
  });

  it('with postgres needs initdb too', async () => {
    using sandbox = new Sandbox();
    sandbox.script('bin/postgres', 'echo "postgres (PostgreSQL) 17.2"');
    expect((await refusal(postgres, sandbox.context())).facts.got).toContain('no initdb beside it');
    const initdb = sandbox.script('bin/initdb', 'true');
    const provided = await provide(postgres, sandbox.context());
    expect(provided).toMatchObject({ source: 'path', version: '17.2', companions: { initdb } });
  });

  const versions = [
    [postgres, 'postgres', 'postgres (PostgreSQL) 12.9', 'version 12.9'],
    [redis, 'redis-server', 'Redis server v=6.0.16 sha=0', 'version 6.0.16'],
    [redis, 'redis-server', 'something', 'does not answer'],
  ] as const;
  it.each(versions)('passes over a $0.name whose $1 says "$2"', async (tool, file, line, says) => {
    using sandbox = new Sandbox();
    sandbox.script(`bin/${file}`, `echo "${line}"`);
    expect((await refusal(tool, sandbox.context())).facts.got).toContain(says);
  });

  const found = [
    ['redis-server', 'Redis server v=7.2.4 sha=0', '7.2.4'],
    ['valkey-server', 'Valkey server v=8.0.1 sha=0', '8.0.1'],
  ] as const;
  it.each(found)('gives a Redis whose %s says "%s"', async (file, line, version) => {
    using sandbox = new Sandbox();
    sandbox.script(`bin/${file}`, `echo "${line}"`);
    expect(await provide(redis, sandbox.context())).toMatchObject({ source: 'path', version });
  });
});

describe('what cannot be had', () => {
  const rows = [
    [redis, 'no apt-get, apt-cache, dpkg-deb, dpkg-query on PATH', 'SIAGA_REDIS_URL'],
    [postgres, 'has no embedded Postgres for this platform', 'SIAGA_POSTGRES_URL'],
  ] as const;
  it.each(rows)('says so for $0.name', async (tool, reason, hint) => {
    using sandbox = new Sandbox();
    const { facts } = await refusal(tool, sandbox.context({}, { platform: 'darwin' }));
    expect(facts.got).toContain(reason);
    expect(facts.hint).toContain(hint);
  });
});

async function listening(server: Server): Promise<number> {
  open.push(server);
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  return (server.address() as AddressInfo).port;
}

describe('a Redis or Postgres that was given by URL', () => {
  it('hostile: a Postgres that is given with a password is never told with it', async () => {
    using sandbox = new Sandbox();
    for (const url of ['postgres://me:hunter22@127.0.0.1:1/db', 'postgres//me:hunter22@127.0.0.1']) {
      const error = await refusal(postgres, sandbox.context({ SIAGA_POSTGRES_URL: url }));
      expect(JSON.stringify({ ...error.facts, message: error.message })).not.toContain('hunter22');
    }
  });

  it.each([
    [postgres, 'SIAGA_POSTGRES_URL'],
    [redis, 'SIAGA_REDIS_URL'],
  ] as const)('hostile: a folder in place of a $0.name is told by its variable', async (tool, variable) => {
    using sandbox = new Sandbox();
    const error = await refusal(tool, sandbox.context({ [variable]: sandbox.bin }));
    expect(error).toMatchObject({ exitCode: 2, facts: { where: variable } });
  });

  const secret = 'hunter2hunter2';
  it.each([
    ['a Redis', redis, '$20\r\nredis_version:7.2.4\r\nos:x\r\n', taken('7.2.4')],
    ['a Redis that wants a password', redis, '-NOAUTH Authentication required.\r\n', refused('NOAUTH')],
    ['a Postgres that asks for a password', postgres, 'R\0\0\0\x08\0\0\0\x03', taken('unknown')],
    ['a Postgres that starts', postgres, 'E\0\0\0\x20SFATAL\0Mstarting up\0', refused('starting up')],
    ['something else', postgres, 'HTTP/1.1 400\r\n\r\n', refused('does not speak Postgres')],
  ] as const)('%s', async (_, tool, reply, expected) => {
    using sandbox = new Sandbox();
    const server = createServer((socket) =>
      socket.on('error', () => {}).on('data', () => socket.write(reply)),
    );
    const url = `${tool.name}://user:${secret}@127.0.0.1:${await listening(server)}/0`;
    const result = await outcome(tool, sandbox.context({ [`SIAGA_${tool.name.toUpperCase()}_URL`]: url }));
    expect(result).toMatchObject(expected);
    expect('message' in result ? result.message : '').not.toContain(secret);
  });

  const urls = ['not a url', `http://127.0.0.1/${secret}`, 'redis:'];
  it.each(urls)('is a usage error as "%s", without quoting it', async (url) => {
    using sandbox = new Sandbox();
    const error = await refusal(redis, sandbox.context({ SIAGA_REDIS_URL: url }));
    expect(error).toMatchObject({ exitCode: 2, facts: { allowed: 'redis://host:port' } });
    expect(error.message).not.toContain(secret);
  });

  it('and does not answer is an error', async () => {
    using sandbox = new Sandbox();
    expect((await refusal(redis, sandbox.context({ SIAGA_REDIS_URL: 'redis://127.0.0.1:1' }))).exitCode).toBe(
      3,
    );
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
    const provided = await provide(redis, sandbox.context());
    expect(provided).toMatchObject({ source: 'embedded', version: '7.0.15' });
    expect(provided.env?.['LD_LIBRARY_PATH']).toBe(join(provided.location, '..', '..', 'lib'));
    expect(sandbox.progress.join('\n')).toContain('no usable package lists');
    const asked = readFileSync(join(sandbox.cacheDir, 'downloaded'), 'utf8');
    expect(asked.trim().endsWith('download redis-server redis-tools liblzf1')).toBe(true);
    expect(await provide(redis, sandbox.context())).toMatchObject({ source: 'cache', version: '7.0.15' });
  });

  it('says what failed when the archive cannot be reached', async () => {
    using sandbox = new Sandbox();
    const scripts = { ...aptScripts, 'apt-get': 'echo "E: Failed to fetch" >&2; exit 100' };
    for (const [name, body] of Object.entries(scripts)) sandbox.script(`bin/${name}`, body);
    const error = await refusal(redis, sandbox.context());
    expect(error.facts.got).toMatch(/embedded: apt-get .* update failed: exit code 100: E: Failed to fetch/);
  });
});

it('a survey finds what lies on PATH, and says what cannot be had', async () => {
  using sandbox = new Sandbox();
  sandbox.script('bin/redis-server', 'echo "Redis server v=7.2.4"');
  expect(await survey([redis, postgres], sandbox.context())).toMatchObject([
    { tool: 'redis', kind: 'ready', provided: { source: 'path' } },
    { tool: 'postgres', kind: 'unavailable', error: { code: 'tool-unavailable' } },
  ]);
});
