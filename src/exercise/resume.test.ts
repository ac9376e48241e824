import { describe, expect, test } from 'vitest';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import type { EventQuery, RunJournal, Store } from '../event/store.ts';
import { createEngine, type Engine } from '../incident/engine.ts';
import { transitionsOf } from '../projection/transitions.ts';
import { compileJudge } from '../runbook/judge.ts';
import runbook from '../../runbook.ts';
import { leaveSnapshot, resume } from './resume.ts';

const minute = 60_000;
const origin = 29_000_000 * minute;
const judge = compileJudge(runbook, { speed: 1, loadRunning: false, coreChecks: [] });

/** Rounds of checks an hour apart that share one store, each judged by a fresh engine. */
function world() {
  const log: SiagaEvent[] = [];
  const asked: SiagaEvent[] = [];
  const read = (query: EventQuery = {}) => {
    const { run: of, types, sinceSeq = 0 } = query;
    const found = log.filter((event) => (of ?? event.run) === event.run && event.seq > sinceSeq);
    const wanted = found.filter(({ type }) => types?.includes(type) ?? true);
    asked.push(...wanted);
    return wanted;
  };
  const begin = (run: string, hour: number, drill = false) => {
    const engine = createEngine();
    let at = origin + hour * 60 * minute;
    const append = (draft: Draft): SiagaEvent => {
      const event = { v: 1, seq: log.length + 1, run, at, mono: at, boot: run, ...draft } as SiagaEvent;
      log.push(event);
      for (const derived of engine.step(event)) append(derived);
      return event;
    };
    const journal = {
      run,
      append,
      events: () => log.filter((event) => event.run === run),
    } as unknown as RunJournal;
    append(started(drill));
    const store = { read } as unknown as Store;
    if (!drill) resume(store, journal, 't', judge);
    const down = (minutes: number, isDown: boolean, settleMs = 10_000) => {
      for (let index = 0; index < minutes; index++) {
        append(health(at, isDown));
        at += minute;
      }
      append({ type: 'tick', data: { bucket: 0 } });
      at += settleMs;
      append({ type: 'tick', data: { bucket: 0 } });
    };
    return { engine, journal, down };
  };
  return { log, asked, begin };
}

function started(drill: boolean): Draft {
  const data = { command: 'check', subject: '', target: { name: 't', url: 'http://t' }, drill, judge };
  const rest = {
    contacts: [],
    endpoints: [],
    versions: {},
    state: 'project',
    repeat: 'siaga check',
  } as const;
  return {
    type: 'run.started',
    data: { ...data, ...rest } as Extract<Draft, { type: 'run.started' }>['data'],
  };
}

function health(from: number, isDown: boolean): Draft {
  const data = { kind: 'ratio', total: 20, bad: isDown ? 20 : 0, throttled: 0 } as const;
  return {
    type: 'samples',
    data: { signal: 'provider.health', labels: {}, source: 'probe', from, to: from + 1, data },
  };
}

const idOf = ({ incident }: Engine) => incident?.id;
const declared = (log: readonly SiagaEvent[]) =>
  log.filter((event) => event.type === 'incident.transition' && event.data.change.kind === 'declared').length;

describe('a round an hour later', () => {
  test('goes on with the incident that is open, and does not declare it again', () => {
    const { log, begin } = world();
    const first = begin('one', 0);
    first.down(2, true);
    leaveSnapshot(first.journal, first.engine);
    const second = begin('two', 1);
    second.down(2, true);
    expect(idOf(second.engine)).toBe(idOf(first.engine));
    expect(idOf(first.engine)).toBeDefined();
    expect(declared(log)).toBe(1);
  });

  test('says what it went through before, so that its own events tell the whole of it', () => {
    const { log, begin } = world();
    const first = begin('one', 0);
    first.down(2, true);
    leaveSnapshot(first.journal, first.engine);
    begin('two', 1);
    const own = log.filter(({ run }) => run === 'two');
    const resumed = own.find(({ type }) => type === 'incident.resumed');
    expect(transitionsOf(own).map(({ seq, data }) => [seq, data.incident, data.change.kind])).toEqual([
      [resumed?.seq, idOf(first.engine), 'declared'],
    ]);
    expect(transitionsOf(own)[0]?.data.change).toMatchObject({ by: { evidence: [resumed?.seq] } });
  });

  test('finds it even where the round before was killed before it wrote where it stood', () => {
    const { begin } = world();
    const first = begin('one', 0);
    first.down(2, true);
    expect(idOf(begin('two', 1).engine)).toBe(idOf(first.engine));
  });

  test('says how long nobody looked', () => {
    const { log, begin } = world();
    begin('one', 0).down(2, true);
    begin('two', 1);
    const resumed = log.find((event) => event.type === 'incident.resumed');
    expect(Math.round((resumed?.data.gapMs ?? 0) / minute)).toBe(58);
  });

  test('knows nothing of the minutes in between', () => {
    const { log, begin } = world();
    begin('one', 0).down(2, true);
    begin('two', 1);
    const resumed = log.find((event) => event.type === 'incident.resumed');
    expect(resumed?.data.unknownBuckets).toBe(58);
  });

  test('nor of a minute that had not closed when the run ended', () => {
    const { log, begin } = world();
    begin('one', 0).down(2, true, 3_000);
    begin('two', 1);
    const resumed = log.find((event) => event.type === 'incident.resumed');
    expect(resumed?.data.unknownBuckets).toBe(59);
  });

  test('starts with nothing open after rounds that were well', () => {
    const { log, begin } = world();
    const first = begin('one', 0);
    first.down(2, false);
    leaveSnapshot(first.journal, first.engine);
    expect(idOf(begin('two', 1).engine)).toBeUndefined();
    expect(log.some(({ type }) => type === 'incident.resumed')).toBe(false);
  });

  test('reads no samples older than the last snapshot', () => {
    const { asked, begin } = world();
    for (const [hour, run] of ['one', 'two', 'three'].entries()) {
      const { down, journal, engine } = begin(run, hour);
      down(2, false);
      leaveSnapshot(journal, engine);
    }
    asked.length = 0;
    begin('four', 3);
    expect(new Set(asked.filter(({ type }) => type === 'samples').map(({ run }) => run))).toEqual(
      new Set(['three']),
    );
  });

  test('takes nothing over from a drill', () => {
    const { begin } = world();
    begin('drill', 0, true).down(2, true);
    expect(idOf(begin('two', 1).engine)).toBeUndefined();
  });
});
