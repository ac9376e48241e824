import type { DownReason } from '../event/incident.ts';
import type { BreakerRole, DownRole, JudgeSpec, RequestRole, RolesSpec, SignalSpec } from '../event/specs.ts';

/** A judge or a runbook, for what is written alike in both. */
interface With<Role extends keyof RolesSpec> {
  readonly roles?: Pick<RolesSpec, Role>;
}

// What has which role where a runbook declares none, and in the events of runs before there were any.
const undeclared: RolesSpec = {
  latency: 'rest.latency',
  errors: 'rest.errors',
  serverErrors: 'rest.5xx',
  roundTrip: 'ws.roundtrip',
  down: [{ signal: 'db.up', when: { statistic: 'last', comparison: '==', value: 0 } }],
  degraded: { state: 'degraded', is: true },
  breaker: { label: 'name', transitions: { metric: 'circuit_breaker_transitions_total', to: 'to' } },
};

/** Where a runbook declares any role, those are all there are. */
const rolesOf = <Role extends keyof RolesSpec>({ roles = undeclared }: With<Role>): Pick<RolesSpec, Role> =>
  roles;

/** The signals that requests feed, by what they are for. */
export type RequestSignals = Readonly<Record<RequestRole, string>>;

// Requests are measured even where no signal is judged by them.
const unjudged: RequestSignals = {
  latency: 'requests:latency',
  errors: 'requests:errors',
  serverErrors: 'requests:server-errors',
  roundTrip: 'requests:round-trip',
};

/** The signals that a judge's requests feed. A role that nothing has still has a name for its samples. */
export function requestSignals(judge: With<RequestRole>): RequestSignals {
  const roles = rolesOf<RequestRole>(judge);
  const named = (role: RequestRole): string => roles[role] ?? unjudged[role];
  return {
    latency: named('latency'),
    errors: named('errors'),
    serverErrors: named('serverErrors'),
    roundTrip: named('roundTrip'),
  };
}

/** The signal that has a role, where there is one. */
export function specFor(
  judge: Pick<JudgeSpec, 'roles' | 'signals'>,
  role: RequestRole,
): SignalSpec | undefined {
  const wanted = requestSignals(judge)[role];
  return judge.signals.find(({ name }) => name === wanted);
}

/** The signals that say by each reading whether the system is down altogether. */
export const downRoles = (judge: With<'down'>): readonly DownRole[] => rolesOf(judge).down ?? [];

/** In English what says that the system is down altogether; a signal that says it has its own words. */
export const downWords: Readonly<Record<DownReason, string | undefined>> = {
  ready: 'it says it is not ready',
  'core-checks': 'no core check is answered',
  refused: 'connection refused',
  handshake: 'failed handshake',
  signal: undefined,
};

/** Whether a check that reported these states was answered degraded. */
export function isDegraded(judge: With<'degraded'>, states: Readonly<Record<string, unknown>>): boolean {
  const { degraded } = rolesOf(judge);
  return degraded !== undefined && states[degraded.state] === degraded.is;
}

/** Tags of checks: of those whose 503 says that the system is not ready, and of those that every drill asks too. */
export function roleTags(judge: With<'tags'>): { readonly ready: string; readonly facts: string } {
  return { ready: 'ready', facts: 'state', ...rolesOf(judge).tags };
}

/** Where the state of the system's circuit breakers is read; `undefined` where the runbook does not say. */
export const breakerRole = (judge: With<'breaker'>): BreakerRole | undefined => rolesOf(judge).breaker;
