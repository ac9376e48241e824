import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { defineCheck } from '../check/definition.ts';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import type { ExperimentContext } from './context.ts';
import type { AnyExperiment, Expectation } from './definition.ts';
import { passes } from './expect/answers.ts';
import { never, throughout, within } from './expect/modes.ts';
import { Judging } from './judging.ts';
import type { ProxyState } from './ports.ts';
import type { Stop } from './stop.ts';

const second = 1_000;
const began = 100 * second;
const price = defineCheck({
  name: 'price',
  tags: [],
  every: '1s',
  request: { path: '/price', timeout: '1s' },
  response: { status: 200 },
});

const proxy: ProxyState = {
  name: 'postgres',
  listen: '127.0.0.1:1',
  upstream: '127.0.0.1:2',
  enabled: true,
  toxics: [],
};

interface Promised {
  readonly during?: readonly Expectation[];
  readonly after?: readonly Expectation[];
}

/** An experiment whose clock and Toxiproxy the test moves; seconds count from the first fault. */
function open({ during = [], after = [] }: Promised = {}) {
  let now = began;
  let listed: readonly ProxyState[] | undefined = [proxy];
  let sleepers: (() => void)[] = [];
  let meanwhile: (() => Promise<unknown>) | undefined;
  const events: SiagaEvent[] = [];
  const stops: Stop[] = [];
  const write = (draft: object): void => {
    const event = { v: 1, run: 'r', mono: 0, boot: 'b', at: now, ...draft, seq: events.length + 1 };
    events.push(event as SiagaEvent);
    judging.take(event as SiagaEvent);
  };
  const context = {
    journal: { run: 'r', events: () => events, append: (draft: Draft) => write(draft) },
    clock: {
      now: () => now,
      sleep: (_: number, signal: AbortSignal) =>
        new Promise<void>((wake) => {
          sleepers.push(wake);
          if (signal.aborted) wake();
          else signal.addEventListener('abort', () => wake());
        }),
    },
    faults: {
      async list() {
        await meanwhile?.();
        return listed ?? Promise.reject(new Error('no answer'));
      },
      inject: async () => void (listed = [{ ...proxy, enabled: false }]),
    },
    judge: { bucketMs: 2 * second, latenessMs: 500, signals: [], recovery: { deadlineMs: 60 * second } },
  } as unknown as ExperimentContext;
  const experiment = { name: 'database-slow', expects: [], during, after } as unknown as AnyExperiment;
  const judging = new Judging(experiment, context, (stop) => void stops.push(stop));
  const at = (seconds: number): number => began + seconds * second;
  return {
    judging,
    stops,
    at,
    list: (proxies: typeof listed) => void (listed = proxies),
    /** While Toxiproxy is asked. */
    asked: (act: () => Promise<unknown>) => void (meanwhile = act),
    clock: (seconds: number) => void (now = at(seconds)),
    /** Toxiproxy is asked, and answers. */
    async look(seconds: number) {
      await setImmediate();
      now = at(seconds);
      const woken = sleepers;
      sleepers = [];
      for (const wake of woken) wake();
      await setImmediate();
    },
    answered: (seconds: number, outcome: 'passed' | 'failed' = 'passed') =>
      write({
        type: 'check.finished',
        at: at(seconds),
        data: { check: 'price', outcome, violations: [], states: {}, durationMs: 10, latenessMs: 0 },
      }),
    fires: (seconds: number, since = seconds - 1) =>
      write({
        type: 'incident.transition',
        at: at(seconds),
        data: {
          drill: true,
          effectiveAt: at(seconds),
          change: { kind: 'declared', by: { signal: 'db.up', got: '0', allowed: '1', since: at(since) } },
        },
      }),
    stood: (from: number, to: number) =>
      write({ type: 'load.stood', data: { load: 'steady', from: at(from), to: at(to) } }),
    settled: () =>
      events.flatMap(({ type, data }) =>
        type === 'expectation.settled' ? [`${data.expectation} ${data.outcome}`] : [],
      ),
  };
}

describe('what is measured while a fault is in', () => {
  it('counts once Toxiproxy has answered after it', async () => {
    const { judging, at, look, answered, settled } = open({ during: [within('1m', passes(price))] });
    await judging.during(async () => {
      judging.openDuring(at(0));
      answered(1);
      answered(3);
      expect(settled()).toEqual([]);
      await look(0.5);
      expect(settled()).toEqual([]);
      await look(1);
      expect(settled()).toEqual(['during.1 met']);
    });
  });

  it('does not count where Toxiproxy was silent: nobody knows what it did', async () => {
    const { judging, at, look, list, answered, settled } = open({ during: [never(passes(price))] });
    await judging.during(async () => {
      judging.openDuring(at(0));
      list(undefined);
      answered(1);
      await look(2);
      expect(settled()).toEqual([]);
      list([proxy]);
      await look(3);
      answered(3.5);
      await look(4);
      expect(settled()).toEqual(['during.1 broken']);
    });
  });

  it('counts until the experiment leaves it, whatever ends it', async () => {
    const { judging, at, clock, answered, settled } = open({ during: [never(passes(price))] });
    const ended = judging.during(async () => {
      judging.openDuring(at(0));
      answered(1);
      clock(2);
      throw new Error('stopped');
    });
    await expect(ended).rejects.toThrow('stopped');
    expect(settled()).toEqual(['during.1 broken']);
  });

  it('belongs to the fault until it is taken out, and is waited for until it must have been written', async () => {
    const { judging, at, clock, look, answered, settled } = open({
      during: [throughout(passes(price))],
    });
    await judging.during(async () => {
      judging.openDuring(at(0));
      for (const seconds of [1, 2, 3]) answered(seconds);
      clock(3.5);
      judging.endDuring();
      answered(4, 'failed');
      await look(5);
      judging.expire();
      expect(settled()).toEqual([]);
      await look(5.001);
      judging.expire();
      expect(settled()).toEqual(['during.1 met']);
    });
  });

  it('was due by its deadline', async () => {
    const { judging, at, look, answered, settled } = open({
      during: [within('2s', passes(price))],
      after: [within('2s', passes(price))],
    });
    await judging.during(async () => {
      judging.openDuring(at(0));
      for (const seconds of [1, 2, 3]) answered(seconds, 'failed');
      await look(4);
      judging.expire();
      expect(settled()).toEqual(['during.1 broken']);
      await judging.openAfter(at(4));
      for (const seconds of [5, 6, 7]) answered(seconds, 'failed');
      await look(8);
      judging.expire();
      expect(settled()).toEqual(['during.1 broken', 'after.1 broken']);
    });
  });
});

describe('what is waited for once the fault is out', () => {
  it('is what was promised for after it, until it has come or the experiment is over', async () => {
    const { judging, at, clock, look, answered, settled } = open({
      during: [throughout(passes(price))],
      after: [within('1m', passes(price)), never(passes(price))],
    });
    expect(judging.waiting).toEqual([]);
    await judging.during(async () => {
      judging.openDuring(at(0));
      answered(1);
      clock(2);
      judging.endDuring();
      await judging.openAfter(at(2));
      expect(judging.waiting.map(({ id }) => id)).toEqual(['after.1']);
      for (const seconds of [3, 4, 5]) answered(seconds, 'failed');
      await look(5);
      expect(judging.waiting).toHaveLength(1);
      await judging.close();
    });
    expect(settled()).toEqual(['during.1 met', 'after.1 broken', 'after.2 met']);
    expect(judging.waiting).toEqual([]);
    expect(judging.stages.map((stage) => stage?.results.length)).toEqual([1, 2]);
  });
});

describe('an alarm that the experiment does not expect', () => {
  it('ends it once Toxiproxy has answered after it, and once', async () => {
    const { judging, stops, at, look, fires } = open();
    await judging.during(async () => {
      fires(1);
      judging.openDuring(at(0));
      expect(stops).toEqual([]);
      await look(1);
      await look(2);
    });
    expect(stops).toMatchObject([{ kind: 'undeclared', message: expect.stringContaining('db.up fired') }]);
  });

  it('of the time before the fault is none of it', async () => {
    const { judging, stops, look, fires } = open();
    fires(-1);
    await judging.during(() => look(1));
    expect(stops).toEqual([]);
  });

  it('that rests on what nobody could see is told as such', async () => {
    const { judging, stops, at, look, stood, fires } = open();
    await judging.during(async () => {
      judging.openDuring(at(0));
      stood(0, 6);
      fires(10, 0);
      await look(11);
    });
    expect(stops).toMatchObject([
      { kind: 'unseen', message: expect.stringMatching(/db\.up fired .*; the load stood still for 6 s/) },
    ]);
  });
});

it('what somebody else changes in Toxiproxy ends the experiment', async () => {
  const { judging, stops, list, look } = open();
  await judging.during(async () => {
    await look(1);
    list([{ ...proxy, enabled: false }]);
    await look(2);
  });
  expect(stops[0]).toMatchObject({
    kind: 'tampered',
    message: expect.stringMatching(/^someone else changed Toxiproxy .* postgres reads as disabled/),
  });
});

it('what it changes itself while Toxiproxy is asked is nobody else’s doing', async () => {
  const { judging, stops, asked, look } = open();
  await judging.during(async () => {
    await look(1);
    asked(() => judging.port.inject({} as never));
    await look(2);
  });
  expect(stops).toEqual([]);
});

describe('an experiment that saw too little of a stage says so', () => {
  it.each<[string, (world: ReturnType<typeof open>) => void, readonly string[]]>([
    ['of the fault', ({ stood }) => stood(0, 6), ['6 s of 10 s']],
    ['of what came after it', ({ stood }) => stood(14, 20), ['6 s of 10 s']],
    ['of neither', ({ stood }) => stood(9, 11), []],
  ])('%s', async (_, happens, doubts) => {
    const world = open();
    const { judging, at, clock } = world;
    await judging.during(async () => {
      judging.openDuring(at(0));
      happens(world);
      clock(10);
      judging.endDuring();
      await judging.openAfter(at(10));
      clock(20);
      await judging.close();
    });
    expect(judging.unseen).toEqual(doubts.map((each) => expect.stringContaining(each)));
  });

  it('but not where its fault never went in', async () => {
    const { judging, stood, look } = open();
    await judging.during(async () => {
      stood(-100, 0);
      judging.expire();
      judging.endDuring();
      await look(2);
      judging.expire();
    });
    expect(judging.unseen).toEqual([]);
  });
});
