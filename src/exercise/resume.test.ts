import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import type { IncidentResumed } from '../event/incident.ts';
import type { RunJournal, Store } from '../event/store.ts';
import { deriveAll } from '../incident/engine.ts';
import { foldImpacts } from '../projection/impact.ts';
import { foldIncidents, transitionsOf } from '../projection/incidents.ts';
import { compareDerived } from '../report/rejudge.ts';
import { compileJudge } from '../runbook/judge.ts';
import { openStore } from '../store/store.ts';
import runbook from '../../runbook.ts';
import { handedOn } from './handed-on.ts';
import { judgeLive } from './live-judge.ts';
import { resume } from './resume.ts';
import { withIncidents } from './standing.ts';

const minute = 60_000;
const origin = 29_000_000 * minute;

let folder: string;
let store: Store;
let now: number;
const ended = new Set<number>();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'siaga-shared-'));
  store = openStore(join(folder, 'siaga.db'));
  now = origin;
  ended.clear();
});

afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

interface Kind {
  readonly command?: string;
  readonly drill?: boolean;
  /** Its process: what `ended` names has died. */
  readonly pid?: number;
}

const passing = { exitCode: 0, reason: '' } as const;

/** One process of several that share a store: its own journal, its own judge, and the one clock of the machine. */
async function begin(run: string, { command = 'check', drill = false, pid = 1 }: Kind = {}) {
  const judge = compileJudge(runbook, { speed: 1, loadRunning: command !== 'check', coreChecks: [] });
  const clock = {
    now: () => now,
    monotonic: () => now - origin,
    sleep: (_: number, signal?: AbortSignal) =>
      new Promise<void>((_resolve, reject) =>
        signal?.addEventListener('abort', () => reject(new Error('x'))),
      ),
  };
  const journal = store.journal({ run, target: 't', clock, boot: 'b' });
  const shared = { store, target: 't', hasEnded: ({ pid: of }: { pid: number }) => ended.has(of) };
  const live = judgeLive({ journal, clock: { ...clock, wall: clock.now }, judge, others: shared });
  const process = { machine: 'm', pid, startTime: '' };
  journal.append(started({ command, drill, judge, process }));
  if (!drill) await resume({ ...shared, journal, judge });
  return {
    journal,
    incident: () => live.engine.incident,
    exitCode: () =>
      withIncidents(passing, {
        events: journal.events(),
        engine: live.engine,
        judge,
        now,
        openBefore: command === 'check' ? 1 : 3,
      }),
    kinds: () => journal.events().flatMap((event) => (isChange(event) ? [event.data.change.kind] : [])),
    async end() {
      await live.stop();
      journal.append({ type: 'run.finished', data: { verdict: 'passed', exitCode: 0, reason: '' } });
    },
  };
}

type Process = Awaited<ReturnType<typeof begin>>;

const isChange = (event: SiagaEvent) => event.type === 'incident.transition';

function started(facts: object): Draft {
  const rest = { subject: '', target: { name: 't', url: 'http://t' }, contacts: [], endpoints: [] };
  const data = { ...rest, versions: {}, state: 'project', repeat: 'siaga check', ...facts };
  return { type: 'run.started', data } as unknown as Draft;
}

interface Weather {
  readonly down?: boolean;
  /** Of the load: the share of failed requests. */
  readonly errors?: number;
  readonly breaker?: number;
  /** Of the load where there are errors of it, else of the probes. */
  readonly slow?: boolean;
}

/** So many minutes pass, in which each process sees this. */
function pass(minutes: number, ...seen: readonly (readonly [Process, Weather])[]): void {
  for (let index = 0; index < minutes; index++) {
    for (const [{ journal }, weather] of seen)
      samplesOf(journal, weather).forEach((each) => journal.append(each));
    now += minute;
    for (const [{ journal }] of seen) tick(journal);
  }
}

function tick(journal: RunJournal): void {
  now += 6_000;
  journal.append({ type: 'tick', data: { bucket: 0 } });
  now -= 6_000;
}

const values = (value: number) => ({ kind: 'values', values: Array.from({ length: 25 }, () => value) });

function samplesOf(
  journal: RunJournal,
  { down = false, errors, breaker, slow = false }: Weather,
): readonly Draft[] {
  const from = now;
  const batch = (signal: string, source: string, data: object): Draft =>
    ({ type: 'samples', data: { signal, labels: {}, source, from, to: from + 1, data } }) as Draft;
  const source = errors === undefined ? 'probe' : 'load';
  const good = ['ws.roundtrip', 'freshness'].map((signal) => batch(signal, 'probe', values(20)));
  return [
    batch('provider.health', 'probe', { kind: 'ratio', total: 20, bad: down ? 20 : 0, throttled: 0 }),
    batch('rest.errors', source, { kind: 'ratio', total: 100, bad: (errors ?? 0) * 100, throttled: 0 }),
    batch('rest.latency', source, values(slow ? 5_000 : 100)),
    ...good,
    ...(breaker === undefined
      ? []
      : [batch('breaker.state', 'server', { kind: 'values', values: [breaker] })]),
    { type: 'toggle.read', data: { values: {}, abnormal: [], ok: true } },
  ];
}

const idOf = (process: Process): string | undefined => process.incident()?.id;
const declared = (): number =>
  store
    .read({ types: ['incident.transition'] })
    .filter((event) => isChange(event) && event.data.change.kind === 'declared').length;

/** The provider is down for two minutes: enough for its trigger. */
async function incidentOf(run: string): Promise<Process> {
  const process = await begin(run);
  pass(2, [process, { down: true }]);
  expect(idOf(process)).toBeDefined();
  return process;
}

describe('row 4: incidents belong to the project and its target, not to a run', () => {
  it('an open one is not lost to a run that began before it was declared and ended after', async () => {
    const [long, short] = [await begin('long'), await begin('short')];
    pass(2, [long, { down: true }]);
    await short.end();
    const next = await begin('next');
    expect(idOf(next)).toBe(idOf(long));
    expect(declared()).toBe(1);
  });

  it('is declared once by two runs that see it in the same minute; the second finds it open', async () => {
    const [one, two] = [await begin('one'), await begin('two')];
    pass(3, [one, { down: true }], [two, { down: true }]);
    expect(declared()).toBe(1);
    expect(idOf(two)).toBe(idOf(one));
  });

  it('goes on an hour later as the same, not declared again', async () => {
    const first = await incidentOf('one');
    await first.end();
    now += 58 * minute;
    const second = await begin('two');
    pass(2, [second, { down: true }]);
    expect(idOf(second)).toBe(idOf(first));
    expect(declared()).toBe(1);
  });

  it('and needs no snapshot: its run may have been killed', async () => {
    const first = await incidentOf('one');
    now += 58 * minute;
    expect(idOf(await begin('two'))).toBe(idOf(first));
  });

  it('a drill takes nothing over, and leaves nothing behind', async () => {
    const exercise = await begin('drill', { drill: true });
    pass(2, [exercise, { down: true }]);
    expect(idOf(exercise)).toBeDefined();
    expect(idOf(await begin('two'))).toBeUndefined();
  });
});

describe('the run that keeps an incident moves it, another stands back', () => {
  it('two runs that both see it well declare RECOVERED once, and the keeper does', async () => {
    const one = await incidentOf('one');
    const two = await begin('two');
    pass(14, [one, {}], [two, {}]);
    expect(one.kinds()).toEqual(['declared', 'mitigated', 'restored', 'verifying', 'recovered']);
    expect(two.kinds()).toEqual([]);
    expect([one.incident(), two.incident()]).toEqual([undefined, undefined]);
  });

  it('what fires in one that stands back makes the incident worse, and the keeper goes on from there', async () => {
    const one = await incidentOf('one');
    const two = await begin('two');
    pass(6, [one, {}], [two, {}]);
    pass(1, [one, {}], [two, { down: true }]);
    expect(two.kinds()).toContain('worsened');
    pass(1, [one, {}], [two, {}]);
    expect(one.incident()?.phase).toMatchObject({ name: 'recovering', hold: { good: 0 } });
  });

  it.each([
    ['has finished', (one: Process) => one.end()],
    ['was killed', () => Promise.resolve(void ended.add(77))],
  ])('and takes over once the keeper %s', async (_, leave) => {
    const one = await begin('one', { pid: 77 });
    pass(2, [one, { down: true }]);
    const two = await begin('two');
    expect(two.incident()?.keeper).toBe('one');
    await leave(one);
    pass(1, [two, {}]);
    expect(two.kinds()).toContain('taken-over');
    expect(two.incident()).toMatchObject({ id: idOf(one), keeper: 'two' });
    pass(13, [two, {}]);
    expect(two.kinds().slice(0, 4)).toEqual(['taken-over', 'restored', 'verifying', 'recovered']);
  });

  it('row 35: a run that takes over in mid-run has what others measured, and what it measured itself, once', async () => {
    const one = await begin('one', { pid: 77 });
    pass(2, [one, { down: true }]);
    one.journal.append(requests(5));
    const two = await begin('two');
    pass(2, [one, { down: true }], [two, { down: true }]);
    one.journal.append(requests(6));
    two.journal.append(requests(7));
    ended.add(77);
    pass(1, [two, {}]);
    expect(two.kinds()).toContain('taken-over');
    two.journal.append(requests(1));
    expect(impactIn(two)).toMatchObject({ total: { requests: 80, errors: 19 }, earlier: { runs: ['one'] } });
    expect(compareDerived(two.journal.events(), deriveAll).differences).toEqual([]);
  });

  it('row 35: so has one that began before the incident did', async () => {
    const two = await begin('two');
    const one = await begin('one', { pid: 77 });
    pass(2, [one, { down: true }], [two, {}]);
    one.journal.append(requests(5));
    ended.add(77);
    pass(1, [two, {}]);
    expect(two.kinds()).toContain('taken-over');
    expect(impactIn(two)).toMatchObject({ total: { requests: 20, errors: 5 }, partial: false });
  });

  it('suspicious: buckets of another run’s drill are not written down by one that sees real ones', async () => {
    const round = await begin('round');
    const exercise = await begin('drill', { drill: true });
    pass(2, [exercise, { down: true }], [round, {}]);
    expect(idOf(exercise)).toBeDefined();
    pass(8, [exercise, {}], [round, {}]);
    expect(exercise.kinds()).toContain('restored');
    const noticed = round.journal.events().filter(({ type }) => type === 'incident.noticed');
    expect(noticed).toEqual([]);
  });

  it('and takes over a keeper that has written nothing for three minutes', async () => {
    const one = await incidentOf('one');
    const two = await begin('two');
    pass(2, [two, {}]);
    expect(two.incident()?.keeper).toBe('one');
    pass(2, [two, {}]);
    expect(two.incident()).toMatchObject({ id: idOf(one), keeper: 'two' });
  });

  it('hands on how many minutes nobody looked, also where it ends before another one is over', async () => {
    const one = await incidentOf('one');
    pass(7, [one, {}]);
    await one.end();
    now += minute;
    const two = await begin('two');
    const last = two.journal.events().findLast(isChange);
    expect(last?.data).toMatchObject({
      change: { kind: 'taken-over' },
      state: { phase: { hold: { good: 5, unknownInRow: 2 } } },
    });
    expect(two.incident()?.phase).toMatchObject({ hold: { good: 5, unknownInRow: 2 } });
  });

  it('what it tells of the minute in which it takes over is not lost', async () => {
    const one = await begin('one', { pid: 77 });
    const two = await begin('two');
    pass(2, [one, { down: true }], [two, {}]);
    ended.add(77);
    pass(1, [two, { breaker: 2 }]);
    expect(two.kinds()).toEqual(['signal-joined', 'taken-over']);
    expect(two.incident()?.signals).toEqual(['provider.health', 'breaker.state']);
    expect(compareDerived(two.journal.events(), deriveAll).differences).toEqual([]);
  });

  it('what two see at the same close is told once, while it is mitigated', async () => {
    const [one, two] = [await begin('one'), await begin('two')];
    pass(2, [one, { breaker: 2 }], [two, { breaker: 0 }]);
    pass(1, [one, { breaker: 0, down: true }], [two, { breaker: 0, down: true }]);
    pass(1, [one, { breaker: 2, down: true }], [two, { breaker: 2, down: true }]);
    expect([...one.kinds(), ...two.kinds()].filter((kind) => kind === 'worsened')).toHaveLength(1);
  });

  it('is judged again the same from the events of either run alone', async () => {
    const one = await incidentOf('one');
    const two = await begin('two');
    pass(6, [one, {}], [two, { down: true }]);
    await one.end();
    pass(3, [two, {}]);
    for (const { journal } of [one, two])
      expect(compareDerived(journal.events(), deriveAll).differences).toEqual([]);
  });
});

const resumedIn = ({ journal }: Process) => journal.events().find(({ type }) => type === 'incident.resumed');

describe('what lies between two runs', () => {
  test('is told, and unknown bucket by bucket', async () => {
    await incidentOf('one');
    now += 58 * minute;
    expect(resumedIn(await begin('two'))?.data).toMatchObject({ unknownBuckets: 58, keeps: true });
  });

  test('the gap is measured from the last look of the run before, not from its last tick', async () => {
    const one = await begin('one', { pid: 77 });
    pass(2, [one, { down: true }]);
    tick(one.journal);
    now += 40_000;
    one.journal.append({ type: 'toggle.read', data: { values: {}, abnormal: [], ok: true } });
    now += 5_000;
    ended.add(77);
    const two = await begin('two');
    expect(resumedIn(two)?.data).toMatchObject({ gapMs: 5_000, unknownBuckets: 0, keeps: true });
    expect(JSON.stringify(two.journal.events())).toContain('"kind":"taken-over","from":"one","gapMs":5000');
  });

  test('there is no gap where another run still keeps the incident', async () => {
    await begin('one').then((one) => pass(2, [one, { down: true }]));
    now += 30_000;
    const two = await begin('two');
    expect(resumedIn(two)?.data).toMatchObject({ gapMs: 0, unknownBuckets: 0, keeps: false });
  });

  test('and what the incident went through before is in the events of the later run', async () => {
    const first = await incidentOf('one');
    await first.end();
    const second = await begin('two');
    const own = transitionsOf(second.journal.events());
    expect(own.map(({ data }) => [data.incident, data.change.kind])).toEqual([
      [idOf(first), 'declared'],
      [idOf(first), 'mitigated'],
      [idOf(first), 'taken-over'],
    ]);
    expect(own[0]?.data.change).toMatchObject({ by: { evidence: [resumedIn(second)?.seq] } });
  });

  test('is not told where rounds were well', async () => {
    const first = await begin('one');
    pass(2, [first, {}]);
    await first.end();
    expect(resumedIn(await begin('two'))).toBeUndefined();
  });
});

const sol = (outcome: 'passed' | 'failed' | 'inconclusive', more = {}): Draft =>
  ({
    type: 'check.finished',
    data: { check: 'sol', tags: [], states: {}, violations: [], outcome, ...more },
  }) as never;

describe('how a check ended before is known to the run after: two failures in a row may lie in two rounds', () => {
  test.each<[string, readonly (readonly [Kind, readonly Draft[]])[], unknown]>([
    ['one that failed', [[{}, [sol('failed')]]], { sol: 'failed' }],
    ['one that passed is nothing to tell of', [[{}, [sol('passed')]]], undefined],
    [
      'by its newest answer',
      [
        [{}, [sol('failed')]],
        [{}, [sol('passed')]],
      ],
      undefined,
    ],
    [
      'with those that passed',
      [[{}, [sol('passed', { check: 'pairs' }), sol('failed')]]],
      { pairs: 'passed', sol: 'failed' },
    ],
    [
      'an inconclusive answer, or one that was not asked for, tells nothing',
      [
        [{}, [sol('failed')]],
        [{}, [sol('inconclusive'), sol('inconclusive', { notAsked: true })]],
      ],
      { sol: 'failed' },
    ],
    [
      'a drill tells nothing',
      [
        [{}, [sol('failed')]],
        [{ drill: true }, [sol('passed')]],
      ],
      { sol: 'failed' },
    ],
  ])('%s', async (_, runs, expected) => {
    for (const [index, [kind, drafts]] of runs.entries()) {
      const run = await begin(`run-${index}`, kind);
      drafts.forEach((draft) => run.journal.append(draft));
      await run.end();
    }
    const known = resumedIn(await begin('last'))?.data as Partial<IncidentResumed> | undefined;
    expect(known?.lastChecks).toEqual(expected);
  });

  test('and is not told where nothing was asked', async () => {
    await incidentOf('one');
    expect(resumedIn(await begin('two'))?.data).not.toHaveProperty('lastChecks');
  });
});

const requests = (bad: number): Draft =>
  ({
    type: 'samples',
    data: {
      signal: 'rest.errors',
      labels: { endpoint: 'GET /x' },
      source: 'probe',
      from: now - 30_000,
      to: now - 29_000,
      data: { kind: 'ratio', total: 20, bad, throttled: 0 },
    },
  }) as const;
const impactIn = ({ journal }: Process) => {
  const [incident] = foldIncidents(journal.events());
  return incident && foldImpacts(journal.events(), incident)[0];
};

describe('row 35: an incident over several rounds', () => {
  it('is told whole by the events of the last one alone', async () => {
    for (const [index, run] of ['one', 'two', 'three'].entries()) {
      const round = await begin(run);
      pass(2, [round, { down: true }]);
      round.journal.append(requests(5));
      expect(impactIn(round)?.total).toMatchObject({ requests: 20 * (index + 1), errors: 5 * (index + 1) });
      expect(impactIn(round)?.earlier?.runs ?? []).toEqual(['one', 'two', 'three'].slice(0, index));
      await round.end();
      now += 55 * minute;
    }
  });

  it('and for that the run that handed it on last is read, not all there ever were', async () => {
    const over = await incidentOf('over');
    pass(14, [over, {}]);
    await over.end();
    now += 60 * minute;
    const first = await incidentOf('one');
    const incident = idOf(first) ?? '';
    const readFor = () => {
      const seen = new Set<string>();
      const read: Store['read'] = (query) => {
        const events = store.read(query);
        if (query?.sinceSeq !== undefined) for (const { run } of events) seen.add(run);
        return events;
      };
      handedOn({ read }, 't', incident);
      return [...seen];
    };
    await first.end();
    expect(readFor()).toEqual(['one']);
    for (const run of ['two', 'three']) await begin(run).then((round) => round.end());
    expect(readFor()).toEqual(['three']);
  });

  it('and what a drill measured between them is not in it', async () => {
    const first = await incidentOf('one');
    first.journal.append(requests(5));
    await first.end();
    const drill = await begin('drill', { drill: true });
    pass(1, [drill, {}]);
    drill.journal.append(requests(20));
    await drill.end();
    expect(impactIn(await begin('two'))?.total).toMatchObject({ requests: 20, errors: 5 });
  });
});

describe('row 1: a run does not pass beside an incident', () => {
  it('that it declared: exit 1, named first', async () => {
    const one = await incidentOf('one');
    expect(one.exitCode()).toMatchObject({
      exitCode: 1,
      reason: expect.stringMatching(/^INC-\S+ \(SEV-2\) declared/),
    });
  });

  it.each([
    ['check', 1],
    ['load', 3],
    ['gate', 3],
  ])('that was open before: %s ends with %i', async (command, expected) => {
    const first = await incidentOf('one');
    await first.end();
    const second = await begin('two', { command });
    expect(second.exitCode()).toMatchObject({
      exitCode: expected,
      reason: expect.stringContaining(`${idOf(first)} (SEV-2) is open`),
    });
  });

  it('that it raised', async () => {
    const first = await incidentOf('one');
    await first.end();
    const second = await begin('two', { command: 'load' });
    pass(6, [second, { down: true, errors: 0.5 }]);
    pass(2, [second, { down: true, errors: 0.5 }]);
    expect(second.incident()?.severity).toBe('SEV-2');
    expect(second.exitCode().exitCode).toBe(3);
  });
});

describe('an incident that rests on generated load', () => {
  const finished = {
    type: 'load.finished',
    data: { load: 'l', outcome: 'failed', violations: [], endpoints: [] },
  } as unknown as Draft;

  it('closes when the load ends, still fails the run that opened it, and nobody inherits it', async () => {
    const load = await begin('load', { command: 'load' });
    pass(6, [load, { errors: 0.5 }]);
    expect(load.incident()?.signals).toEqual(['rest.errors']);
    load.journal.append(finished);
    tick(load.journal);
    expect(load.kinds()).toEqual(['declared', 'closed']);
    expect(load.exitCode().exitCode).toBe(1);
    await load.end();
    expect(idOf(await begin('next'))).toBeUndefined();
  });

  it('stays open where something else fired too', async () => {
    const load = await begin('load', { command: 'load' });
    pass(6, [load, { errors: 0.5, breaker: 2 }]);
    load.journal.append(finished);
    expect(load.incident()?.signals).toEqual(['breaker.state', 'rest.errors']);
  });

  it('stays open where a round saw something else in its own probes, of a name that loads measure too', async () => {
    const [load, round] = [await begin('load', { command: 'load' }), await begin('round')];
    pass(6, [load, { errors: 0.5 }], [round, {}]);
    pass(6, [load, { errors: 0.5 }], [round, { slow: true }]);
    expect(load.incident()?.signals).toEqual(['rest.errors', 'rest.latency']);
    load.journal.append(finished);
    tick(load.journal);
    expect([...load.kinds(), ...round.kinds()]).toEqual(['declared', 'signal-joined']);
    await load.end();
    pass(1, [round, { slow: true }]);
    expect(round.incident()).toMatchObject({ id: idOf(load), keeper: 'round' });
  });

  it('counts towards flapping, also in a run that begins after it closed', async () => {
    for (const name of ['one', 'two']) {
      const load = await begin(name, { command: 'load' });
      pass(6, [load, { errors: 0.5 }]);
      load.journal.append(finished);
      await load.end();
    }
    const round = await begin('round');
    pass(2, [round, { down: true }]);
    expect(round.kinds().slice(0, 2)).toEqual(['declared', 'flapping']);
  });

  it('closes when the load ends, also where a round has taken it over meanwhile', async () => {
    const load = await begin('load', { command: 'load' });
    pass(6, [load, { errors: 0.5 }]);
    const round = await begin('round');
    pass(4, [round, {}]);
    expect(round.incident()?.keeper).toBe('round');
    load.journal.append(finished);
    tick(load.journal);
    expect(load.kinds()).toEqual(['declared', 'closed']);
    pass(1, [round, {}]);
    expect(idOf(round)).toBeUndefined();
  });
});

const drill = (on: boolean): Draft => ({
  type: 'incident.noticed',
  data: { run: 'other', drill: { experiment: 'provider-down', on } },
});

describe('a drill belongs to the experiment, not to the run', () => {
  it('what a gate sees before its experiment is real, what it sees in it is the drill’s and closes with it', async () => {
    const gate = await begin('gate', { command: 'gate' });
    pass(2, [gate, { errors: 0 }]);
    gate.journal.append({ type: 'run.phase', data: { phase: 'provider-down', drill: true } });
    pass(3, [gate, { down: true, errors: 0 }]);
    expect(gate.incident()?.drill).toBe(true);
    gate.journal.append({ type: 'run.phase', data: { phase: 'after' } });
    expect(gate.kinds()).toEqual(['declared', 'mitigated', 'closed']);
    expect(gate.exitCode().exitCode).toBe(0);
    pass(3, [gate, { down: true, errors: 0 }]);
    expect(gate.incident()?.drill).toBe(false);
    expect(gate.exitCode().exitCode).toBe(1);
  });

  it('nor is a minute that lay in the drill, and had not closed when it ended', async () => {
    const gate = await begin('gate', { command: 'gate' });
    gate.journal.append({ type: 'run.phase', data: { phase: 'provider-down', drill: true } });
    pass(1, [gate, { errors: 0 }]);
    samplesOf(gate.journal, { down: true, errors: 0 }).forEach((each) => gate.journal.append(each));
    now += minute + 2_000;
    gate.journal.append({ type: 'run.phase', data: { phase: 'after' } });
    now += 5_000;
    gate.journal.append({ type: 'tick', data: { bucket: 0 } });
    expect(gate.kinds()).toEqual([]);
  });

  it('while another run’s drill is on the target nothing is opened, and the run ends with 3 and names it', async () => {
    const round = await begin('round');
    round.journal.append(drill(true));
    pass(3, [round, { down: true }]);
    expect(round.kinds()).toEqual([]);
    round.journal.append(drill(false));
    pass(1, [round, { down: true }]);
    expect(round.kinds()).toEqual([]);
    expect(round.exitCode()).toMatchObject({ exitCode: 3, reason: expect.stringContaining('provider-down') });
    pass(2, [round, { down: true }]);
    expect(round.kinds()[0]).toBe('declared');
  });

  it('the minutes of another run’s drill are unknown to a recovery', async () => {
    const round = await incidentOf('round');
    pass(7, [round, {}]);
    expect(round.incident()?.phase).toMatchObject({ name: 'recovering', hold: { good: 5 } });
    round.journal.append(drill(true));
    pass(5, [round, { down: true }]);
    round.journal.append(drill(false));
    expect(round.kinds().at(-1)).toBe('hold-reset');
    expect(round.incident()?.phase).toMatchObject({ name: 'recovering', hold: { good: 0 } });
    expect(compareDerived(round.journal.events(), deriveAll).differences).toEqual([]);
  });

  it('a gate’s own experiment starts the hold of the real incident over, which waits', async () => {
    const gate = await begin('gate', { command: 'gate' });
    pass(2, [gate, { down: true, errors: 0 }]);
    pass(7, [gate, { errors: 0 }]);
    expect(gate.incident()?.phase).toMatchObject({ name: 'recovering', hold: { good: 5 } });
    gate.journal.append({ type: 'run.phase', data: { phase: 'provider-down', drill: true } });
    expect(gate.kinds().at(-1)).toBe('hold-reset');
    pass(1, [gate, { errors: 0 }]);
    gate.journal.append({ type: 'run.phase', data: { phase: 'after' } });
    expect(gate.incident()?.phase).toMatchObject({ name: 'recovering', hold: { good: 0 } });
  });

  it('nor is an open one moved meanwhile', async () => {
    const round = await incidentOf('round');
    const before = round.kinds();
    round.journal.append(drill(true));
    pass(14, [round, {}]);
    expect(round.kinds()).toEqual(before);
  });
});

test('the reason of a run names the severity as it stands at its end, not as it was declared', async () => {
  const round = await begin('one');
  pass(2, [round, { down: true }]);
  const first = round.journal.events().find((event) => event.type === 'incident.transition');
  if (first?.type !== 'incident.transition') throw new Error('nothing was declared');
  const { data } = first;
  const change = { ...data.change, kind: 'signal-joined', severity: 'SEV-0' } as typeof data.change;
  const { journal } = round;
  journal.append({ type: 'incident.transition', data: { ...data, ordinal: 90, change } });
  expect(round.exitCode().reason).toContain(`${data.incident} (SEV-0) declared: `);
});
