import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withEnvironment } from '../../src/tools/process.ts';
import type { SystemStatus } from '../../launcher/system/status.ts';
import { images } from '../../launcher/sources/versions.ts';
import { importImages } from '../support/docker/images.ts';
import { engineOrReason } from '../support/docker/dockerd.ts';
import type { Dockerd } from '../support/docker/dockerd.ts';
import { copyCheckout } from '../support/rig/checkout.ts';
import type { Checkout } from '../support/rig/checkout.ts';
import { checksIn, envelopeOf, startSiaga } from '../support/rig/siaga.ts';

let checkout: Checkout;
beforeAll(() => (checkout = copyCheckout()));
afterAll(() => checkout[Symbol.dispose]());

interface Found {
  readonly tool: string;
  readonly kind: string;
  readonly source?: string;
  readonly location?: string;
  readonly error?: { readonly got: string };
}

const parts = ['toxiproxy', 'postgres', 'redis'] as const;
const onlyParts = (found: readonly Found[]) => found.filter(({ tool }) => tool !== 'k6');

describe('without a Docker engine', () => {
  it('containers that are asked for are refused by siaga doctor, which says where none answers', async () => {
    const env = { DOCKER_HOST: 'unix:///nowhere/docker.sock', SIAGA_SOURCE: 'containers' };
    const { code, stdout } = await startSiaga(['doctor', '--json'], { dir: checkout.dir, env }).ended;
    expect(code).toBe(3);
    const { docker, tools } = JSON.parse(stdout) as { docker: object; tools: readonly Found[] };
    const says = expect.stringContaining('no Docker engine answers at unix:///nowhere/docker.sock (');
    expect(docker).toEqual({ ok: false, reason: says });
    expect(onlyParts(tools)).toEqual(
      parts.map((tool) => expect.objectContaining({ tool, kind: 'unavailable' })),
    );
    for (const { error } of onlyParts(tools)) expect(error?.got).toEqual(says);
  });
});

// Only root may run an engine, and not every kernel does; where none is to be had, what is above is all that can be shown.
const engine = await engineOrReason();
describe('with a Docker engine', () => {
  // oxlint-disable-next-line vitest/no-conditional-tests
  if (typeof engine === 'string') withoutEngine(engine);
  else withEngine(engine);
});

function withoutEngine(why: string): void {
  it('nothing is shown here, and the count says so', ({ task }) => {
    task.meta.notShown = `containers on a Docker engine: ${why}`;
    expect(why).not.toBe('');
  });
}

function withEngine(dockerd: Dockerd): void {
  beforeAll(() => importImages(dockerd));
  afterAll(() => dockerd[Symbol.asyncDispose]());

  const start = (...args: readonly string[]) =>
    startSiaga(args, {
      dir: checkout.dir,
      env: { DOCKER_HOST: dockerd.address, SIAGA_SOURCE: 'containers' },
      under: dockerd.under,
    });
  const siaga = async (...args: readonly string[]) => {
    const ended = await start(...args).ended;
    if (ended.code !== 0) throw new Error(`exit ${ended.code}: ${ended.stderr}`);
    return ended.stdout;
  };
  const containers = (): readonly string[] =>
    dockerd.docker(['ps', '--all', '--format', '{{.Image}}']).split('\n').filter(Boolean).toSorted();
  const pinned = parts.map((part) => images[part]).toSorted();
  const keepers = () =>
    withEnvironment('DOCKER_HOST', dockerd.address).filter(({ pid }) =>
      /(keeper|reaper)-main/.test(commandOf(pid)),
    );

  async function untilContainers(n: number): Promise<void> {
    const deadline = performance.now() + 60_000;
    while (containers().length !== n) {
      if (performance.now() > deadline) throw new Error(`${n} wanted, there are ${containers().join(', ')}`);
      await sleep(50);
    }
  }

  it('siaga doctor takes the parts as containers at the pinned versions', async () => {
    const { tools } = JSON.parse(await siaga('doctor', '--json')) as { tools: readonly Found[] };
    expect(onlyParts(tools)).toEqual(
      parts.map((tool) => expect.objectContaining({ tool, source: 'containers', location: images[tool] })),
    );
  });

  it('the reference system runs on them, on loopback only, and goes without leaving one', async () => {
    await siaga('reference', 'up');
    expect(containers()).toEqual(pinned);
    expect(listeners(dockerd.pid).filter((address) => !loopback.includes(address))).toEqual([]);
    const envelope = envelopeOf(await start('check', '--json').ended);
    expect([envelope.verdict, envelope.reason]).toEqual(['passed', '']);
    expect(checksIn(envelope).length).toBeGreaterThanOrEqual(10);
    await siaga('reference', 'restart', 'toxiproxy');
    expect(containers()).toEqual(pinned);
    await siaga('reference', 'down');
    expect(containers()).toEqual([]);
  });

  it('a part whose container dies is dead, and all of them are made anew', async () => {
    await siaga('reference', 'up');
    dockerd.docker(['kill', ...idsOf(images.redis)]);
    await untilContainers(2);
    const { stdout } = await start('reference', 'status', '--json').ended;
    expect(JSON.parse(stdout)).toMatchObject({ dead: [{ part: 'redis' }] });
    await siaga('reference', 'up');
    expect(containers()).toEqual(pinned);
  });

  it('a keeper that is killed takes its container with it', async () => {
    const { stdout } = await start('reference', 'status', '--json').ended;
    const { pids } = JSON.parse(stdout) as SystemStatus;
    process.kill(Number(pids.postgres), 'SIGKILL');
    await untilContainers(2);
    expect(containers()).not.toContain(images.postgres);
    await siaga('reference', 'up');
    expect(containers()).toEqual(pinned);
  });

  const idsOf = (image: string) =>
    dockerd
      .docker(['ps', '--quiet', '--filter', `ancestor=${image}`])
      .trim()
      .split('\n');

  it('what keepers and reapers that were all killed left behind goes with the system', async () => {
    for (const { pid } of keepers()) process.kill(pid, 'SIGKILL');
    expect(containers()).toEqual(pinned);
    await siaga('reference', 'down');
    expect(containers()).toEqual([]);
  });

  it('a command that is killed leaves no container', async () => {
    const killed = start('check');
    await untilContainers(3);
    killed.kill('SIGKILL');
    await untilContainers(0);
    await siaga('reference', 'down');
    await expect.poll(keepers).toEqual([]);
  });

  it('an image that cannot be had is named', async () => {
    dockerd.docker(['rmi', images.redis]);
    const { code, stderr } = await start('reference', 'up').ended;
    expect(code).toBe(3);
    expect(stderr).toContain(`containers: ${images.redis} could not be pulled: `);
    expect(containers()).toEqual([]);
  });
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

// 127.0.0.1 and ::1 as the kernel writes them.
const loopback = ['0100007F', '00000000000000000000000001000000'];
const listening = '0A';

/** Local addresses of the sockets that listen in the network of a process. */
function listeners(pid: number): string[] {
  const rows = ['tcp', 'tcp6'].flatMap((name) =>
    readFileSync(`/proc/${pid}/net/${name}`, 'utf8').split('\n').slice(1),
  );
  const found = rows.map((row) => row.trim().split(/\s+/)).filter((fields) => fields[3] === listening);
  return found.map((fields) => fields[1]?.split(':')[0] ?? '');
}
