import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import type { K6 } from '../../../src/load/ports.ts';
import { runLoad, startLoad } from '../../../src/load/run.ts';
import { parsePoint } from '../../../src/load/point.ts';
import { realK6, script, stage } from './stage.ts';
import type { Stage } from './stage.ts';

let k6: K6;

beforeAll(async () => {
  ({ k6 } = await realK6());
});

test('every request is in the samples once, by its own time, within its second and bucket', async () => {
  await using here = await stage(k6);
  const load = await runLoad({ name: 'a', script: here.write('a.js', script()) }, here.context);
  const samples = here.events('samples');
  const latencies = samples.flatMap(({ data }) => (data.kind === 'values' ? data.values : []));
  const errors = samples.filter(({ signal }) => signal === 'rest.errors');
  const totals = errors.map(({ data }) => (data.kind === 'ratio' ? data.total : 0));
  expect(latencies).toHaveLength(load.requests);
  expect(totals.reduce((a, b) => a + b, 0)).toBe(load.requests);
  const { bucketMs } = here.context.judge;
  for (const { from, to, source, labels } of samples) {
    expect(to - from).toBeLessThanOrEqual(1_000);
    expect(Math.floor(from / bucketMs)).toBe(Math.floor((to - 1) / bucketMs));
    expect({ source, labels }).toEqual({ source: 'load', labels: { endpoint: 'GET /' } });
  }
});

test('samples are written while the load runs, not at its end', async () => {
  await using here = await stage(k6);
  const text = script({ scenario: "duration: '30s'," });
  const load = await startLoad({ name: 'a', script: here.write('a.js', text) }, here.context);
  await load.ready;
  await expect.poll(() => here.events('samples').length).toBeGreaterThan(3);
  expect(here.events('load.finished')).toEqual([]);
  await load.stop();
});

test('a timeout counts with its timeout and as an error', async () => {
  await using here = await stage(k6);
  const body = "http.get(url('/hang'), { timeout: '200ms' });";
  const request = { name: 'a', script: here.write('a.js', script({ body })), timeoutMs: 250 };
  const load = await runLoad(request, here.context);
  const values = here.events('samples').flatMap(({ data }) => (data.kind === 'values' ? data.values : []));
  expect(values.length).toBe(load.requests);
  expect(Math.min(...values)).toBeGreaterThanOrEqual(250);
  expect(load.endpoints).toMatchObject([{ n: load.requests, errors: load.requests }]);
});

test('a refused connection is an error alone', async () => {
  await using here = await stage(k6);
  const target = { ...here.context.target, url: 'http://127.0.0.1:1' };
  const request = { name: 'a', script: here.write('a.js', script()) };
  const load = await runLoad(request, { ...here.context, target });
  expect(here.events('samples').filter(({ data }) => data.kind === 'values')).toEqual([]);
  expect(load.endpoints).toMatchObject([{ n: load.requests, errors: load.requests }]);
});

test('our own 429s are throttled, neither requests of users nor errors', async () => {
  await using here = await stage(k6);
  const body = "http.get(url('/throttled'));";
  const load = await runLoad({ name: 'a', script: here.write('a.js', script({ body })) }, here.context);
  expect(load.endpoints).toMatchObject([{ n: 0, errors: 0, throttled: load.requests }]);
  const ratios = here.events('samples').filter(({ signal }) => signal === 'rest.errors');
  expect(ratios.every(({ data }) => data.kind === 'ratio' && data.total === 0 && data.bad === 0)).toBe(true);
  expect(here.events('samples').filter(({ signal }) => signal === 'rest.latency')).toEqual([]);
});

test('the raw points are kept, compressed, and say the same', async () => {
  await using here = await stage(k6);
  const load = await runLoad({ name: 'a', script: here.write('a.js', script()) }, here.context);
  expect(load.raw).toBe('raw/a.json.gz');
  const lines = gunzipSync(readFileSync(join(here.folder, load.raw ?? '')))
    .toString()
    .split('\n');
  const requests = lines.map(parsePoint).filter((point) => point?.metric === 'http_req_duration');
  expect(requests).toHaveLength(load.requests);
});

const requestsIn = (here: Stage): number =>
  here
    .events('samples')
    .reduce((total, { data }) => total + (data.kind === 'values' ? data.values.length : 0), 0);

test('a load that is stopped ends at once, is judged by what it did, and leaves no process', async () => {
  await using here = await stage(k6);
  const text = script({ scenario: "duration: '60s'," });
  const load = await startLoad({ name: 'a', script: here.write('a.js', text) }, here.context);
  await load.ready;
  // Enough to be judged by.
  await expect.poll(() => requestsIn(here)).toBeGreaterThan(40);
  await load.stop();
  expect(await load.finished).toMatchObject({ outcome: 'passed', exitCode: 103, violations: [] });
  expect(() => process.kill(here.spawned[0] ?? 0, 0)).toThrow('ESRCH');
});

test('hostile 1: a k6 that hangs is killed, and what it measured is not passed', async () => {
  await using here = await stage(k6);
  const text = script({ scenario: "duration: '60s'," });
  const load = await startLoad({ name: 'a', script: here.write('a.js', text) }, here.context);
  await load.ready;
  await expect.poll(() => here.events('samples').length).toBeGreaterThan(1);
  process.kill(here.spawned[0] ?? 0, 'SIGSTOP');
  await load.stop();
  const finished = await load.finished;
  expect(finished).toMatchObject({ outcome: 'inconclusive', exitCode: -1, stopped: true });
  expect(finished.violations[0]).toMatchObject({ rule: 'k6-killed' });
  expect(() => process.kill(here.spawned[0] ?? 0, 0)).toThrow('ESRCH');
});

test('an interrupted run stops its load, which then says nothing', async () => {
  const ctrlC = new AbortController();
  await using here = await stage(k6, { signal: ctrlC.signal });
  const text = script({ scenario: "duration: '60s'," });
  const load = await startLoad({ name: 'a', script: here.write('a.js', text) }, here.context);
  await load.ready;
  ctrlC.abort();
  const { outcome, violations } = await load.finished;
  expect(outcome).toBe('inconclusive');
  expect(violations[0]).toMatchObject({ rule: 'interrupted' });
});

test('an observed load is not judged by the thresholds that it is there to see broken', async () => {
  await using here = await stage(k6);
  const text = script({ body: "http.get(url('/fail'));" });
  const request = { name: 'a', script: here.write('a.js', text), thresholds: 'observed' } as const;
  expect(await runLoad(request, here.context)).toMatchObject({ outcome: 'passed', violations: [] });
});

test('an exception is told once while the load runs, and counted at its end', async () => {
  await using here = await stage(k6);
  const text = script({ body: "http.get(url('/')); undefinedThing.foo;" });
  const load = await runLoad({ name: 'a', script: here.write('a.js', text) }, here.context);
  expect(here.events('load.exception')).toMatchObject([
    { message: expect.stringContaining('undefinedThing') },
  ]);
  expect(load.exceptions).toBe(load.iterations);
});

test('a script sees what was declared and no other secret of ours', async () => {
  process.env['SIAGA_TEST_SECRET'] = 'do-not-tell';
  await using here = await stage(k6);
  const body =
    "http.get(url('/'), { tags: { endpoint: `${__ENV.SIAGA_TEST_SECRET} ${__ENV.SIAGA_HEADERS} ${__ENV.MINE}` } });";
  const request = { name: 'a', script: here.write('a.js', script({ body })), env: { MINE: 'declared' } };
  const { endpoints } = await runLoad(request, here.context).finally(
    () => delete process.env['SIAGA_TEST_SECRET'],
  );
  expect(endpoints.map(({ endpoint }) => endpoint)).toEqual([
    'undefined {"x-client-id":"siaga-load"} declared',
  ]);
});

test('a script without our tags is judged over all its requests and per path, queries left out', async () => {
  await using here = await stage(k6);
  const plain =
    "import http from 'k6/http'; export const options = { vus: 2, iterations: 60 };" +
    "export default () => http.get(__ENV.SIAGA_TARGET_URL + '/a?token=secret' + Math.random());";
  const load = await runLoad({ name: 'a', script: here.write('a.js', plain) }, here.context);
  expect(load).toMatchObject({
    outcome: 'passed',
    offeredRate: 0,
    endpoints: [{ endpoint: 'GET /a', n: 60 }],
  });
});
