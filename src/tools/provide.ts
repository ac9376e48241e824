import { SiagaError, explain, messageOf } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import type { Attempt, Environment, Provided, ProvisionContext, Source, SourceName, Tool } from './types.ts';

/**
 * Finds a tool, or makes it in the cache: what was given, then PATH, then the cache, then a container, then built or
 * embedded; or as `SIAGA_SOURCE` wants it.
 * @throws {SiagaError} `tool-given-missing`, `given-url-invalid`, `source-unknown` (exit 2), `tool-given-unusable` (exit 3) where
 * something named in a `SIAGA_*` variable is wrong; `tool-unavailable` (exit 3) where every place failed.
 */
export async function provide(tool: Tool, context: ProvisionContext): Promise<Provided> {
  const tried: Attempt[] = [];
  const { name } = tool;
  for (const source of wantedSources(tool.sources, context.env)) {
    const look = await source.look(context);
    if (look.kind === 'found') return { tool: name, source: source.name, tried, ...look.found };
    if (look.kind === 'absent' || !source.obtain) {
      tried.push({ source: source.name, reason: look.kind === 'absent' ? look.reason : look.how });
      continue;
    }
    try {
      return { tool: name, source: source.name, tried, ...(await source.obtain(context)) };
    } catch (error) {
      context.signal?.throwIfAborted();
      tried.push({ source: source.name, reason: reasonOf(error) });
    }
  }
  throw unavailable(tool, tried);
}

/** What the next place would give if the one that was chosen were not there. */
export interface Otherwise {
  readonly source: SourceName;
  readonly how: string;
}

export type Surveyed =
  | {
      readonly tool: string;
      readonly kind: 'ready';
      readonly provided: Provided;
      readonly otherwise: Otherwise | undefined;
    }
  | ({ readonly tool: string; readonly kind: 'obtainable'; readonly tried: readonly Attempt[] } & Otherwise)
  | {
      readonly tool: string;
      readonly kind: 'unavailable';
      readonly error: SiagaError;
      readonly tried: readonly Attempt[];
    };

/** What `provide` would do for each tool, without building or unpacking anything. */
export function survey(tools: readonly Tool[], context: ProvisionContext): Promise<Surveyed[]> {
  return Promise.all(tools.map((tool) => surveyTool(tool, context)));
}

async function surveyTool(wanted: Tool, context: ProvisionContext): Promise<Surveyed> {
  const tried: Attempt[] = [];
  const { name: tool } = wanted;
  try {
    const sources = wantedSources(wanted.sources, context.env);
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
    return { tool, kind: 'unavailable', error: unavailable(wanted, tried), tried };
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

function unavailable({ name, hint }: Tool, tried: readonly Attempt[]): SiagaError {
  return new SiagaError('tool-unavailable', {
    what: `${name} could not be found or made`,
    got: tried.map(({ source, reason }) => `${source}: ${reason}`).join('; '),
    hint,
    exitCode: exit.inconclusive,
  });
}

/** Where a tool is, fit to be shown: the password of a URL is hidden. */
export function shownLocation({ location }: Pick<Provided, 'location'>): string {
  const url = URL.parse(location);
  if (!url?.password) return location;
  url.password = '***';
  return url.href;
}

function reasonOf(error: unknown): string {
  return error instanceof SiagaError ? explain(error) : messageOf(error);
}

const variable = 'SIAGA_SOURCE';

/**
 * The places that may be tried. `SIAGA_SOURCE=containers` leaves only containers where a tool can be had as one,
 * `SIAGA_SOURCE=processes` leaves them out. What was given by name always comes first.
 * @throws {SiagaError} `source-unknown` (exit 2).
 */
function wantedSources(sources: readonly Source[], env: Environment): readonly Source[] {
  const wish = env[variable];
  if (!wish) return sources;
  if (wish === 'processes') return sources.filter(({ name }) => name !== 'containers');
  if (wish !== 'containers') throw unknownWish(wish);
  const contained = sources.filter(({ name }) => name === 'given' || name === 'containers');
  return contained.some(({ name }) => name === 'containers') ? contained : sources;
}

function unknownWish(got: string): SiagaError {
  return new SiagaError('source-unknown', {
    what: `${variable} names no source`,
    where: variable,
    got,
    allowed: 'containers or processes',
    hint: `unset ${variable} to take the first place that has a tool`,
    exitCode: exit.usage,
  });
}
