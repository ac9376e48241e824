import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { LoadFinished } from '../../../src/event/catalogue.ts';
import type { K6 } from '../../../src/load/ports.ts';
import { runLoad, startLoad } from '../../../src/load/run.ts';
import type { LoadContext } from '../../../src/load/types.ts';
import { realK6, script, stage } from './stage.ts';

let k6: K6;
const servers: Server[] = [];

beforeAll(async () => {
  ({ k6 } = await realK6());
});

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const names = ({ violations }: LoadFinished) => violations.map(({ rule }) => rule);

async function load(text: string, more: Partial<LoadContext> = {}): Promise<LoadFinished> {
  await using here = await stage(k6, more);
  const finished = await runLoad({ name: 'bad', script: here.write('bad.js', text) }, here.context);
  return finished;
}

/** A second origin, which keeps what it was asked. */
async function otherOrigin(): Promise<{ readonly url: string; readonly asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    response.end('{}');
  });
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test.each([1, 3, 10])('row 13: a k6 that stood still for %i s is inconclusive', async (seconds) => {
  await using here = await stage(k6);
  const text = script({
    scenario: `rate: 20, duration: '${seconds + 4}s', preAllocatedVUs: 10, maxVUs: 10,`,
    body: "http.get(url('/soon'), { timeout: '2s' });",
  });
  const running = await startLoad({ name: 'held', script: here.write('held.js', text) }, here.context);
  await running.ready;
  await expect.poll(() => here.events('samples').length).toBeGreaterThan(1);
  process.kill(here.spawned[0] ?? 0, 'SIGSTOP');
  await here.context.clock.sleep(seconds * 1_000);
  process.kill(here.spawned[0] ?? 0, 'SIGCONT');
  const finished = await running.finished;
  expect(finished.outcome).toBe('inconclusive');
  expect(names(finished)[0]).toBe('generator-stood-still');
  const told = here.events('load.stood');
  const last = told.at(-1);
  expect(last?.from).toBe(told[0]?.from);
  expect((last?.to ?? 0) - (last?.from ?? 0)).toBeGreaterThanOrEqual((seconds - 0.5) * 1_000);
});

test('hostile 1: a load that is held is told while it stands still, and is not passed when it is stopped', async () => {
  await using here = await stage(k6);
  const text = script({ scenario: "duration: '60s'," });
  const request = { name: 'held', script: here.write('held.js', text), thresholds: 'observed' } as const;
  const running = await startLoad(request, here.context);
  await running.ready;
  process.kill(here.spawned[0] ?? 0, 'SIGSTOP');
  await expect.poll(() => here.events('load.silent')).toHaveLength(1);
  const [silent] = here.events('load.silent');
  expect(silent).toMatchObject({ load: 'held' });
  expect(silent?.sinceMs).toBeGreaterThanOrEqual(2 * here.context.judge.bucketMs);
  await running.stop();
  const finished = await running.finished;
  expect(finished).toMatchObject({ outcome: 'inconclusive', observed: true, stopped: true });
  expect(names(finished)).toContain('generator-stood-still');
});

test('hostile 1: whoever waits for the first request of a k6 that is held from its start hears of it', async () => {
  await using here = await stage(k6);
  const text = script({ more: "import { sleep } from 'k6'; export function setup() { sleep(60); }" });
  const running = await startLoad({ name: 'held', script: here.write('held.js', text) }, here.context);
  process.kill(here.spawned[0] ?? 0, 'SIGSTOP');
  await expect(running.ready).rejects.toMatchObject({ code: 'load-never-flowed', exitCode: 3 });
  await running.stop();
});

test('a setup that takes its time is no standstill', async () => {
  const more =
    "import { sleep } from 'k6'; export function setup() { sleep(4); } export function teardown() { sleep(3); }";
  expect(await load(script({ more }))).toMatchObject({ outcome: 'passed', unfinished: 0 });
});

test('row 6: users that hang fail the load, and are counted', async () => {
  const text = `
    import http from 'k6/http'; import exec from 'k6/execution'; import { sleep } from 'k6';
    export const options = { scenarios: { a: { executor: 'constant-vus', vus: 10, duration: '4s', gracefulStop: '1s' } } };
    export default function () {
      if (exec.vu.idInTest > 1) http.get(__ENV.SIAGA_TARGET_URL + '/hang');
      else { http.get(__ENV.SIAGA_TARGET_URL + '/ok'); sleep(0.05); }
    }`;
  const finished = await load(text);
  expect(finished).toMatchObject({ outcome: 'failed', unfinished: 9 });
  expect(finished.violations).toMatchObject([
    {
      rule: 'unfinished-iterations',
      path: 'scenario a',
      got: '9 of 10 users hang, 9 never finished one iteration',
    },
  ]);
});

test('row 6: users that the end cuts short fail nothing, and are told', async () => {
  const text = `
    import http from 'k6/http'; import { sleep } from 'k6';
    export const options = { scenarios: { a: { executor: 'constant-vus', vus: 4, duration: '3s', gracefulStop: '0s' } } };
    export default function () { for (let n = 0; n < 4; n++) http.get(__ENV.SIAGA_TARGET_URL + '/ok'); sleep(2); }`;
  const finished = await load(text);
  expect(finished).toMatchObject({ outcome: 'passed', violations: [], unfinished: 4 });
  expect(finished.notes).toEqual([
    expect.stringMatching(/^scenario a: 4 of \d+ iterations had begun and were not finished/),
  ]);
});

test('row 7: a threshold on one check does not silence another', async () => {
  const own = "thresholds: { 'checks{check:login works}': ['rate>0.99'] },";
  const body = `
    const r = http.get(url('/'));
    check(r, { 'login works': (x) => x.status === 200 });
    check(r, { 'purchase works': (x) => x.json().purchase === true });`;
  const finished = await load(script({ options: own, body }));
  expect(finished.outcome).toBe('failed');
  expect(finished.violations).toMatchObject([{ rule: 'check-failed', path: 'check "purchase works"' }]);
});

test('row 8: a crossed threshold that ends the run fails it, by its name', async () => {
  const text = script({
    options:
      "thresholds: { purchase_failed: [{ threshold: 'rate<0.01', abortOnFail: true, delayAbortEval: '1s' }] },",
    body: "http.get(url('/')); failedOnes.add(true);",
    more: "import { Rate } from 'k6/metrics'; const failedOnes = new Rate('purchase_failed');",
  });
  const finished = await load(text);
  expect(finished).toMatchObject({ outcome: 'failed', exitCode: 99 });
  expect(finished.violations[0]).toMatchObject({
    rule: 'threshold',
    path: 'purchase_failed',
    allowed: 'rate<0.01',
  });
});

test.each([
  ['one refused', 'ws://127.0.0.1:1/none', 'failed', ['websocket-refused']],
  ['one that opens', undefined, 'passed', []],
] as const)('row 24: a script of WebSockets only, %s', async (_, address, outcome, found) => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const url = address ?? `ws://127.0.0.1:${(server.address() as AddressInfo).port}/stream`;
  const text = `
    import ws from 'k6/ws';
    export const options = { vus: 1, iterations: 3, thresholds: { ws_connecting: ['p(95)<1000'], ws_sessions: ['count>0'] } };
    export default () => { ws.connect('${url}', {}, (s) => s.on('open', () => s.close())); };`;
  const finished = await load(text);
  expect([finished.outcome, names(finished)]).toEqual([outcome, found]);
  server.close();
});

test('row 24: the newer WebSockets of k6 are told apart the same way', async () => {
  const text = `
    import { WebSocket } from 'k6/websockets';
    export const options = { vus: 1, iterations: 3 };
    export default () => { const w = new WebSocket('ws://127.0.0.1:1/none'); w.onerror = () => {}; };`;
  expect(names(await load(text))).toEqual(['websocket-refused']);
});

test('a script with its own summary keeps it, its files and its figures', async () => {
  await using here = await stage(k6);
  const kept = join(here.folder, 'own-summary.json');
  const more = `export function handleSummary(data) { return { '${kept}': JSON.stringify(data.metrics) }; }`;
  const finished = await runLoad(
    { name: 'own', script: here.write('own.js', script({ more })) },
    here.context,
  );
  expect(finished.outcome).toBe('passed');
  expect(existsSync(kept)).toBe(true);
  const metrics = Object.keys(JSON.parse(readFileSync(kept, 'utf8')) as object);
  expect(metrics).toContain('http_req_duration');
  expect(metrics.filter((name) => name.startsWith('siaga'))).toEqual([]);
});

test('what a script opens and imports is found beside it, with or without a default function', async () => {
  await using here = await stage(k6);
  here.write('names.txt', 'a');
  here.write('lib.js', 'export const path = "/";');
  const text = `
    import http from 'k6/http'; import { path } from './lib.js';
    const names = open('./names.txt');
    export const options = { scenarios: { a: { executor: 'per-vu-iterations', vus: 1, iterations: 30, exec: 'visit' } } };
    export function visit() { http.get(__ENV.SIAGA_TARGET_URL + path + names); }`;
  const finished = await runLoad({ name: 'named', script: here.write('named.js', text) }, here.context);
  expect(finished).toMatchObject({
    outcome: 'passed',
    iterations: 30,
    endpoints: [{ endpoint: 'GET /a', n: 30 }],
  });
});

test.each([
  [
    'arrivals that ramp to zero',
    "executor: 'ramping-arrival-rate', startRate: 20, timeUnit: '1s', preAllocatedVUs: 10, stages: [{ duration: '2s', target: 20 }, { duration: '1s', target: 0 }, { duration: '3s', target: 0 }, { duration: '1s', target: 20 }]",
  ],
  [
    'users that ramp to zero',
    "executor: 'ramping-vus', startVUs: 5, stages: [{ duration: '2s', target: 5 }, { duration: '1s', target: 0 }, { duration: '3s', target: 0 }, { duration: '1s', target: 5 }]",
  ],
])('%s are no standstill', async (_, scenario) => {
  const text = `
    import http from 'k6/http'; import { sleep } from 'k6';
    export const options = { scenarios: { a: { ${scenario} } } };
    export default () => { http.get(__ENV.SIAGA_TARGET_URL + '/ok'); sleep(0.05); };`;
  expect(await load(text)).toMatchObject({ outcome: 'passed', violations: [] });
});

test('requests of a batch are judged like any others, redirects among them', async () => {
  const body = `
    const found = http.batch([['GET', url('/')], url('/redirects-to-fail'), { method: 'GET', url: url('/fail') }]);
    if (found[1].status !== 500 || found[0].status !== 200) throw new Error('not the last answer');
    const named = http.batch({ a: url('/'), b: ['POST', url('/'), null, {}] });
    if (named.a.status !== 200 || named.b.status !== 200) throw new Error('not by name');`;
  const finished = await load(script({ body, scenario: 'rate: 15,' }));
  expect(names(finished)).toEqual(['threshold', 'threshold']);
  expect(finished.endpoints).toMatchObject([
    { endpoint: 'GET /', n: 5 * finished.iterations, errors: 2 * finished.iterations },
  ]);
});

test('suspicious: of a redirected request only the last answer counts', async () => {
  const body = `
    const r = http.get(url('/redirects-to-fail'));
    if (r.status !== 500 || !r.url.endsWith('/fail')) throw new Error('not followed');`;
  const finished = await load(script({ body }));
  expect(names(finished)).toEqual(['threshold', 'threshold']);
  expect(finished.violations[0]).toMatchObject({ got: expect.stringMatching(/^100% \(\d+ of \d+\)$/) });
  expect(finished.requests).toBe(finished.iterations);
});

test('suspicious: redirects are followed as k6 follows them', async () => {
  const body = `
    const say = (ok, what) => { if (!ok) throw new Error(what); };
    say(http.post(url('/redirects-307'), 'b').json().method === 'POST', '307 keeps the method');
    say(http.post(url('/redirects-303'), 'b').json().method === 'GET', '303 asks with GET');
    say(http.get(url('/redirects-307'), { redirects: 0 }).status === 307, 'a script may stay');`;
  expect(await load(script({ body, scenario: 'rate: 10, duration: "3s",' }))).toMatchObject({
    outcome: 'passed',
    violations: [],
  });
});

test('a request that only ever redirects is an error, after the ten redirects that k6 follows', async () => {
  const body = `if (http.get(url('/redirects-for-ever')).status !== 302) throw new Error('ten are enough');`;
  const finished = await load(script({ body, scenario: 'rate: 5, duration: "4s",' }));
  expect(finished).toMatchObject({ outcome: 'failed', violations: [{ path: 'GET / rest.errors rate' }] });
});

test('suspicious: what a script expects of its answers is judged by the runbook', async () => {
  const more = 'http.setResponseCallback(http.expectedStatuses(204));';
  expect(await load(script({ more }))).toMatchObject({ outcome: 'passed', violations: [], exitCode: 0 });
  const forgiving = 'http.setResponseCallback(http.expectedStatuses(500));';
  expect(await load(script({ more: forgiving, body: "http.get(url('/fail'));" }))).toMatchObject({
    outcome: 'failed',
  });
});

const identity = { 'x-api-key': 'of-the-load', Authorization: 'Bearer of-the-load' };
const asked = 'const headers = JSON.parse(__ENV.SIAGA_HEADERS);';

test.each([
  ['get', 'http.get(at, { headers })'],
  ['request', "http.request('POST', at, 'b', { headers })"],
  ['a batch', "http.batch([['GET', at, null, { headers }]])[0]"],
  ['an asynchronous one', "await http.asyncRequest('GET', at, null, { headers })"],
])('hostile 5: no redirect to another origin is followed: %s', async (_, call) => {
  const other = await otherOrigin();
  await using here = await stage(k6);
  const target = { ...here.context.target, headers: identity };
  const text = script({
    body: `const at = url('/leads-to?to=${encodeURIComponent(other.url)}'); const r = ${call}; if (r.status !== 302) throw new Error('followed');`,
    more: asked,
  }).replace('default function', 'default async function');
  const request = { name: 'away', script: here.write('away.js', text) };
  const finished = await runLoad(request, { ...here.context, target });
  expect(other.asked).toEqual([]);
  expect(finished.outcome).toBe('inconclusive');
  expect(finished.violations).toMatchObject([{ rule: 'redirected-elsewhere', path: 'GET /' }]);
  expect(finished.violations[0]?.got).toContain(other.url);
});

test('hostile 5: identity headers go to the target alone, and answers of others are not its own', async () => {
  const other = await otherOrigin();
  await using here = await stage(k6);
  const target = { ...here.context.target, headers: identity };
  const body = `http.get(url('/')); http.get('${other.url}/b?q=1', { headers: { ...headers, mine: 'kept' } });`;
  const request = { name: 'two', script: here.write('two.js', script({ body, more: asked })) };
  const finished = await runLoad(request, { ...here.context, target });
  expect(finished.outcome).toBe('passed');
  expect(other.asked.length).toBe(finished.iterations);
  expect(other.asked.every(({ headers }) => headers['mine'] === 'kept')).toBe(true);
  expect(other.asked.some(({ headers }) => headers['x-api-key'] ?? headers.authorization)).toBe(false);
  expect(finished.requests).toBe(finished.iterations);
  expect(finished.notes).toEqual([expect.stringContaining(`${other.url} GET /`)]);
});

test('a thousand addresses are judged together, and names are one short line', async () => {
  const text = `
    import http from 'k6/http'; import exec from 'k6/execution'; import { check } from 'k6';
    export const options = { scenarios: { a: { executor: 'shared-iterations', vus: 10, iterations: 1000 } } };
    export default () => {
      const n = exec.scenario.iterationInTest;
      const r = http.get(__ENV.SIAGA_TARGET_URL + (n % 2 ? '/missing' : '/fine') + n, { tags: { endpoint: 'GET\\n' + n + 'x'.repeat(200) } });
      check(r, { 'not\\nmissing': () => n % 2 === 0 });
    };`;
  const finished = await load(text);
  expect(finished.outcome).toBe('failed');
  expect(names(finished)).toContain('check-failed');
  for (const { path } of finished.violations) {
    expect(path).not.toContain('\n');
    expect(path.length).toBeLessThan(400);
  }
  expect(finished.endpoints.length).toBeLessThanOrEqual(201);
});

test('hostile 4: nothing given by -e is in the arguments of k6, and it is in its environment', async () => {
  await using here = await stage(k6);
  const request = {
    name: 'secret',
    script: here.write('secret.js', script({ scenario: "duration: '20s'," })),
    env: { TOKEN: 'never-in-ps' },
  };
  const running = await startLoad(request, here.context);
  await running.ready;
  const of = (what: string) => readFileSync(`/proc/${here.spawned[0]}/${what}`, 'utf8');
  expect(of('cmdline')).not.toContain('never-in-ps');
  expect(of('environ')).toContain('TOKEN=never-in-ps');
  await running.stop();
});
