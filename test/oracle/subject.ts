import type { Draft, SiagaEvent } from '../../src/event/envelope.ts';
import type { IncidentChange, Incident } from '../../src/event/incident.ts';
import type { EventQuery, RunJournal } from '../../src/event/store.ts';
import { judgeLive, type LiveJudge } from '../../src/exercise/live-judge.ts';
import { resume } from '../../src/exercise/resume.ts';
import { withIncidents } from '../../src/exercise/standing.ts';
import type { Clock } from '../../src/kernel/ports.ts';
import { announce } from '../../src/notify/announce.ts';
import type { MessageFacts } from '../../src/notify/facts.ts';
import { spec } from './spec.ts';
import type { Input, World } from './world.ts';

/** What was decided once: compared field by field. */
export interface Said {
  readonly run: string;
  /** Incidents are counted in the order in which they were declared, from 1. */
  readonly incident: number;
  readonly ordinal: number;
  readonly at: number;
  readonly drill: boolean;
  readonly kind: IncidentChange['kind'];
  /** The incident after it. */
  readonly phase?: Incident['phase']['name'];
  readonly severity?: string;
  readonly signals?: readonly string[];
  readonly holdBuckets?: number;
  readonly keeper?: string;
  /** What a message about it says: what fired, how it stood, what was lost or failed, which criteria were met. */
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface Verdict {
  readonly said: readonly Said[];
  /** Signals that were blind, by run, in order. */
  readonly blind: readonly (readonly [run: string, signal: string])[];
  /** How each run ends that passed otherwise: 1 where it opened or raised an incident, and so on. */
  readonly exits: Readonly<Record<string, number>>;
}

/** What Siaga's own judge makes of a world, each run with a judge of its own on one shared stream. */
export async function judgedBySiaga(world: World): Promise<Verdict> {
  const { log, runs } = await lived(world);
  const exits = [...runs].map(([name, { journal, live }]) => {
    const ending = { exitCode: 0, reason: '' } as const;
    const openBefore = name.startsWith('check') ? 1 : 3;
    const standing = {
      events: journal.events(),
      engine: live.engine,
      judge: spec,
      now: journal.events().at(-1)!.at,
      openBefore,
    };
    return [name, withIncidents(ending, standing as never).exitCode] as const;
  });
  return { said: saidIn(log), blind: blindIn(log), exits: Object.fromEntries(exits) };
}

/** Everything that the runs of a world wrote, and the messages that they requested. */
export async function writtenBySiaga(world: World): Promise<readonly SiagaEvent[]> {
  const { log } = await lived(world, (journal, clock) => void announce(journal, clock, messages));
  return log;
}

const messages: MessageFacts = {
  judge: spec,
  system: 't',
  channels: [{ name: 'pager', language: 'en', receives: ['incidents', 'drills'] }],
  toggles: [{ name: 'A', incident: 'off' }],
  commands: { check: 'siaga check', report: 'siaga report' },
  resolveWithinMs: { 'SEV-0': 1, 'SEV-1': 1, 'SEV-2': 1, 'SEV-3': 1, 'SEV-4': 1 },
  postmortemWithinMs: 1,
  announceAfter: 0,
  recorded: true,
};

async function lived(world: World, tell?: (journal: RunJournal, clock: Clock) => void) {
  const stream = new SharedStream();
  const runs = new Map<string, { live: LiveJudge; journal: RunJournal }>();
  for (const input of world) {
    stream.now = input.at;
    const run = runs.get(input.run) ?? begin(stream, input.run, tell);
    runs.set(input.run, run);
    run.journal.append(draftOf(input));
    if (input.type === 'run.started') await takeUp(stream, run.journal);
  }
  return { log: stream.log, runs };
}

const draftOf = ({ type, data, at }: Input): Draft => ({ type, data, at }) as Draft;

function begin(stream: SharedStream, run: string, tell: Parameters<typeof lived>[1]) {
  const journal = stream.journal(run);
  const clock = {
    now: () => stream.now,
    wall: () => stream.now,
    monotonic: () => stream.now,
    sleep: (_: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve())),
  };
  const others = { store: stream, target: 't', hasEnded: () => false };
  const live = judgeLive({ journal, clock, judge: spec, others });
  tell?.(journal, clock);
  return { journal, live };
}

const takeUp = (stream: SharedStream, journal: RunJournal): Promise<unknown> =>
  resume({ store: stream, target: 't', hasEnded: () => false, journal, judge: spec });

/** The events of all runs in one list, each with a journal of its own, as a store keeps them. */
class SharedStream {
  readonly log: SiagaEvent[] = [];
  now = 0;

  read({ run, types, sinceSeq = 0 }: EventQuery = {}): readonly SiagaEvent[] {
    return this.log
      .slice(sinceSeq)
      .filter((event) => (run ?? event.run) === event.run && (types?.includes(event.type) ?? true));
  }

  journal(run: string): RunJournal {
    const own: SiagaEvent[] = [];
    const listeners = new Set<(event: SiagaEvent) => void>();
    const append = (draft: Draft): SiagaEvent => {
      const { at = this.now, ...rest } = draft;
      const event = { v: 1, seq: this.log.length + 1, run, at, mono: at, boot: 'b', ...rest } as SiagaEvent;
      this.log.push(event);
      own.push(event);
      for (const listener of listeners) listener(event);
      return event;
    };
    return {
      run,
      recorded: true,
      append,
      events: () => own,
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      decide: (since, fold, types) =>
        Promise.resolve(fold(this.read({ sinceSeq: since, ...(types && { types }) })).map(append)),
      finish: () => undefined,
    };
  }
}

function saidIn(log: readonly SiagaEvent[]): readonly Said[] {
  const known = new Map<string, number>();
  return log.flatMap((event): readonly Said[] => {
    if (event.type !== 'incident.transition') return [];
    const { incident: id, ordinal, effectiveAt: at, drill, change, state } = event.data;
    const incident = known.get(id) ?? known.size + 1;
    known.set(id, incident);
    const after = state && {
      phase: state.phase.name,
      severity: state.severity,
      signals: state.signals,
      holdBuckets: state.holdBuckets,
      ...(!drill && state.keeper !== undefined && { keeper: state.keeper }),
    };
    return [
      { run: event.run, incident, ordinal, at, drill, kind: change.kind, ...after, facts: factsOf(change) },
    ];
  });
}

const compared = ['severity', 'lostBuckets', 'failed', 'goodBuckets', 'reviewAt', 'from', 'to'] as const;

/** The figures of a change; its sentences are words, and compared by their own tests. */
function factsOf(change: IncidentChange): Readonly<Record<string, unknown>> {
  const facts: Record<string, unknown> = {};
  for (const name of compared) if (name in change) facts[name] = change[name as never];
  if ('by' in change)
    facts['by'] = { signal: change.by.signal, value: change.by.value ?? null, n: change.by.n ?? 0 };
  if ('symptoms' in change) facts['symptoms'] = change.symptoms;
  if ('criteria' in change) facts['criteria'] = change.criteria.map(({ kind, met }) => [kind, met]);
  return facts;
}

function blindIn(log: readonly SiagaEvent[]): Verdict['blind'] {
  return log.flatMap(({ type, run, data }) =>
    type === 'incident.blind' ? [[run, data.signal] as const] : [],
  );
}
