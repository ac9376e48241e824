import { SiagaError } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import type { Environment, Source } from './types.ts';

const variable = 'SIAGA_SOURCE';

/**
 * The places that may be tried. `SIAGA_SOURCE=containers` leaves only containers where a tool can be had as one,
 * `SIAGA_SOURCE=processes` leaves them out. What was given by name always comes first.
 * @throws {SiagaError} `source-unknown` (exit 2).
 */
export function wantedSources(sources: readonly Source[], env: Environment): readonly Source[] {
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
