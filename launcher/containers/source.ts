import { createRequire } from 'node:module';
import { join } from 'node:path';
import { failureOf, run, succeeded } from '../../src/tools/run.ts';
import { absent } from '../../src/tools/types.ts';
import type { Found, Look, ProvisionContext, Source } from '../../src/tools/types.ts';
import { images } from '../sources/versions.ts';
import { findEngine, hasImage } from './engine.ts';
import type { Engine } from './engine.ts';
import { keeperCommand } from './keeper.ts';

export type Contained = keyof typeof images;

const pullMs = 300_000;

/** A part in a container of its own, where a Docker engine answers: the image is pulled, never built. */
export function containerSource(tool: Contained): Source {
  const image = images[tool];
  return {
    name: 'containers',
    async look(context): Promise<Look> {
      const look = await findEngine(context.env);
      if (!look.ok) return absent(look.reason);
      const problem = whyNot(tool, look.engine, context);
      if (problem !== undefined) return absent(problem);
      return (await hasImage(look.engine.address, image))
        ? { kind: 'found', found: foundAt(look.engine, image) }
        : { kind: 'obtainable', how: `docker pull ${image}, on the engine at ${look.engine.address}` };
    },
    async obtain(context): Promise<Found> {
      const look = await findEngine(context.env);
      if (!look.ok) throw new Error(look.reason);
      await pull(image, look.engine, context);
      return foundAt(look.engine, image);
    },
  };
}

function foundAt({ address }: Engine, image: string): Found {
  return { location: image, version: versionIn(image), engine: address };
}

/** `17.6` of `postgres:17.6-alpine3.22`. */
function versionIn(image: string): string {
  return /:([\d.]+)[^:]*$/.exec(image)?.[1] ?? 'unknown';
}

// It listens for each proxy on a port of its own and calls the other parts back: it has to stand where they do.
function whyNot(tool: Contained, { apart }: Engine, { root }: ProvisionContext): string | undefined {
  if (!isInstalled(root)) return 'testcontainers is not installed here (npm ci in the checkout installs it)';
  if (tool === 'toxiproxy' && apart !== undefined)
    return `in a container it would not reach the other parts: ${apart}`;
  return undefined;
}

function isInstalled(root: string): boolean {
  try {
    createRequire(join(root, 'launcher', 'package.json')).resolve('testcontainers');
    return true;
  } catch {
    return false;
  }
}

async function pull(image: string, { address }: Engine, context: ProvisionContext): Promise<void> {
  context.progress(`docker: pulling ${image}`);
  const { command, args } = keeperCommand(['--pull', image]);
  const env = { ...context.env, DOCKER_HOST: address };
  const result = await run(command, args, { env, timeoutMs: pullMs, signal: context.signal });
  if (succeeded(result) && (await hasImage(address, image))) return;
  throw new Error(`${image} could not be pulled: ${failureOf(result, 3)}`);
}
