import type { JudgeSpec, RequestRole, SignalSpec } from '../event/specs.ts';

/** The signals that requests feed, by what they are for. */
export type RequestSignals = Readonly<Record<RequestRole, string>>;

// What these signals are called where a runbook declares no roles, and in the events of runs before there were any.
const unless: RequestSignals = {
  latency: 'rest.latency',
  errors: 'rest.errors',
  serverErrors: 'rest.5xx',
  roundTrip: 'ws.roundtrip',
};

// Requests are measured even where no signal is judged by them.
const unjudged: RequestSignals = {
  latency: 'requests:latency',
  errors: 'requests:errors',
  serverErrors: 'requests:server-errors',
  roundTrip: 'requests:round-trip',
};

/** The signals that a judge's requests feed. A role that nothing has still has a name for its samples. */
export function requestSignals({ roles }: Pick<JudgeSpec, 'roles'>): RequestSignals {
  if (roles === undefined) return unless;
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
