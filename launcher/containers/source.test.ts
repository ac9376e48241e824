import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Sandbox } from '../../test/support/sandbox.ts';
import { packageRoot } from '../../src/tools/context.ts';
import { provide, survey } from '../../src/tools/provide.ts';
import type { Environment } from '../../src/tools/types.ts';
import { tools } from '../sources/tools.ts';
import { images } from '../sources/versions.ts';
import type { Contained } from './source.ts';

const contained = Object.keys(images) as readonly Contained[];
const toolOf = (name: string) => tools.find((tool) => tool.name === name) ?? expect.fail(`no tool ${name}`);
const everyImage = Object.values(images);

/** What an engine says of itself and of its images. What it does with them is shown end to end. */
async function engine(held: readonly string[], info: object = {}): Promise<Environment> {
  const answers: Record<string, object> = { '/info': { ServerVersion: '28.5.1', ...info } };
  for (const image of held) answers[`/images/${image}/json`] = {};
  const server = createServer(({ url = '' }, response) => {
    const answer = answers[url];
    response.writeHead(answer ? 200 : 404).end(JSON.stringify(answer ?? { message: 'no such image' }));
  });
  onTestFinished(() => void server.close());
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  return { DOCKER_HOST: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function sandboxed(): Sandbox {
  const sandbox = new Sandbox();
  onTestFinished(() => sandbox[Symbol.dispose]());
  return sandbox;
}

const here = { root: packageRoot };

async function reasonsFor(name: string, env: Environment, root = packageRoot): Promise<string> {
  const error: unknown = await provide(toolOf(name), sandboxed().context(env, { root })).catch(
    (thrown: unknown) => thrown,
  );
  return (error as { facts?: { got?: string } }).facts?.got ?? String(error);
}

describe('a part in a container', () => {
  it.each(contained)('is taken at its pinned version where nothing earlier has one: %s', async (tool) => {
    const env = await engine(everyImage);
    const image = images[tool];
    expect(await provide(toolOf(tool), sandboxed().context(env, here))).toMatchObject({
      source: 'containers',
      location: image,
      version: /:([\d.]+)/.exec(image)?.[1],
      engine: env['DOCKER_HOST'],
      tried: [{ source: 'given' }, { source: 'path' }, { source: 'cache' }],
    });
  });

  it('comes after what lies on PATH', async () => {
    const sandbox = sandboxed();
    sandbox.script('bin/redis-server', 'echo "Redis server v=7.2.4 sha=0"');
    const env = await engine(everyImage);
    expect(await provide(toolOf('redis'), sandbox.context(env, here))).toMatchObject({ source: 'path' });
    const [, , , redis] = await survey(tools, sandbox.context(env, here));
    expect(redis).toMatchObject({ otherwise: { source: 'containers', how: images.redis } });
  });

  it('comes before it where SIAGA_SOURCE asks for containers', async () => {
    const sandbox = sandboxed();
    sandbox.script('bin/redis-server', 'echo "Redis server v=7.2.4 sha=0"');
    const env = { ...(await engine(everyImage)), SIAGA_SOURCE: 'containers' };
    expect(await provide(toolOf('redis'), sandbox.context(env, here))).toMatchObject({
      source: 'containers',
    });
  });

  it('never comes before what was given by name', async () => {
    const sandbox = sandboxed();
    const SIAGA_TOXIPROXY = sandbox.script('mine', 'echo "toxiproxy-server version 2.9.0"');
    const env = { ...(await engine(everyImage)), SIAGA_SOURCE: 'containers', SIAGA_TOXIPROXY };
    expect(await provide(toolOf('toxiproxy'), sandbox.context(env, here))).toMatchObject({ source: 'given' });
  });

  it('is left out where SIAGA_SOURCE asks for processes', async () => {
    const env = { ...(await engine(everyImage)), SIAGA_SOURCE: 'processes' };
    expect(await reasonsFor('redis', env)).toMatch(/^given: .*; path: .*; cache: .*; embedded: no apt-get/);
  });

  it('would be pulled where the engine has no such image, as a survey says', async () => {
    const env = await engine([]);
    const [, toxiproxy] = await survey(tools, sandboxed().context(env, here));
    expect(toxiproxy).toMatchObject({
      kind: 'obtainable',
      source: 'containers',
      how: `docker pull ${images.toxiproxy}, on the engine at ${env['DOCKER_HOST']}`,
    });
  });
});

describe('a container is passed over', () => {
  it('where no engine answers', async () => {
    const env = { DOCKER_HOST: 'unix:///nowhere/docker.sock', SIAGA_SOURCE: 'containers' };
    expect(await reasonsFor('redis', env)).toBe(
      'given: SIAGA_REDIS_URL is not set; containers: no Docker engine answers at unix:///nowhere/docker.sock' +
        ' (connect ENOENT /nowhere/docker.sock)',
    );
  });

  it('where testcontainers is not installed', async () => {
    const { folder } = sandboxed();
    const env = { ...(await engine(everyImage)), SIAGA_SOURCE: 'containers' };
    expect(await reasonsFor('redis', env, folder)).toContain(
      'containers: testcontainers is not installed here',
    );
  });

  it('for Toxiproxy, where a container does not stand on the network of this machine', async () => {
    const env = {
      ...(await engine(everyImage, { OperatingSystem: 'Docker Desktop' })),
      SIAGA_SOURCE: 'containers',
    };
    expect(await reasonsFor('toxiproxy', env)).toContain(
      'containers: in a container it would not reach the other parts: Docker Desktop has a network of its own',
    );
    expect(await provide(toolOf('redis'), sandboxed().context(env, here))).toMatchObject({
      source: 'containers',
    });
  });
});

it('k6 is no part and comes from where it comes from, whatever SIAGA_SOURCE asks for', async () => {
  expect(await reasonsFor('k6', { SIAGA_SOURCE: 'containers' })).toMatch(
    /given: .*; path: .*; cache: .*; built: /,
  );
});

it('another SIAGA_SOURCE is a usage error', async () => {
  await expect(
    provide(toolOf('redis'), sandboxed().context({ SIAGA_SOURCE: 'docker' })),
  ).rejects.toMatchObject({
    code: 'source-unknown',
    exitCode: 2,
    facts: { got: 'docker', allowed: 'containers or processes' },
  });
});

it('the compose file runs the same images', () => {
  const compose = readFileSync(join(packageRoot, 'docker-compose.yml'), 'utf8');
  const named = [...compose.matchAll(/^ +image: (\S+)/gm)].map(([, image]) => image);
  expect(everyImage.filter((image) => !named.includes(image))).toEqual([]);
});
