import { assertMayBreak } from '../chaos/permission.ts';
import type { Breaks } from '../chaos/plan.ts';
import { SiagaError } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import type { SelectedTarget } from '../project/select.ts';
import type { Dependency, Target } from '../project/target.ts';
import type { GuardOnDemand } from './guard.ts';
import { launcherOf, type RunningReference } from './launcher.ts';
import type { Platform } from './platform.ts';
import { reachable } from '../chaos/ask-around.ts';
import type { ProxyState } from '../chaos/ports.ts';

/** A target that can be talked to: every address known, the reference system up where it is the target. */
export interface ResolvedTarget {
  readonly definition: Target;
  /** What its runs and incidents belong to: its name, with its address where that is not the configuration's. */
  readonly name: string;
  /** The address of `SIAGA_TARGET_URL`, where that is another than the configuration's. */
  readonly moved?: string | undefined;
  /** Base URL of the API, without a trailing slash. */
  readonly url: string;
  readonly toxiproxy?: string;
  readonly proxies: Readonly<Record<string, Dependency>>;
  /** Where each dependency is asked around the target, as far as it is known: from Toxiproxy, or without one from `direct`. */
  readonly addresses: Addresses;
  readonly toggles?: { readonly url: string; readonly bearer?: string };
  readonly reference?: RunningReference;
  readonly speed: number;
  /** Values that must never be shown. */
  readonly secrets: readonly string[];
}

export interface ResolveRequest {
  readonly projectDir: string;
  readonly selected: SelectedTarget;
  readonly speed?: number;
  /** Where it is nothing, a target given by `SIAGA_TARGET_URL` starts nothing. */
  readonly breaks: Breaks;
  readonly guard?: GuardOnDemand;
}

/**
 * Finds the target, or starts the reference system where it is the target and none runs.
 * @throws {SiagaError} `speed-not-allowed`, and where it is to be broken `chaos-forbidden` and `no-toxiproxy` (all exit
 * 2), and what the launcher throws.
 */
export async function resolveTarget(request: ResolveRequest, platform: Platform): Promise<ResolvedTarget> {
  const { target, isReference, address, secrets } = request.selected;
  const isBroken = request.breaks !== 'nothing';
  if (isBroken) assertBreakable(request.selected, request.breaks);
  if (isReference && (address === undefined || (await wantsReference(request, platform)))) {
    return resolveReference(request, platform);
  }
  const speed = request.speed ?? 1;
  if (speed !== 1 && !isReference) throw speedNotAllowed(target, speed);
  const addresses = await addressesAt(target, isBroken, platform);
  return { ...common(request.selected, address ?? ''), addresses, speed, secrets };
}

// A round of checks goes on without those whose dependency has no address; nothing is broken while Toxiproxy is silent.
async function addressesAt(
  { toxiproxy, proxies }: Target,
  needed: boolean,
  platform: Platform,
): Promise<Addresses> {
  if (toxiproxy === undefined) return withoutProxy(proxies);
  const listed = platform.faults(toxiproxy).list();
  return addressesOf(needed ? await listed : await listed.catch(() => []), toxiproxy, proxies);
}

async function wantsReference(
  { breaks, projectDir }: ResolveRequest,
  { launcher }: Platform,
): Promise<boolean> {
  return breaks !== 'nothing' || (await (await launcher())?.status(projectDir))?.running === true;
}

async function resolveReference(request: ResolveRequest, platform: Platform): Promise<ResolvedTarget> {
  const { selected, projectDir, guard } = request;
  const launcher = await launcherOf(platform);
  if (!(await launcher.status(projectDir)).running) await guard?.ready();
  const reference = await launcher.ensure({
    projectDir,
    env: platform.env,
    progress: (line) => platform.stderr(`${line}\n`),
    signal: platform.interrupted,
    speed: request.speed,
    ...(guard && { owner: guard.owner, onSpawn: (pid: number) => guard.own(pid) }),
  });
  const { api, toxiproxy, admin, speed } = reference.status;
  return {
    ...common(selected, selected.address ?? api ?? ''),
    ...(toxiproxy !== null && { toxiproxy }),
    ...(admin !== null && { toggles: { url: admin, bearer: reference.adminToken } }),
    addresses: addressesOf(named(reference.status.proxies), toxiproxy ?? '', selected.target.proxies),
    reference,
    speed: speed ?? 1,
    secrets: [reference.adminToken, ...selected.secrets],
  };
}

function named(proxies: RunningReference['status']['proxies']): readonly ListedProxy[] {
  return Object.entries(proxies).map(([name, proxy]) => ({ name, ...proxy }));
}

type Common = Omit<ResolvedTarget, 'addresses' | 'speed' | 'secrets'>;

function common({ target, called, moved }: SelectedTarget, url: string): Common {
  const { read } = target.toggles ?? {};
  return {
    definition: target,
    name: called,
    url,
    ...(moved !== undefined && { moved }),
    proxies: target.proxies,
    ...(target.toxiproxy && { toxiproxy: target.toxiproxy }),
    ...(read && { toggles: read }),
  };
}

function speedNotAllowed(target: Target, speed: number): SiagaError {
  return new SiagaError('speed-not-allowed', {
    what: 'only the reference system can be judged at another speed',
    where: '--speed',
    got: `${speed} for target ${target.name}`,
    allowed: '1',
    hint: 'leave --speed out',
    exitCode: exit.usage,
  });
}

// Before anything is started or asked: what may not be broken is not measured for it either.
function assertBreakable({ target, isReference, address }: SelectedTarget, breaks: Breaks): void {
  // The reference system has no address until it runs, and then this machine's.
  const url = address ?? 'http://127.0.0.1';
  assertMayBreak({ ...target, url, configured: target.url }, target.toxiproxy ?? url);
  if (breaks === 'proxies' && !isReference && target.toxiproxy === undefined) throw noToxiproxy(target);
}

/** @throws {SiagaError} `chaos-forbidden` (exit 2). */
export function assertChaosAllowed({ definition, url, toxiproxy }: ResolvedTarget): void {
  assertMayBreak({ ...definition, url, configured: definition.url }, toxiproxy ?? url);
}

function noToxiproxy({ name }: Target): SiagaError {
  return new SiagaError('no-toxiproxy', {
    what: `target ${name} has no Toxiproxy to break its connections with`,
    where: 'siaga.config.ts',
    got: 'no toxiproxy address',
    allowed: 'the HTTP address of its Toxiproxy, such as http://127.0.0.1:8474',
    exitCode: exit.usage,
  });
}

/** Base URLs of a dependency, by the name of its proxy; one that is not known is left out. */
type Addresses = Readonly<Record<string, { readonly through?: string; readonly direct?: string }>>;

type ListedProxy = Pick<ProxyState, 'name' | 'listen' | 'upstream'>;

/** Where the dependencies of a target are asked through their proxies, and directly. */
export function addressesOf(
  proxies: readonly ListedProxy[],
  toxiproxy: string,
  dependencies: Readonly<Record<string, Pick<Dependency, 'direct'>>>,
): Addresses {
  const entries = proxies.map(({ name, listen, upstream }) => {
    const direct = dependencies[name]?.direct ?? upstream;
    return [name, { through: `http://${reachable(listen, toxiproxy)}`, direct: `http://${direct}` }] as const;
  });
  return Object.fromEntries(entries);
}

/** Where the dependencies of a target without Toxiproxy are asked: it asks them itself without a proxy in between. */
export function withoutProxy(dependencies: Readonly<Record<string, Pick<Dependency, 'direct'>>>): Addresses {
  return Object.fromEntries(
    Object.entries(dependencies).flatMap(([name, { direct }]) =>
      direct === undefined ? [] : [[name, { through: `http://${direct}`, direct: `http://${direct}` }]],
    ),
  );
}
