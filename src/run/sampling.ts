import { type AnyCheck, isSocketCheck, directOf } from '../check/definition.ts';
import type { SamplingContext } from '../sampling/context.ts';
import { beforeLastHour, hourlyLimit } from '../sampling/hourly.ts';
import { sampleTypesOf } from '../sampling/coverage.ts';
import type { ResolvedTarget } from './resolve-target.ts';
import type { Session } from './session-types.ts';

/** What rounds and samplers of a session act through. */
export function samplingOf({ platform, journal, store, target, judge, signal }: Session): SamplingContext {
  const { definition } = target;
  return {
    journal,
    clock: platform.clock,
    hourly: hourlyLimit(journal, platform.clock, {
      store,
      target: target.name,
      since: beforeLastHour(store, target.name, platform.clock.now()),
    }),
    random: platform.random,
    http: platform.http,
    socket: platform.socket,
    target: {
      name: target.name,
      url: target.url,
      ...(definition.identity && { identity: definition.identity }),
      ...(definition.ca && { ca: definition.ca }),
      resolveDirect: (proxy) => target.addresses[proxy]?.direct,
      resolveThrough: (proxy) => target.addresses[proxy]?.through,
    },
    bucketMs: judge.bucketMs,
    ...(judge.roles && { roles: judge.roles }),
    sampleTypes: sampleTypesOf(judge),
    signal,
    secrets: target.secrets,
  };
}

/** Checks that can be asked here: those that go around the target need an address of the dependency. */
export function askable(checks: readonly AnyCheck[], { addresses }: ResolvedTarget): readonly AnyCheck[] {
  return checks.filter((check) => {
    if (isSocketCheck(check)) return true;
    const [direct, through] = [directOf(check.request), check.request.through];
    if (direct !== undefined) return addresses[direct]?.direct !== undefined;
    return through === undefined || addresses[through]?.through !== undefined;
  });
}
