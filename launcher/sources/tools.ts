import { k6 } from '../../src/tools/k6.ts';
import { toxiproxy as program } from '../../src/tools/toxiproxy.ts';
import type { Tool } from '../../src/tools/types.ts';
import { containerSource } from '../containers/source.ts';
import { postgres } from './postgres.ts';
import { redis } from './redis.ts';

/** Toxiproxy as Siaga finds it, and in a container before one is built. */
export const toxiproxy: Tool = {
  ...program,
  sources: program.sources.flatMap((source) =>
    source.name === 'built' ? [containerSource('toxiproxy'), source] : [source],
  ),
};

/** Every tool that a run or the reference system needs. */
export const tools: readonly Tool[] = [k6, toxiproxy, postgres, redis];
