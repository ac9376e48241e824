import { chmodSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { outcome, refusal, refused, taken } from '../../test/support/provided.ts';
import { k6Script, Sandbox } from '../../test/support/sandbox.ts';
import { k6 } from './k6.ts';
import { provide, survey } from './provide.ts';
import { toxiproxy } from './toxiproxy.ts';

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

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
    expect(await outcome(k6, sandbox.context({ SIAGA_K6: path }))).toMatchObject(expected);
  });

  it.each(['k6-2.2.0', 'k6 of the team', 'load-generator'])('may be called %s', async (name) => {
    using sandbox = new Sandbox();
    const path = sandbox.script(`given/${name}`, k6Script('2.2.0'));
    const provided = await outcome(k6, sandbox.context({ SIAGA_K6: path }));
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
    const error = await refusal(k6, sandbox.context({ SIAGA_K6: value }));
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
    expect(await provide(k6, sandbox.context({ PATH }))).toMatchObject({ source: 'path', location: good });
    const onlyOld = await refusal(k6, sandbox.context({ PATH: join(sandbox.folder, 'old') }));
    expect(onlyOld.facts.got).toContain('version 0.49.0, >=1.7.0 <3.0.0 is needed');
  });

  it.each([
    [k6, 'k6', k6Script('1.8.1').replace('\'{"vus":7,"iterations":7}\'', "'{}'"), 'cannot inspect a script'],
    [k6, 'k6', 'kill -9 $$', 'does not answer "version" as k6 does'],
    [toxiproxy, 'toxiproxy-server', 'exit 1', 'does not answer "-version"'],
  ] as const)(
    'hostile: passes over a $0.name whose $1 only says that it is one',
    async (tool, file, body, says) => {
      using sandbox = new Sandbox();
      sandbox.script(`bin/${file}`, body);
      expect((await refusal(tool, sandbox.context())).facts.got).toContain(says);
    },
  );

  it('hostile: a folder in place of a Toxiproxy is told by its variable', async () => {
    using sandbox = new Sandbox();
    const error = await refusal(toxiproxy, sandbox.context({ SIAGA_TOXIPROXY: sandbox.bin }));
    expect(error).toMatchObject({ exitCode: 2, facts: { where: 'SIAGA_TOXIPROXY' } });
  });

  const versions = [
    ['toxiproxy-server version 2.1.4', 'version 2.1.4'],
    ['something', 'does not answer'],
  ] as const;
  it.each(versions)('passes over a toxiproxy-server that says "%s"', async (line, says) => {
    using sandbox = new Sandbox();
    sandbox.script('bin/toxiproxy-server', `echo "${line}"`);
    expect((await refusal(toxiproxy, sandbox.context())).facts.got).toContain(says);
  });

  const found = [
    ['toxiproxy-server version 2.12.0', '2.12.0'],
    ['toxiproxy-server version git', 'git'],
  ] as const;
  it.each(found)('gives a toxiproxy-server that says "%s"', async (line, version) => {
    using sandbox = new Sandbox();
    sandbox.script('bin/toxiproxy-server', `echo "${line}"`);
    expect(await provide(toxiproxy, sandbox.context())).toMatchObject({ source: 'path', version });
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
    const both = await Promise.all([provide(k6, context), provide(k6, context)]);
    expect(both.map(({ source }) => source)).toEqual(['built', 'built']);
    expect(await provide(k6, context)).toMatchObject({ source: 'cache', version: '1.8.1' });
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
    const { location } = await provide(k6, context);
    const whole = readFileSync(location, 'utf8');
    damage(join(location, '..'));
    const repaired = await provide(k6, context);
    expect(repaired.source).toBe('built');
    expect(repaired.tried.find(({ source }) => source === 'cache')?.reason).toContain('is damaged');
    expect(readFileSync(location, 'utf8')).toBe(whole);
  });

  it('hostile: that another user can write to is neither used nor filled, and named', async () => {
    using sandbox = new Sandbox();
    sandbox.script('bin/go', goScript);
    const context = sandbox.context({ HOME: sandbox.folder });
    const { location } = await provide(k6, context);
    chmodSync(sandbox.cacheDir, 0o777);
    const error = await refusal(k6, context);
    expect(error.exitCode).toBe(3);
    expect(error.facts.got).toContain('the cache of tools is open to others');
    expect(builds(sandbox)).toBe(1);
    chmodSync(sandbox.cacheDir, 0o755);
    chmodSync(join(location, '..'), 0o777);
    const again = await provide(k6, context);
    expect(again.source).toBe('built');
    expect(again.tried.find(({ source }) => source === 'cache')?.reason).toContain('every user can write to');
  });

  it('hostile: as a file, given for a folder, is named', async () => {
    using sandbox = new Sandbox();
    sandbox.script('bin/go', goScript);
    const context = sandbox.context({ HOME: sandbox.folder }, { cacheDir: sandbox.script('plain', '') });
    expect((await refusal(k6, context)).exitCode).toBe(3);
  });

  it('loses what a build that died left behind', async () => {
    using sandbox = new Sandbox();
    sandbox.script('bin/go', goScript);
    mkdirSync(join(sandbox.cacheDir, 'tmp', 'k6-1.8.1-linux-x64.dead', 'gobin'), { recursive: true });
    await provide(k6, sandbox.context({ HOME: sandbox.folder }));
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
    expect((await refusal(k6, context)).facts.got).toContain('ENOTDIR');
  });
});

function sizeOf(folder: string): number {
  return readFileSync(join(folder, 'k6')).length;
}

describe('what cannot be had', () => {
  it('names every place that was tried, in order, and a way out', async () => {
    using sandbox = new Sandbox();
    const { facts, exitCode, code } = await refusal(k6, sandbox.context());
    expect({ code, exitCode }).toEqual({ code: 'tool-unavailable', exitCode: 3 });
    expect(facts.got).toMatch(/given: .*; path: .*; cache: .*; built: no go on PATH/);
    expect(facts.hint).toContain('SIAGA_K6');
  });

  it('names the command of a build that failed, and why, not what else it was at', async () => {
    using sandbox = new Sandbox();
    sandbox.script('bin/go', goFailure);
    const { facts } = await refusal(k6, sandbox.context({ HOME: sandbox.folder }));
    expect(facts.got).toContain('go install -v go.k6.io/k6@v1.8.1');
    expect(facts.got).toContain('exit code 1: # runtime/cgo\nno compiler, cgo is 0');
    expect(facts.got).not.toContain('golang.org/x/term');
  });

  it('says so for Toxiproxy', async () => {
    using sandbox = new Sandbox();
    const { facts } = await refusal(toxiproxy, sandbox.context({}, { platform: 'darwin' }));
    expect(facts.got).toContain('no go on PATH');
    expect(facts.hint).toContain('SIAGA_TOXIPROXY');
  });

  it('ends at once when the caller gives up', async () => {
    using sandbox = new Sandbox();
    sandbox.script('bin/go', 'exec sleep 30');
    const context = sandbox.context({ HOME: sandbox.folder }, { signal: AbortSignal.timeout(200) });
    await expect(provide(k6, context)).rejects.toThrow('timeout');
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
    const port = await listening(createServer((_request, response) => response.writeHead(status).end(body)));
    const context = sandbox.context({ SIAGA_TOXIPROXY: `http://127.0.0.1:${port}/` });
    expect(await outcome(toxiproxy, context)).toMatchObject(expected);
  });

  it('and is not there is an error, not skipped', async () => {
    using sandbox = new Sandbox();
    sandbox.script('bin/toxiproxy-server', 'echo "toxiproxy-server version 2.5.0"');
    const error = await refusal(toxiproxy, sandbox.context({ SIAGA_TOXIPROXY: 'http://127.0.0.1:1' }));
    expect(error.message).toContain('ECONNREFUSED');
  });
});

describe('a survey', () => {
  it('builds nothing and says what would happen', async () => {
    using sandbox = new Sandbox();
    const go = sandbox.script('bin/go', goScript);
    const context = sandbox.context({ SIAGA_TOXIPROXY: '/nowhere' });
    const found = Object.fromEntries((await survey([k6, toxiproxy], context)).map((one) => [one.tool, one]));
    expect(found['k6']).toMatchObject({
      kind: 'obtainable',
      source: 'built',
      how: expect.stringContaining('go install'),
    });
    expect(found['toxiproxy']).toMatchObject({ kind: 'unavailable', error: { code: 'tool-given-missing' } });
    expect(go).toBeTruthy();
    expect(() => readdirSync(sandbox.cacheDir)).toThrow('ENOENT');
  });

  it('says what would be used if the chosen one were gone', async () => {
    using sandbox = new Sandbox();
    sandbox.script('bin/k6', k6Script('1.8.1'));
    sandbox.script('bin/go', goScript);
    const [found] = await survey([k6], sandbox.context());
    expect(found).toMatchObject({ kind: 'ready', otherwise: { source: 'built' } });
  });
});
