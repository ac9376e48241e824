import { existsSync, lstatSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf } from '../kernel/errors.ts';
import { findGo } from './go-build.ts';
import { survey } from './provide.ts';
import type { Surveyed } from './provide.ts';
import { run, succeeded } from './run.ts';
import type { ProvisionContext, Tool } from './types.ts';

/** The state of this machine, as far as siaga depends on it. */
export interface Health {
  readonly node: { readonly version: string; readonly path: string };
  readonly go: { readonly version: string; readonly path: string } | null;
  readonly cache: CacheHealth;
  readonly tools: readonly Surveyed[];
}

export interface CacheHealth {
  readonly folder: string;
  readonly bytes: number;
  /** `undefined` where it can be written to. */
  readonly problem?: string;
}

export async function examine(tools: readonly Tool[], context: ProvisionContext): Promise<Health> {
  const [surveyed, go] = await Promise.all([survey(tools, context), goOf(context)]);
  return {
    node: { version: process.versions.node, path: process.execPath },
    go,
    cache: cacheHealth(context.cacheDir),
    tools: surveyed,
  };
}

async function goOf(context: ProvisionContext): Promise<Health['go']> {
  const path = findGo(context);
  if (path === undefined) return null;
  const asked = await run(path, ['env', 'GOVERSION'], { env: context.env, timeoutMs: 10_000 });
  return { path, version: succeeded(asked) ? asked.stdout.trim().replace(/^go/, '') : 'does not run' };
}

function cacheHealth(folder: string): CacheHealth {
  try {
    rmdirSync(mkdtempSync(join(nearestExisting(folder), '.siaga-')));
    return { folder, bytes: sizeOf(folder) };
  } catch (error) {
    return { folder, bytes: sizeOf(folder), problem: messageOf(error) };
  }
}

function nearestExisting(folder: string): string {
  return existsSync(folder) ? folder : nearestExisting(dirname(folder));
}

function sizeOf(folder: string): number {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + lstatSync(join(parentPath, name)).size, 0);
}
