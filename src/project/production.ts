import type { Fault } from '../kernel/diagnostic.ts';
import { withoutUserinfo } from '../kernel/redact.ts';
import { wrong } from '../kernel/shape.ts';
import { type Environment, fillIn } from './environment.ts';
import type { Config, Target } from './target.ts';

/**
 * Targets that share an address with a production target and are not production themselves: whatever is done to them
 * is done to production. Addresses whose variables are not set are compared as they stand.
 */
export function productionFaults({ targets }: Config, env: Environment): readonly Fault[] {
  const filled = targets.map((target) => fillIn(target, env));
  const guarded = filled.filter(({ production }) => production === true);
  return filled.flatMap((target, index) =>
    target.production === true
      ? []
      : guarded.flatMap((production) =>
          sharedBy(target, production).map((field) =>
            wrong(
              `targets[${index}].${field}`,
              `this address is that of ${production.name}, which is production`,
              {
                got: withoutUserinfo(String(target[field])),
                allowed: 'another address, or production: true: what production uses is production',
              },
            ),
          ),
        ),
  );
}

function sharedBy(target: Target, production: Target): readonly ('url' | 'toxiproxy')[] {
  return (['url', 'toxiproxy'] as const).filter((field) => {
    const place = placeOf(target[field]);
    return (
      place !== undefined && [production.url, production.toxiproxy].some((url) => placeOf(url) === place)
    );
  });
}

/** The address as it is connected to; `undefined` for the reference system, which each command starts for itself. */
export function placeOf(url: string | undefined): string | undefined {
  if (url === undefined || url === 'reference') return undefined;
  if (!URL.canParse(url)) return url;
  const { protocol, hostname, port, pathname } = new URL(url);
  const host = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname) ? 'localhost' : hostname;
  return `${protocol}//${host}:${port}${pathname.replace(/\/+$/, '')}`;
}
