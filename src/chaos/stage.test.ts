import { describe, expect, it } from 'vitest';
import { defineCheck } from '../check/definition.ts';
import type { Draft, Journal, SiagaEvent } from '../event/envelope.ts';
import type { JudgeSpec } from '../event/specs.ts';
import { answers } from './expect/answers.ts';
import { throughout, within } from './expect/modes.ts';
import { Sight } from './sight.ts';
import { Stage } from './stage.ts';

const began = 1_767_225_600_000;
const price = defineCheck({
  name: 'price',
  tags: [],
  every: '1s',
  request: { path: '/price', timeout: '1s' },
  response: { status: 200 },
  states: { degraded: (): boolean => true },
});

let seq = 0;
const answered = (seconds: number, degraded: boolean, late?: true): SiagaEvent =>
  ({
    seq: ++seq,
    at: began + seconds * 1_000,
    type: 'check.finished',
    data: {
      check: 'price',
      outcome: late ? 'inconclusive' : 'passed',
      violations: [],
      durationMs: 100,
      latenessMs: 0,
      loopLagMs: late ? 500 : 0,
      states: late ? {} : { degraded },
      ...(late && { late }),
    },
  }) as unknown as SiagaEvent;

function open(written: readonly SiagaEvent[] = [], pending: readonly SiagaEvent[] = []) {
  const settled: unknown[] = [];
  const journal = {
    events: () => written,
    append: (draft: Draft) => void settled.push(draft.data),
  } as unknown as Journal;
  const sight = new Sight();
  const stage = new Stage({
    experiment: 'source-down',
    facts: [
      { id: 'during.1', text: '', stage: 'during', mode: 'throughout' },
      { id: 'during.2', text: '', stage: 'during', mode: 'within' },
    ],
    expectations: [
      throughout(answers(price, { degraded: true })),
      within('1m', answers(price, { degraded: false })),
    ],
    since: began,
    judge: { bucketMs: 2_000, latenessMs: 500, signals: [] } as unknown as JudgeSpec,
    journal,
    sight,
    pending,
  });
  return { stage, sight, settled, outcomes: () => stage.results.map((each) => each.settled.outcome) };
}

/** A stage that keeps what it knew and what it took. */
function watched(written: readonly SiagaEvent[] = [], pending: readonly SiagaEvent[] = []) {
  const taken: SiagaEvent[] = [];
  let before: readonly SiagaEvent[] = [];
  const sight = new Sight();
  const stage = new Stage({
    experiment: 'source-down',
    facts: [{ id: 'during.1', text: '', stage: 'during', mode: 'within' }],
    expectations: [
      within('1m', {
        text: '',
        allowed: '',
        begin(context) {
          before = context.before;
          return { step: (event) => void taken.push(event) };
        },
      }),
    ],
    since: began,
    judge: { bucketMs: 2_000, latenessMs: 500, signals: [] } as unknown as JudgeSpec,
    journal: { events: () => written, append: () => undefined } as unknown as Journal,
    sight,
    pending,
  });
  return { before, taken, stage, sight };
}

describe('a stage', () => {
  it('mutant: ends with the fault: what is observed after it does not belong to it', () => {
    const { stage, outcomes } = open();
    for (const second of [1, 2, 3]) stage.take(answered(second, true));
    stage.end(began + 3_500);
    stage.take(answered(4, false));
    stage.close(began + 10_000);
    expect(outcomes()).toEqual(['met', 'broken']);
  });

  it('takes what was observed before its end and written after it', () => {
    const { stage, outcomes } = open();
    stage.end(began + 3_500);
    for (const second of [1, 2, 3]) stage.take(answered(second, second !== 3));
    stage.close(began + 10_000);
    expect(outcomes()).toEqual(['broken', 'met']);
  });

  it('takes what was written before it was opened, and what is handed in later only once', () => {
    const [first, second] = [answered(1, true), answered(2, false)];
    const { stage, outcomes } = open([first, second], [second]);
    expect(outcomes()).toEqual([]);
    stage.take(second);
    expect(outcomes()).toEqual(['broken', 'met']);
  });

  it('no false red: takes no answer from a time in which we were late', () => {
    const { stage, sight, outcomes } = open();
    const late = answered(2, false, true);
    sight.take(late);
    stage.take(late);
    // Of another check, at the same time: right as far as it says, but nothing can be said of this time.
    stage.take(answered(1.95, false));
    expect(outcomes()).toEqual([]);
  });

  it('that is abandoned settles what is left as not judged', () => {
    const { stage, outcomes } = open();
    stage.take(answered(1, false));
    stage.abandon('the experiment was stopped');
    expect(outcomes()).toEqual(['broken', 'met']);
    const { stage: other, outcomes: left, settled } = open();
    other.abandon('the experiment was stopped');
    other.abandon('the experiment was stopped');
    expect(left()).toEqual(['unknown', 'unknown']);
    expect(settled).toMatchObject([
      { experiment: 'source-down', expectation: 'during.1', got: 'not judged: the experiment was stopped' },
      { experiment: 'source-down', expectation: 'during.2', outcome: 'unknown' },
    ]);
  });

  it('knows what was observed before it, and judges what was observed since', () => {
    const events = [-1, 0, 1, 2].map((second) => answered(second + 0.1, true));
    const { before, taken, stage } = watched(events, events.slice(-1));
    expect([before, taken]).toEqual([events.slice(0, 1), events.slice(1, 3)]);
    stage.take(events[3] as SiagaEvent);
    expect(taken).toEqual(events.slice(1));
  });

  it('suspicious: takes no sample of a load that stood still, and whatever else was told meanwhile', () => {
    const { taken, stage, sight } = watched();
    const at = (seconds: number, type: string, data: object) =>
      ({ seq: ++seq, at: began + seconds * 1_000, type, data }) as unknown as SiagaEvent;
    const span = { from: began + 1_000, to: began + 2_000 };
    sight.take(at(2, 'load.stood', { load: 'steady', ...span }));
    sight.take(answered(2, true, true));
    const told = [
      at(2, 'samples', { source: 'load', ...span }),
      at(2.5, 'samples', { source: 'load', from: span.to, to: span.to + 500 }),
      at(1.95, 'toggle.read', {}),
    ];
    for (const event of told) stage.take(event);
    expect(taken).toEqual(told.slice(1));
  });
});
