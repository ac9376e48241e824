import type { Firing } from '../event/incident.ts';
import type { EventOf, SiagaEvent } from '../event/envelope.ts';
import type { EngineState } from './state.ts';

interface Sighting {
  readonly source: string;
  /** Of several who say the same, the one that says it. */
  readonly by?: string;
  readonly down: boolean;
}

/** What an event says about the system being down altogether. */
function sightings(state: EngineState, event: SiagaEvent): readonly Sighting[] {
  if (event.type === 'check.finished') return fromCheck(state, event);
  if (event.type === 'samples' && event.data.signal === 'db.up') return fromGauge(event);
  return [];
}

function fromCheck(state: EngineState, { data }: EventOf<'check.finished'>): readonly Sighting[] {
  if (data.outcome === 'inconclusive') return [];
  const { coreChecks } = state.spec.recovery;
  const connection = connections(data);
  const ready = data.tags.includes('ready') ? [{ source: 'ready', down: data.outcome === 'failed' }] : [];
  if (!coreChecks.includes(data.check)) return [...ready, ...connection];
  const all = coreChecks.every((name) => state.facts.core.get(name) === false);
  return [...ready, { source: 'every core check', down: all }, ...connection];
}

// Each check has its own say: a stream whose handshakes fail is down, whatever the rest of the API answers.
function connections({ check, noConnection }: EventOf<'check.finished'>['data']): readonly Sighting[] {
  return [
    { source: 'connection refused', by: check, down: noConnection === 'refused' },
    { source: 'failed handshake', by: check, down: noConnection === 'handshake' },
  ];
}

function fromGauge({ data }: EventOf<'samples'>): readonly Sighting[] {
  if (data.data.kind !== 'values' || data.data.values.length === 0) return [];
  return [{ source: 'db.up', down: data.data.values.at(-1) === 0 }];
}

/** The first source that has said "down" often enough and far enough apart, with nothing contradicting in between. */
export function hardDown(state: EngineState, event: SiagaEvent): Firing | undefined {
  for (const { source, by, down } of sightings(state, event)) {
    const key = by === undefined ? source : `${source} ${by}`;
    if (!down) {
      state.down.delete(key);
      continue;
    }
    const since = state.down.get(key) ?? { at: event.at, seqs: [] };
    const seqs = [...since.seqs, event.seq].slice(-20);
    state.down.set(key, { at: since.at, seqs });
    if (seqs.length >= state.spec.hardDown.times && event.at - since.at >= state.spec.hardDown.withinMs) {
      return downFiring(source, since.at, event.at, seqs);
    }
  }
  return undefined;
}

const prefix = 'hard-down: ';

const ownWay: readonly string[] = ['connection refused', 'failed handshake'];

/** Whether it adds nothing to an incident that is known to be hard down already. */
export function saysTheSame({ signal }: Firing, known: readonly string[]): boolean {
  const way = ownWay.some((source) => signal === prefix + source);
  return way && known.some((name) => name.startsWith(prefix));
}

/** Whether it is not a signal that fired, but the system being down altogether. */
export const isHardDown = ({ signal }: Firing): boolean => signal.startsWith(prefix);

function downFiring(source: string, since: number, at: number, evidence: readonly number[]): Firing {
  return {
    signal: prefix + source,
    subject: { kind: 'hard-down', name: source },
    got: `down for ${Math.round((at - since) / 1_000)} s`,
    allowed: 'up',
    since,
    evidence,
  };
}
