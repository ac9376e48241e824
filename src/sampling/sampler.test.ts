import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { createHttpProbe } from '../adapter/http.ts';
import { systemClock, systemRandom } from '../adapter/system.ts';
import { createSocketProbe } from '../adapter/websocket.ts';
import { type AnyCheck, defineCheck } from '../check/definition.ts';
import type { Catalogue, EventType } from '../event/catalogue.ts';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import type { SamplingContext } from './context.ts';
import type { ScrapedMetric } from './increase.ts';
import { planOf } from './plan.ts';
import { runRound } from './observe.ts';
import { MetricsReader } from './scraper.ts';
import { startSampler } from './sampler.ts';

const judge = { signals: [], bucketMs: 60_000 };
const planned = (checks: readonly AnyCheck[]) => planOf(judge, { checks });

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function serve(handler: http.RequestListener) {
  const server = http.createServer(handler);
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function contextOf(url: string, over: Partial<SamplingContext> = {}) {
  const [probe, socket, drafts] = [createHttpProbe(), createSocketProbe(), [] as Draft[]];
  closers.push(() => {
    probe.close();
    socket.close();
  });
  const append = (draft: Draft) => {
    drafts.push(draft);
    return { ...draft, seq: drafts.length } as SiagaEvent;
  };
  const context: SamplingContext = {
    journal: { append },
    clock: systemClock,
    random: systemRandom,
    http: probe,
    socket,
    target: { name: 'demo', url, identity: { probe: { 'X-Client-Id': 'siaga-probe' } } },
    bucketMs: 2_000,
    signal: new AbortController().signal,
    secrets: [],
    ...over,
  };
  const of = <T extends EventType>(type: T) =>
    drafts.filter((draft) => draft.type === type).map(({ data }) => data as Catalogue[T]);
  return { context, of };
}

const get = (path: string, over: Partial<AnyCheck> = {}): AnyCheck => ({
  ...defineCheck({
    name: path.replaceAll('/', '') || 'root',
    tags: [],
    every: '500ms',
    request: { path, timeout: '2s' },
    response: { status: 200 },
  }),
  ...over,
});

const asking = (name: string, way: object) =>
  get('/q', { name, request: { path: '/q', timeout: '1s', ...way } });

const fullDisk = () => {
  throw new Error('disk full');
};

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a round', () => {
  test('runs each check once, says who asks, and writes what it saw', async () => {
    const asked: http.IncomingMessage[] = [];
    const { url } = await serve((request, response) => {
      asked.push(request);
      response.writeHead(request.url === '/b' ? 500 : 200).end('{}');
    });
    const { context, of } = contextOf(`${url}/`);
    const round = await runRound([get('/a'), get('/b')], context);
    expect(round.map(({ check, outcome }) => [check, outcome])).toEqual([
      ['a', 'passed'],
      ['b', 'failed'],
    ]);
    expect(of('check.finished')).toHaveLength(2);
    expect(asked.map(({ headers }) => headers['x-client-id'])).toEqual(['siaga-probe', 'siaga-probe']);
    expect(asked.map(({ headers }) => headers['x-request-id'])).toEqual(
      asked.map(() => expect.stringMatching(/^siaga-\w{16}$/)),
    );
    const errors = of('samples').filter(({ signal }) => signal === 'rest.errors');
    expect(errors.map(({ labels, data }) => [labels['endpoint'], data])).toEqual([
      ['GET /a', { kind: 'ratio', total: 1, bad: 0, throttled: 0 }],
      ['GET /b', { kind: 'ratio', total: 1, bad: 1, throttled: 0 }],
    ]);
  });

  test('keeps the order of its checks, whichever answers first', async () => {
    const { url } = await serve((request, response) =>
      setTimeout(() => response.end(), request.url === '/a' ? 100 : 0),
    );
    const round = await runRound([get('/a'), get('/b')], contextOf(url).context);
    expect(round.map(({ check }) => check)).toEqual(['a', 'b']);
  });

  test('asks a dependency past and through its proxy without our identity, or says that it cannot', async () => {
    const seen: unknown[] = [];
    const { url } = await serve((request, response) => {
      seen.push([request.url, request.headers['x-client-id']]);
      response.end();
    });
    const { context } = contextOf('http://127.0.0.1:1');
    const target = {
      ...context.target,
      resolveDirect: (proxy: string) => (proxy === 'okx' ? undefined : `${url}/past`),
      resolveThrough: () => `${url}/through`,
    };
    const checks = [
      asking('a', { direct: 'coinapi' }),
      asking('b', { through: 'coinapi' }),
      asking('c', { past: 'okx' }),
    ];
    const round = await runRound(checks, { ...context, target });
    expect(round.map(({ outcome }) => outcome)).toEqual(['passed', 'passed', 'inconclusive']);
    expect(seen.toSorted()).toEqual([
      ['/past/q', undefined],
      ['/through/q', undefined],
    ]);
  });

  test('that is interrupted rejects with the reason and writes nothing half done', async () => {
    const { url } = await serve((request, response) => void (request.url === '/a' && response.end()));
    const stop = new AbortController();
    const { context, of } = contextOf(url, { signal: stop.signal });
    setTimeout(() => stop.abort(new Error('Ctrl-C')), 200);
    await expect(runRound([get('/a'), get('/hangs')], context)).rejects.toThrow('Ctrl-C');
    expect(of('check.finished').map(({ check }) => check)).toEqual(['a']);
    expect(of('samples').length).toBeGreaterThan(0);
  });
});

describe('a sampler', () => {
  test('of 200 checks lets 10 that hang keep no other waiting', async () => {
    const { url } = await serve(
      (request, response) => void (request.url?.startsWith('/hang') || response.end()),
    );
    const { context, of } = contextOf(url);
    const checks = Array.from({ length: 200 }, (_, index) => {
      const hangs = index % 20 === 0;
      const path = hangs ? `/hang${index}` : `/well${index}`;
      // On a busy machine an answer is late that did not hang.
      return get(path, { every: '1s', request: { path, timeout: hangs ? '2s' : '30s' } });
    });
    const sampler = startSampler({ plan: planned(checks), ctx: context });
    const finished = (wanted: (check: Catalogue['check.finished']) => boolean) =>
      Map.groupBy(of('check.finished').filter(wanted), ({ check }) => check);
    const often = () =>
      [...finished(({ timedOut }) => !timedOut).values()].filter(({ length }) => length >= 3).length;
    // Planned for three seconds; behind the hanging ones it would take a minute.
    await expect.poll(often, { timeout: 9_000 }).toBe(190);
    await expect.poll(() => finished(({ timedOut }) => timedOut === true).size, { timeout: 9_000 }).toBe(10);
    await sampler.stop();
  }, 20_000);

  test('skips what falls into a run that hangs, says so, and never makes up for it', async () => {
    const { url } = await serve(() => {});
    const { context, of } = contextOf(url);
    const slow = get('/slow', { every: '100ms', request: { path: '/slow', timeout: '350ms' } });
    const sampler = startSampler({ plan: planned([slow]), ctx: context });
    await pause(1_200);
    await sampler.stop();
    expect(of('check.finished').length).toBeLessThanOrEqual(3);
    const skipped = of('sampling.late').reduce((sum, late) => sum + late.skipped, 0);
    expect(skipped).toBeGreaterThanOrEqual(4);
    expect(of('sampling.late')[0]).toMatchObject({ lane: 'demo/slow', check: 'slow' });
    expect(of('check.finished').every(({ latenessMs }) => latenessMs < 100)).toBe(true);
  });

  test('fills a two-second bucket with 20 echoes on one connection', async () => {
    const { server, url } = await serve((_, response) => response.end());
    const sockets = new WebSocketServer({ server });
    let connections = 0;
    sockets.on('connection', (socket) => {
      connections += 1;
      socket.on('message', (data) => socket.send(String(data)));
    });
    closers.push(() => {
      for (const client of sockets.clients) client.terminate();
    });
    const { context, of } = contextOf(url);
    const echo = defineCheck({
      name: 'echo',
      tags: [],
      every: '75ms',
      socket: { path: '/', send: { deep: ['{{id}}'], id: '{{id}}' }, timeout: '1s' },
      reply: {},
    });
    const sampler = startSampler({ plan: planned([echo]), ctx: context });
    await pause(2_100);
    await sampler.stop();
    const trips = of('samples').filter(({ signal }) => signal === 'ws.roundtrip');
    const values = trips.flatMap(({ data }) => (data.kind === 'values' ? data.values : []));
    expect(values.length).toBeGreaterThanOrEqual(20);
    expect(connections).toBe(1);
    expect(of('check.finished').every(({ outcome }) => outcome !== 'failed')).toBe(true);
  });

  test('writes its batches about every second, and the rest when it stops', async () => {
    const { url } = await serve((_, response) => response.end());
    const { context, of } = contextOf(url);
    const sampler = startSampler({ plan: planned([get('/a', { every: '50ms' })]), ctx: context });
    await pause(1_150);
    const before = of('samples').length;
    await sampler.stop();
    expect(before).toBeGreaterThan(0);
    const total = of('samples')
      .filter(({ signal }) => signal === 'rest.latency')
      .reduce((sum, { data }) => sum + (data.kind === 'values' ? data.values.length : 0), 0);
    expect(total).toBeGreaterThan(10);
    const finished = of('check.finished').length;
    await pause(200);
    expect(of('check.finished')).toHaveLength(finished);
  });

  test('that cannot write ends, and says so', async () => {
    const { url } = await serve((_, response) => response.end());
    const sampler = startSampler({
      plan: planned([get('/a')]),
      ctx: contextOf(url, { journal: { append: fullDisk } }).context,
    });
    await expect(sampler.done).rejects.toThrow('disk full');
    await expect(sampler.stop()).rejects.toThrow('disk full');
  });

  test('that cannot ask at all ends with what is wrong', async () => {
    const { context } = contextOf('nonsense');
    await expect(startSampler({ plan: planned([get('/a')]), ctx: context }).done).rejects.toMatchObject({
      code: 'bad-url',
    });
  });
});

describe('a scraper beside it', () => {
  const metrics: ScrapedMetric[] = [
    { signal: 'slow', zeros: true, metric: { name: 'slow_total', type: 'counter', labels: {}, scale: 1 } },
    { signal: 'up', zeros: true, metric: { name: 'up', type: 'gauge', labels: {}, scale: 1 } },
  ];

  test('credits increases, writes nothing where it cannot see, and records the failure once', async () => {
    let [looks, slow] = [0, 100];
    const enough = Promise.withResolvers<void>();
    const { url } = await serve((_, response) => {
      // One look after the other: when this one comes, all before it are taken.
      if (looks === 10) return enough.resolve();
      looks += 1;
      slow += 1;
      if (looks >= 4 && looks <= 6) response.writeHead(looks === 4 ? 503 : 200).end('<html>');
      else response.end(`# TYPE slow_total counter\nslow_total ${slow}\nup 1\n`);
    });
    const { context, of } = contextOf(url);
    const sampler = startSampler({
      plan: planOf(judge, { metricsEveryMs: 100 }),
      metrics: new MetricsReader({ url: `${url}/metrics`, metrics }),
      ctx: context,
    });
    await enough.promise;
    await sampler.stop();
    const increase = of('samples').reduce(
      (sum, { data }) => sum + (data.kind === 'counter' ? data.increase : 0),
      0,
    );
    const gauges = of('samples').reduce(
      (sum, { data }) => sum + (data.kind === 'values' ? data.values.length : 0),
      0,
    );
    // The first look is made twice, and what lies between the two is not counted.
    expect(increase).toBe(slow - 102);
    expect(gauges).toBe(looks - 4);
    expect(of('samples').every(({ source }) => source === 'server')).toBe(true);
    expect(of('run.problem')).toEqual([
      { code: 'scrape-failed', message: 'the metrics could not be read: status 503' },
    ]);
  });
});
