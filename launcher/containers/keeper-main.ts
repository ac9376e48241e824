import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { ImageName, getContainerRuntimeClient } from 'testcontainers';
import { messageOf } from '../../src/kernel/errors.ts';
import { containersWith, removeContainers } from './engine.ts';
import { keeperLabel, orderVariable, partLabel, reaperCommand, systemLabel } from './keeper.ts';
import type { ContainerOrder } from './keeper.ts';
import { containerOf } from './loopback.ts';

const engine = process.env['DOCKER_HOST'] ?? '';
const [, , verb, image] = process.argv;
await (verb === '--pull' && image !== undefined ? pull(image) : keep(orderOf(process.env)));

async function pull(name: string): Promise<void> {
  const client = await getContainerRuntimeClient();
  await client.image.pull(ImageName.fromString(name), { force: false, platform: undefined });
}

function orderOf(env: NodeJS.ProcessEnv): ContainerOrder {
  return JSON.parse(env[orderVariable] ?? '{}') as ContainerOrder;
}

/** Runs one container for as long as this process lives. */
async function keep(order: ContainerOrder): Promise<void> {
  const of = { [systemLabel]: order.system, [partLabel]: order.part };
  const own = { [keeperLabel]: randomUUID() };
  const remove = () => removeContainers(engine, own);
  const end = (code: number): void => {
    process.exitCode ??= code;
    void remove().finally(() => process.exit());
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => end(0));
  // Either of the two ends with the other.
  startReaper(own[keeperLabel]).once('exit', () => end(1));
  // What an earlier keeper of this part left would hold its port.
  await removeContainers(engine, of);
  await containerOf(order, { ...of, ...own }, process.env)
    .withLogConsumer((lines) => {
      lines.pipe(process.stdout, { end: false });
      // A container that ended by itself ends its keeper: a part is alive or it is not.
      lines.once('end', () => end(1));
    })
    .start()
    .catch((error: unknown) => sayWhy(error, own).finally(() => end(1)));
}

/** What a container that ended at once has said, which nobody had begun to read. */
async function sayWhy(error: unknown, labels: Record<string, string>): Promise<void> {
  process.stderr.write(`${messageOf(error)}\n`);
  const client = await getContainerRuntimeClient();
  for (const id of await containersWith(engine, labels)) {
    const container = client.container.getById(id);
    if ((await client.container.inspect(container)).State.Running) continue;
    for await (const text of await client.container.logs(container)) process.stderr.write(String(text));
  }
}

// Instead of ryuk, which is an image to pull and a Docker socket inside a container.
function startReaper(keeper: string): ChildProcess {
  const { command, args } = reaperCommand(keeper);
  const env = { DOCKER_HOST: engine };
  return spawn(command, args, { env, detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
}
