import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/tools/context.ts';
import { provide } from '../../src/tools/provide.ts';
import { k6 } from '../../src/tools/k6.ts';
import { toxiproxy } from '../../src/tools/toxiproxy.ts';
import { tools } from '../../launcher/sources/tools.ts';
import type { ProvisionContext, Provided, Tool } from '../../src/tools/types.ts';
import { Sandbox } from '../support/sandbox.ts';

// Everything a build needs and nothing else: none of the tools, no C compiler, whatever this machine has installed.
const helpers = 'go apt-get apt-cache dpkg dpkg-deb dpkg-query tar xz gzip zstd rm sh uname'.split(' ');

let sandbox: Sandbox;
let context: ProvisionContext;
let hasApt: boolean;

beforeAll(() => {
  sandbox = new Sandbox();
  for (const name of helpers) linkFromPath(name);
  hasApt = existsSync(join(sandbox.bin, 'apt-get'));
  const own = { HOME: process.env['HOME'], SIAGA_SOURCE: 'processes' };
  const env = { ...own, GOPROXY: process.env['GOPROXY'], GOFLAGS: process.env['GOFLAGS'] };
  const { platform, arch } = process;
  context = sandbox.context({ ...env }, { root: packageRoot, platform, arch });
});

afterAll(() => sandbox[Symbol.dispose]());

function linkFromPath(name: string): void {
  const folders = (process.env['PATH'] ?? '').split(':').map((folder) => join(folder, name));
  const found = folders.find((file) => existsSync(file));
  if (found !== undefined) symlinkSync(found, join(sandbox.bin, name));
}

const expectedSource = (tool: string) => (tool === 'postgres' || tool === 'redis' ? 'embedded' : 'built');
const obtainable = (): readonly Tool[] => tools.filter(({ name }) => name !== 'redis' || hasApt);

describe('with an empty cache and nothing installed', () => {
  it('every tool is built or unpacked, and runs', async () => {
    const provided: Provided[] = [];
    for (const tool of obtainable()) provided.push(await provide(tool, context));
    for (const one of provided) expect([one.tool, one.source]).toEqual([one.tool, expectedSource(one.tool)]);
    expect(provided.map((one) => answerOf(one)).filter((answer) => answer === '')).toEqual([]);
    expect(answerOf(provided[0])).toMatch(/^k6 v1\.8\.1 /);
    expect(answerOf(provided[1])).toMatch(/^toxiproxy-server version 2\.5\.0/);
    expect(answerOf(provided[2])).toMatch(/^postgres \(PostgreSQL\) 18/);
    expect(sandbox.progress.join('\n')).toContain('k6: building version 1.8.1');
    expect(readdirSync(join(sandbox.cacheDir, 'tmp'))).toEqual([]);
  }, 1_200_000);

  it('the second time all of them come from the cache, without a word', async () => {
    sandbox.progress.length = 0;
    for (const tool of obtainable())
      expect(await provide(tool, context)).toMatchObject({ tool: tool.name, source: 'cache' });
    expect(sandbox.progress).toEqual([]);
  });

  it('what was built is accepted as a tool that is given', async () => {
    const { location } = await provide(k6, context);
    const given = { ...context, env: { ...context.env, SIAGA_K6: location } };
    expect(await provide(k6, given)).toMatchObject({ source: 'given', version: '1.8.1' });
  });
});

function answerOf(provided: Provided | undefined): string {
  if (!provided) throw new Error('nothing was provided');
  const args = { k6: 'version', toxiproxy: '-version', postgres: '--version', redis: '--version' };
  const env = { ...process.env, ...provided.env };
  return execFileSync(provided.location, [args[provided.tool as keyof typeof args]], {
    encoding: 'utf8',
    env,
  });
}

const script = `const { provide } = await import(process.argv[1] + '/provide.ts');
const { toxiproxy } = await import(process.argv[1] + '/toxiproxy.ts');
const context = { ...JSON.parse(process.argv[2]), progress: (line) => process.stderr.write(line + '\\n') };
const { source } = await provide(toxiproxy, context);
process.stdout.write(source);`;

function argumentsOfScript(): string[] {
  const module = new URL('../../src/tools', import.meta.url).href;
  const { progress: _, ...plain } = context;
  return [
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '-e',
    script,
    module,
    JSON.stringify(plain),
  ];
}

describe('a damaged cache', () => {
  it('is repaired by one of two processes that want it at once', async () => {
    const { location } = await provide(toxiproxy, context);
    truncateSync(location, 1_000_000);
    const run = promisify(execFile);
    const both = await Promise.all([
      run(process.execPath, argumentsOfScript()),
      run(process.execPath, argumentsOfScript()),
    ]);
    expect(both.map(({ stderr }) => stderr.includes('building version')).toSorted()).toEqual([false, true]);
    expect(execFileSync(location, ['-version'], { encoding: 'utf8' })).toContain('2.5.0');
    expect(await provide(toxiproxy, context)).toMatchObject({ source: 'cache' });
  });

  it('of a build that was killed is built again', async () => {
    const { location } = await provide(toxiproxy, context);
    truncateSync(location, 10);
    const child = spawn(process.execPath, argumentsOfScript(), { stdio: ['ignore', 'ignore', 'pipe'] });
    await new Promise((done) => child.stderr.once('data', done));
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await ended;
    expect(readdirSync(join(sandbox.cacheDir, 'tmp'))).not.toEqual([]);
    expect(await provide(toxiproxy, context)).toMatchObject({ source: 'built' });
    expect(readdirSync(join(sandbox.cacheDir, 'tmp'))).toEqual([]);
  });
});
