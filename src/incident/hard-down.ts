import type { DownReason, Firing } from '../event/incident.ts';
import type { EventOf, SiagaEvent } from '../event/envelope.ts';
import { holds } from '../runbook/holds.ts';
import { downRoles, roleTags } from '../runbook/roles.ts';
import { bucketStart } from '../signal/bucket.ts';
import { readingOf } from '../signal/reading.ts';
import type { EngineState } from './state.ts';
import { prefix, isHardDownSignal } from './hard-down-signal.ts';

interface Sighting {
  readonly reason: DownReason;
  /** Of the signal, where one says it. */
  readonly name?: string;
  /** Of several who say the same, the one that says it. */
  readonly by?: string;
  readonly down: boolean;
}

const nameOf = ({ reason, name = reason }: Sighting): string => name;

/** What an event says about the system being down altogether. */
function sightings(state: EngineState, event: SiagaEvent): readonly Sighting[] {
  if (event.type === 'check.finished') return fromCheck(state, event);
  return event.type === 'samples' ? fromReading(state, event) : [];
}

function fromCheck(state: EngineState, { data }: EventOf<'check.finished'>): readonly Sighting[] {
  if (data.outcome === 'inconclusive') return [];
  const core = state.spec.recovery.coreChecks.includes(data.check);
  return [
    ...readiness(state, data),
    ...(core ? [{ reason: 'core-checks', down: allCoreDown(state) } as const] : []),
    ...connections(data),
  ];
}

// Only a status says whether it is ready: slow is not down, and no answer has a source of its own.
function readiness(
  { spec }: EngineState,
  { tags, status }: EventOf<'check.finished'>['data'],
): readonly Sighting[] {
  return tags.includes(roleTags(spec).ready) && status !== undefined
    ? [{ reason: 'ready', down: status === 503 }]
    : [];
}

function allCoreDown({ spec, facts }: EngineState): boolean {
  const results = spec.recovery.coreChecks.map((name) => facts.core.get(name));
  if (results.every((result) => result === 'no-answer')) return true;
  return results.length > 1 && results.every((result) => result !== undefined && result !== 'right');
}

// Each check has its own say: a stream whose handshakes fail is down, whatever the rest of the API answers.
function connections({ check, noConnection }: EventOf<'check.finished'>['data']): readonly Sighting[] {
  return [
    { reason: 'refused', by: check, down: noConnection === 'refused' },
    { reason: 'handshake', by: check, down: noConnection === 'handshake' },
  ];
}

/** The signals that say "down" and that an incident rests on: as signals, or as hard down by them. */
export const downSignals = ({ spec }: EngineState, signals: readonly string[]): readonly string[] =>
  downRoles(spec).flatMap(({ signal }) =>
    signals.includes(signal) || signals.includes(prefix + signal) ? [signal] : [],
  );

function fromReading({ spec }: EngineState, { data }: EventOf<'samples'>): readonly Sighting[] {
  const role = downRoles(spec).find(({ signal }) => signal === data.signal);
  if (role === undefined || data.data.kind !== 'values') return [];
  const source = spec.signals.find(({ name }) => name === data.signal)?.source ?? data.source;
  const { value } = readingOf([data], role.when.statistic);
  if (source !== data.source || value === null) return [];
  return [{ reason: 'signal', name: role.signal, down: holds(role.when, value) }];
}

/** The first source that has said "down" often enough and far enough apart, with nothing contradicting in between. */
export function hardDown(state: EngineState, event: SiagaEvent): Firing | undefined {
  return sightings(state, event).flatMap((sighting) => sight(state, sighting, event) ?? [])[0];
}

function sight(state: EngineState, sighting: Sighting, { at, seq }: SiagaEvent): Firing | undefined {
  const { by, down } = sighting;
  const name = nameOf(sighting);
  const key = by === undefined ? name : `${name} ${by}`;
  state.heard.add(name);
  if (!down) {
    state.down.delete(key);
    return undefined;
  }
  const { times, withinMs } = state.spec.hardDown;
  const since = state.down.get(key) ?? { at, seqs: [] };
  const seqs = [...since.seqs, seq].slice(-20);
  const declared = seqs.length >= times && at - since.at >= withinMs;
  state.down.set(key, { at: since.at, seqs, declared });
  state.downIn.add(bucketStart(at, state.spec.bucketMs));
  return declared ? downFiring(sighting, since.at, at, seqs) : undefined;
}

/** Whether hard down was declared by something that still stands. */
export const isDown = ({ down }: EngineState): boolean => [...down.values()].some(({ declared }) => declared);

/** Since when, UTC ms, something has said that the system is down that nothing has contradicted, while none is declared. */
export function suspectedDown(state: EngineState): number | undefined {
  if (state.down.size === 0 || isDown(state)) return undefined;
  return Math.min(...[...state.down.values()].map(({ at }) => at));
}

/** What said hard down of an incident and has not been heard of in this run, by name. */
export const unheard = ({ heard }: EngineState, signals: readonly string[]): readonly string[] =>
  signals
    .filter(isHardDownSignal)
    .map((signal) => signal.slice(prefix.length))
    .filter((source) => !heard.has(source));

/** What says that the system is down, declared or not. */
export const sayingDown = ({ down }: EngineState): readonly string[] => [...down.keys()];

/** Whether it adds nothing to an incident that is known to be hard down already. */
export function saysTheSame({ subject }: Firing, known: readonly string[]): boolean {
  const noConnection = subject?.reason === 'refused' || subject?.reason === 'handshake';
  return noConnection && known.some(isHardDownSignal);
}

/** Whether it is not a signal that fired, but the system being down altogether. */
export const isHardDown = ({ subject }: Firing): boolean => subject?.kind === 'hard-down';

function downFiring(sighting: Sighting, since: number, at: number, evidence: readonly number[]): Firing {
  const name = nameOf(sighting);
  return {
    signal: prefix + name,
    subject: { kind: 'hard-down', name, reason: sighting.reason },
    got: `down for ${Math.round((at - since) / 1_000)} s`,
    allowed: 'up',
    since,
    evidence,
  };
}
