import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createHttpProbe } from '../adapter/http.ts';
import { systemClock, systemRandom } from '../adapter/system.ts';
import { createSocketProbe } from '../adapter/websocket.ts';
import { defineCheck } from '../check/definition.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import type { RunJournal, Store } from '../event/store.ts';
import { started } from '../incident/testing/play.ts';
import { openStore } from '../store/store.ts';
import type { SamplingContext } from './context.ts';
import { beforeLastHour, grant, hourlyLimit, standingAnswer } from './hourly.ts';
import { planOf } from './plan.ts';
import { runRound } from './observe.ts';
import { startSampler } from './sampler.ts';

const minute = 60_000;
const now = 29_000_000 * minute;
const asked = (minutesAgo: number, check = 'sol') =>
  ({ type: 'check.asked', data: { check }, at: now - minutesAgo * minute }) as SiagaEvent;

const told = (outcome: string, minutesAgo: number, check = 'sol') =>
  ({
    type: 'check.finished',
    run: 'r',
    at: now - minutesAgo * minute,
    data: { check, outcome, violations: [] },
  }) as unknown as SiagaEvent;
const experiment = (type: string) => ({ type, run: 'r', at: now, data: {} }) as unknown as SiagaEvent;

describe('a check of two runs an hour', () => {
  test.each<[string, SiagaEvent[], boolean]>([
    ['may run where it never has', [], true],
    ['may run a second time', [asked(1)], true],
    ['may not a third time', [asked(59), asked(1)], false],
    ['may again an hour later', [asked(60), asked(1)], true],
    ['is not held back by another', [asked(2, 'pairs'), asked(1, 'pairs')], true],
  ])('%s', (_, events, free) => {
    expect(grant(events, { name: 'sol', maxPerHour: 2 }, now)).toHaveLength(free ? 1 : 0);
  });

  test('may run as often as it likes without a limit', () => {
    expect(grant([asked(3), asked(2), asked(1)], { name: 'sol' }, now)).toHaveLength(1);
  });
});

describe('in processes that share a store', () => {
  let folder: string;
  let server: Server;
  let requests: number;
  const stores: Store[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'siaga-hourly-'));
    requests = 0;
    server = createServer((_, response) => {
      requests += 1;
      response.writeHead(200).end('{}');
    });
    await new Promise<void>((ready) => {
      server.listen(0, '127.0.0.1', ready);
    });
  });

  afterEach(async () => {
    for (const store of stores.splice(0)) store.close();
    server.closeAllConnections();
    await new Promise((closed) => {
      server.close(closed);
    });
    rmSync(folder, { recursive: true, force: true });
  });

  const check = defineCheck({
    name: 'sol',
    tags: [],
    every: '500ms',
    maxPerHour: 3,
    request: { path: '/', timeout: '2s' },
    response: { status: 200 },
  });

  function process(run: string, target = 'demo'): { journal: RunJournal; context: SamplingContext } {
    const store = openStore(join(folder, 'siaga.db'));
    stores.push(store);
    const journal = store.journal({ run, target, clock: systemClock, boot: run });
    const { port } = server.address() as AddressInfo;
    const context = {
      journal,
      clock: systemClock,
      random: systemRandom,
      http: createHttpProbe(),
      socket: createSocketProbe(),
      target: { name: target, url: `http://127.0.0.1:${port}` },
      bucketMs: 2_000,
      signal: new AbortController().signal,
      secrets: [],
      hourly: hourlyLimit(journal, systemClock, { store, target: 'demo', since: 0 }),
    };
    return { journal, context };
  }

  test('rounds ask no more often together than it may, and say so', async () => {
    const both = [process('cron').context, process('drill').context];
    const rounds = await Promise.all([0, 1, 0, 1].map((which) => runRound([check], both[which] as never)));
    expect(requests).toBe(3);
    const held = rounds.flat().filter(({ notAsked }) => notAsked);
    expect(held).toMatchObject([
      {
        outcome: 'inconclusive',
        reason: 'not asked: it has run 3 times in the last hour, as often as maxPerHour allows',
      },
    ]);
  });

  test('a sampler skips what others have used up, and records it', async () => {
    const { context } = process('cron');
    await runRound([check, check], context);
    const { context: drill, journal } = process('drill');
    // Without its limit it would run each half second.
    const often = { ...check, maxPerHour: 7_200 };
    const mayRun = () => drill.hourly?.mayRun(check) ?? Promise.resolve(true);
    const limited = { mayRun, lastAnswer: () => undefined };
    const sampler = startSampler({
      plan: planOf({ signals: [], bucketMs: 60_000 }, { checks: [often] }),
      ctx: { ...drill, hourly: limited },
    });
    while (!journal.events().some(({ type }) => type === 'sampling.late')) await systemClock.sleep(20);
    await sampler.stop();
    expect(requests).toBe(3);
  });

  test('row 10: the answer of a check that may not be asked again stands, whichever run heard it', async () => {
    await runRound([check, check, check], process('cron').context);
    const { context } = process('next');
    const [held] = await runRound([check], context);
    expect(held).toMatchObject({ notAsked: true, outcome: 'inconclusive', stands: { outcome: 'passed' } });
    expect(held?.stands?.at).toBeGreaterThan(now);
  });

  test.each<[string, SiagaEvent[], unknown]>([
    ['none was heard', [], undefined],
    [
      'the newest conclusive one is it',
      [told('failed', 3), told('passed', 2), told('inconclusive', 1)],
      'passed',
    ],
    ['another check says nothing of it', [told('failed', 3), told('passed', 2, 'pairs')], 'failed'],
    [
      'what an experiment brought about is none',
      [
        told('passed', 4),
        experiment('experiment.started'),
        told('failed', 3),
        experiment('experiment.finished'),
      ],
      'passed',
    ],
  ])('row 10: of the answers within the hour %s', (_, events, outcome) => {
    expect(standingAnswer(events, 'sol')?.outcome).toBe(outcome);
  });

  test('another target has an hour of its own', async () => {
    await runRound([check, check, check], process('cron').context);
    const [other] = await runRound([check], process('other', 'staging').context);
    expect(other?.outcome).toBe('passed');
  });

  test('only what lies within the hour is read again', () => {
    const { journal } = process('long ago');
    const [store] = stores;
    const old = journal.append({ ...started(false), at: now - 61 * minute });
    journal.append({ ...started(false), at: now - 59 * minute });
    expect(store && beforeLastHour(store, 'demo', now)).toBe(old.seq);
    expect(store && beforeLastHour(store, 'demo', now - 90 * minute)).toBe(0);
  });
});
