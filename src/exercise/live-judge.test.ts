import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventType } from '../event/catalogue.ts';
import type { Draft } from '../event/envelope.ts';
import type { Store } from '../event/store.ts';
import { createEngine, type Engine } from '../incident/engine.ts';
import { compileJudge } from '../runbook/judge.ts';
import { openStore } from '../store/store.ts';
import runbook from '../../runbook.ts';
import { judgeLive } from './live-judge.ts';

const bug = new TypeError('x is undefined');
const problem: Draft = { type: 'run.problem', data: { code: 'c', message: 'm' } };
const staying: Draft = { type: 'run.phase', data: { phase: 'staying', part: 'staying' } };

let folder: string;
let store: Store;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'siaga-broken-'));
  store = openStore(join(folder, 'siaga.db'));
});

afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      setTimeout(resolve, ms).unref();
      signal?.addEventListener('abort', () => reject(new Error('aborted')));
    }),
};
const judge = compileJudge(runbook, { speed: 1, loadRunning: false, coreChecks: [] });

/** A run whose engine throws at the first event of a type, and what it was asked. Its store is busy for a while. */
function begin(type: EventType, busyMs?: number) {
  const asked: EventType[] = [];
  const real = createEngine();
  const step: Engine['step'] = (event) => {
    asked.push(event.type);
    if (event.type === type) throw bug;
    return real.step(event);
  };
  const engine = Object.create(real, { step: { value: step } }) as Engine;
  const journal = store.journal({ run: 'r', target: 't', clock, boot: 'b' });
  const decide = journal.decide.bind(journal);
  if (busyMs !== undefined)
    journal.decide = async (...question) => {
      await clock.sleep(busyMs);
      return decide(...question);
    };
  return { journal, asked, live: judgeLive({ journal, clock, judge, engine }) };
}

describe('a judge whose engine throws', () => {
  it.each([
    ['within the transaction in which it decides', staying],
    ['at an event that decides nothing', problem],
  ])('ends the run %s, and judges nothing more', async (_name, draft) => {
    const { journal, live, asked } = begin(draft.type);
    expect(live.broken.aborted).toBe(false);
    journal.append(draft);
    await live.stop();
    expect(live.broken).toMatchObject({ aborted: true, reason: bug });
    journal.append(problem);
    expect(asked).toEqual([draft.type]);
  });

  it('ends the run where the decision had to wait for another process', async () => {
    const { journal, live, asked } = begin('run.phase', 20);
    journal.append({ type: 'tick', data: { bucket: 0 } });
    journal.append(staying);
    await expect.poll(() => live.broken.aborted, { timeout: 10_000 }).toBe(true);
    await live.stop();
    expect(live.broken.reason).toBe(bug);
    expect(asked).toEqual(['tick', 'run.phase']);
  });
});

describe('a judge beside a run', () => {
  it('takes each event once, though a store that is busy asks for the decision again', async () => {
    const { journal, live, asked } = begin('run.problem');
    const decide = journal.decide.bind(journal);
    const answers: (readonly Draft[])[] = [];
    journal.decide = (since, fold, types) => {
      const twice: typeof fold = (events) => {
        answers.push(fold(events), fold(events));
        return answers.at(-1) ?? [];
      };
      return decide(since, twice, types);
    };
    journal.append(staying);
    await live.stop();
    expect(asked).toEqual(['run.phase']);
    expect(answers[1]).toBe(answers[0]);
  });

  it('knows what the run wrote before it', async () => {
    const { journal, live } = begin('run.problem');
    await live.stop();
    journal.append(staying);
    const asked: EventType[] = [];
    const step: Engine['step'] = ({ type }) => {
      asked.push(type);
      return [];
    };
    const later = judgeLive({ journal, clock, judge, engine: { ...createEngine(), step } });
    expect(asked).toEqual(['run.phase']);
    await later.stop();
  });
});
