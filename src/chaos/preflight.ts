import { SiagaError } from '../kernel/errors.ts';
import { nearest } from '../kernel/nearest.ts';
import type { HasEnded } from '../kernel/ports.ts';
import { drillInToxiproxy } from './active-drill.ts';
import type { ExperimentContext } from './context.ts';
import type { AnyExperiment } from './definition.ts';
import { faultsInToxiproxy } from './own-faults.ts';
import { assertMayStop } from './permission.ts';
import { brokenDependencies, brokenProcesses } from './plan.ts';
import type { ProxyState } from './ports.ts';
import { printed } from '../kernel/printed.ts';

type Preflight = Pick<ExperimentContext, 'faults' | 'processes' | 'calls' | 'target' | 'clock'>;

/**
 * Looks whether the experiments can be run at all, before a load is started for them.
 * @throws {SiagaError} `unknown-proxy` (exit 2); `target-leased`, `faults-left`, `unknown-metric`,
 * `metrics-unreadable`, `toxiproxy-failed`, `no-process` (exit 3).
 */
export async function assertBreakable(
  experiments: readonly AnyExperiment[],
  { faults, calls, target, clock, processes }: Preflight,
  hasEnded: HasEnded,
): Promise<void> {
  const plans = experiments.flatMap((each) => each.faults);
  const names = [...new Set(plans.flatMap((plan) => ('proxy' in plan ? [plan.proxy] : [])))];
  assertMayStop(target, experiments.flatMap(brokenProcesses));
  const proxies = await faults.list();
  const unknown = names.find((name) => !proxies.some((proxy) => proxy.name === name));
  if (unknown !== undefined) throw unknownProxy(unknown, proxies, faults.url);
  const drill = drillInToxiproxy(proxies, clock.now(), hasEnded);
  if (drill) throw leased(drill.run, drill.experiment, faults.url);
  const left = faultsInToxiproxy(proxies).find(({ proxy }) => names.includes(proxy));
  if (left) throw faultsLeft(`${left.proxy}: ${left.what} (run ${left.run})`, faults.url);
  const owner = { run: '', n: 0, expiresAt: 0 };
  for (const plan of plans) if ('process' in plan) await processes.prepare({ ...plan, owner });
  for (const name of new Set(experiments.flatMap((each) => brokenDependencies(each, target)))) {
    const dependency = target.proxies[name];
    if (dependency) await calls.read(dependency.calls);
  }
}

function unknownProxy(got: string, proxies: readonly ProxyState[], where: string): SiagaError {
  const names = proxies.map(({ name }) => name).filter((name) => !name.startsWith('siaga.'));
  const near = nearest(got, names);
  return new SiagaError('unknown-proxy', {
    what: 'Toxiproxy has no proxy of this name',
    where,
    got,
    allowed: names.join(', ') || 'none: it has no proxies',
    ...(near !== undefined && { hint: `did you mean ${near}?` }),
    exitCode: 2,
  });
}

function leased(run: string, experiment: string | undefined, where: string): SiagaError {
  const what = experiment === undefined ? run : `${run} (experiment ${experiment})`;
  return new SiagaError('target-leased', {
    what: `another run holds this target: ${what}`,
    where,
    allowed: 'one run at a time',
    hint: `wait for it, or undo what a crashed run left behind with: ${printed('chaos heal')}`,
    exitCode: 3,
  });
}

function faultsLeft(got: string, where: string): SiagaError {
  return new SiagaError('faults-left', {
    what: 'a fault of an earlier run is still in: what is broken already cannot be broken again',
    where,
    got,
    hint: `undo what a crashed run left behind with: ${printed('chaos heal')}`,
    exitCode: 3,
  });
}
