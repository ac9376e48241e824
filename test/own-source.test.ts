import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import runbook from './projects/minimal/runbook.ts';
import depth from './projects/own/sources/queue-depth.ts';
import { createHttpProbe } from '../src/adapter/http.ts';
import { callOwn } from '../src/adapter/own-code.ts';
import { systemClock, systemRandom } from '../src/adapter/system.ts';
import type { Draft, SiagaEvent } from '../src/event/envelope.ts';
import { ownReaders } from '../src/run/own-sources.ts';
import type { Session } from '../src/run/session-types.ts';
import { compileJudge } from '../src/runbook/judge.ts';
import type { Runbook } from '../src/runbook/types.ts';
import type { SamplingContext } from '../src/sampling/context.ts';
import { signalsMeasured } from '../src/sampling/measured.ts';
import { runRound } from '../src/sampling/observe.ts';
import { read } from './support/sources.ts';

let server: Server;
let asked: { readonly query: string | null; readonly authorization: string | undefined }[];
let answer: readonly [number, string];

/** As Prometheus answers an instant query. */
const vector = (...values: readonly string[]): string =>
  JSON.stringify({
    status: 'success',
    data: {
      resultType: 'vector',
      result: values.map((value) => ({ metric: { queue: 'orders' }, value: [1_700_000_000.1, value] })),
    },
  });

beforeEach(async () => {
  asked = [];
  server = createServer((incoming, response) => {
    const { searchParams } = new URL(incoming.url ?? '', 'http://localhost');
    asked.push({ query: searchParams.get('query'), authorization: incoming.headers.authorization });
    response.writeHead(answer[0], { 'content-type': 'application/json' }).end(answer[1]);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const judged: Runbook = {
  ...runbook,
  signals: {
    ...runbook.signals,
    'queue.depth': {
      title: 'Orders waiting',
      requirements: [],
      source: { own: 'queue-depth' },
      trigger: { when: 'last > 100', for: '5m' },
      severity: 'SEV-3',
    },
  },
};

/** One round that reads only this source; what it says of the signal, and what it wrote. */
async function round(env: Readonly<Record<string, string>> = {}) {
  const judge = compileJudge(judged, { speed: 1, loadRunning: false, coreChecks: [] });
  const { port } = server.address() as AddressInfo;
  const platform = {
    env: { PROMETHEUS_URL: `http://127.0.0.1:${port}`, PROMETHEUS_TOKEN: 'glsa_verysecret', ...env },
    callOwn,
  };
  const [reader] = ownReaders({ judge, project: { sources: [depth] }, platform } as unknown as Session);
  if (reader === undefined) throw new Error('no source was opened');
  const drafts: Draft[] = [];
  const http = createHttpProbe();
  const context = {
    journal: { append: (draft: Draft) => drafts.push(draft) },
    clock: systemClock,
    random: systemRandom,
    http,
    target: { name: 'shop', url: 'http://127.0.0.1:9' },
    bucketMs: judge.bucketMs,
    signal: new AbortController().signal,
    secrets: ['glsa_verysecret'],
  } as unknown as SamplingContext;
  await runRound([], context, undefined, [reader]);
  http.close();
  const events = drafts.map((draft, seq) => ({ ...draft, seq }) as unknown as SiagaEvent);
  const measured = signalsMeasured(judge, events, undefined, undefined, [reader]);
  return {
    measured: measured.find(({ signal }) => signal === 'queue.depth'),
    problems: drafts.flatMap(({ type, data }) => (type === 'run.problem' ? [data] : [])),
  };
}

test('the documented source is the one that is tested', () => {
  const [, block] = /```ts\n\/\/ sources\/queue-depth\.ts\n([^]*?)```/.exec(read('docs/own-parts.md')) ?? [];
  expect(block).toBe(read('test/projects/own/sources/queue-depth.ts'));
});

test('what Prometheus answers is what a round measured', async () => {
  answer = [200, vector('137')];
  const { measured, problems } = await round();
  expect(measured).toEqual({ signal: 'queue.depth', n: 1, value: 137, state: 'measured' });
  expect(asked).toEqual([
    { query: 'max(queue_depth{queue="orders"})', authorization: 'Bearer glsa_verysecret' },
  ]);
  expect(problems).toEqual([]);
});

test.each<[string, readonly [number, string], string]>([
  ['no series', [200, vector()], 'no series matches max(queue_depth{queue="orders"})'],
  ['no number', [200, vector('NaN')], 'it gave NaN, which is no number'],
  ['an error', [503, 'overloaded'], 'status 503'],
])('%s is not measured, and the round says why', async (_, said, why) => {
  answer = said;
  const { measured, problems } = await round();
  const message = `source queue-depth: ${why}`;
  expect(measured).toMatchObject({ signal: 'queue.depth', n: 0, state: 'not-measured', why: message });
  expect(problems).toEqual([{ code: 'source-failed', message }]);
});

test('without its variables it is not read', async () => {
  const { measured } = await round({ PROMETHEUS_TOKEN: '' });
  expect(measured?.why).toBe('source queue-depth: PROMETHEUS_TOKEN not set');
  expect(asked).toEqual([]);
});
