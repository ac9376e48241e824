import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { k6From } from '../../../src/adapter/k6/k6.ts';
import type { K6 } from '../../../src/load/ports.ts';
import { runLoad, startLoad } from '../../../src/load/run.ts';
import { realK6, script, stage } from './stage.ts';

let k6: K6;
let path: string;

beforeAll(async () => {
  ({ k6, path } = await realK6());
});

const names = (violations: readonly { rule: string }[]) => violations.map(({ rule }) => rule);

test('a sound load on a sound target passes, with figures of every request', async () => {
  await using here = await stage(k6);
  const load = await runLoad({ name: 'sound', script: here.write('sound.js', script()) }, here.context);
  expect(load).toMatchObject({ outcome: 'passed', violations: [], exitCode: 0, dropped: 0, offeredRate: 30 });
  expect(load.requests).toBeGreaterThanOrEqual(60);
  expect(load.endpoints).toMatchObject([{ endpoint: 'GET /', n: load.requests, errors: 0, throttled: 0 }]);
});

// Each of these ends with exit code 0 in k6 alone.
const falseGreens: readonly (readonly [string, Parameters<typeof script>[0], string])[] = [
  ['an exception in every iteration', { body: "http.get(url('/')); undefinedThing.foo;" }, 'k6-exception'],
  [
    'a failed check without a threshold',
    { body: "check(http.get(url('/')), { teapot: (r) => r.status === 418 });" },
    'check-failed',
  ],
  [
    'handleSummary throwing',
    { more: "export function handleSummary() { throw new Error('no summary'); }" },
    'k6-summary-exception',
  ],
  [
    'a threshold on a submetric without samples',
    { options: "thresholds: { 'http_req_duration{endpoint:typo}': ['p(95)<1'] }," },
    'threshold-without-samples',
  ],
  [
    'a rate threshold on a submetric without samples',
    { options: "thresholds: { 'checks{of:nobody}': ['rate>0.9'] }," },
    'threshold-without-samples',
  ],
  [
    'a saturated generator',
    { scenario: 'preAllocatedVUs: 3, maxVUs: 3,', body: "http.get(url('/slow'));" },
    'dropped-iterations',
  ],
];

test.each(falseGreens)('%s is red', async (_, parts, name) => {
  await using here = await stage(k6);
  const load = await runLoad({ name: 'green', script: here.write('green.js', script(parts)) }, here.context);
  expect(load.outcome).toBe('failed');
  expect(names(load.violations)).toContain(name);
});

const refused: readonly (readonly [string, string, string])[] = [
  ['a mistyped option key', script({ options: 'threshold: {},' }), 'scenario-options'],
  ['a mistyped key of a scenario', script({ scenario: 'maxVus: 3,' }), 'scenario-broken'],
  [
    'a threshold on a metric nobody has',
    script({ options: "thresholds: { nope: ['p(95)<1'] }," }),
    'scenario-broken',
  ],
  ['a syntax error', 'export default function () {', 'scenario-broken'],
  ['an exception in init code', "throw new Error('no');", 'scenario-broken'],
  ['more load than the target allows', script({ scenario: 'rate: 501,' }), 'load-not-allowed'],
];

test.each(refused)('%s is refused before anything is sent', async (_, text, code) => {
  await using here = await stage(k6);
  const running = runLoad({ name: 'refused', script: here.write('refused.js', text) }, here.context);
  await expect(running).rejects.toMatchObject({ code, exitCode: 2 });
  expect(here.spawned).toEqual([]);
});

test('type errors are refused, with file, line and error; without TypeScript they are called unchecked', async () => {
  await using here = await stage(k6);
  const smoke = fileURLToPath(new URL('../../../scenarios/smoke.ts', import.meta.url));
  expect(await k6.typeCheck(smoke)).toEqual({ state: 'checked', errors: [] });
  const text =
    "import http from 'k6/http';\nconst url: number = 'one';\nexport default () => http.get(url);\n";
  const typed = here.write('typed.ts', text);
  expect(await k6.typeCheck(typed)).toMatchObject({ state: 'unchecked' });
  symlinkSync(
    fileURLToPath(new URL('../../../node_modules', import.meta.url)),
    join(here.folder, 'node_modules'),
  );
  const running = runLoad({ name: 'typed', script: typed }, here.context);
  await expect(running).rejects.toMatchObject({
    code: 'scenario-types',
    exitCode: 2,
    facts: { got: expect.stringMatching(/typed\.ts\(2,7\): error TS2322/) },
  });
  expect(here.spawned).toEqual([]);
});

test('what the scenario is asked for by its environment is what is looked at, allowed and judged', async () => {
  await using here = await stage(k6);
  const file = here.write(
    'asked.js',
    script({ scenario: 'rate: Number(__ENV.SIAGA_RATE), duration: __ENV.SIAGA_DURATION,' }),
  );
  const asked = (rate: number) =>
    runLoad({ name: 'asked', script: file, rate, durationMs: 1_000 }, here.context);
  await expect(asked(501)).rejects.toMatchObject({ code: 'load-not-allowed' });
  expect(await asked(40)).toMatchObject({ outcome: 'passed', offeredRate: 40 });
  expect(here.events('load.started')).toMatchObject([{ rate: 40, durationMs: 1_000 }]);
});

test('a target never gets more requests a second than it allows, however many an iteration sends', async () => {
  await using here = await stage(k6);
  const body = "http.get(url('/')); http.get(url('/')); http.get(url('/'));";
  const context = { ...here.context, target: { ...here.context.target, maxRate: 40 } };
  const load = await runLoad({ name: 'many', script: here.write('many.js', script({ body })) }, context);
  const ratios = here.events('samples').filter(({ signal }) => signal === 'rest.errors');
  const busiest = Math.max(...ratios.map(({ data }) => (data.kind === 'ratio' ? data.total : 0)));
  expect(busiest).toBeLessThanOrEqual(42);
  expect(load.requests).toBeGreaterThan(60);
});

test('hunt 1: what our own limit of requests a second held back does not fail, and is told', async () => {
  await using here = await stage(k6);
  const limited = { ...here.context, target: { ...here.context.target, name: 'shop', maxRate: 20 } };
  const run = (name: string, text: string) =>
    runLoad({ name, script: here.write(`${name}.js`, text) }, limited);
  const all = "http.batch([url('/'), url('/a'), url('/b'), url('/c')]);";
  const scenario = 'rate: 18, duration: "4s", preAllocatedVUs: 10, maxVUs: 10,';
  const throttled = await run('throttled', script({ scenario, body: all }));
  expect(throttled).toMatchObject({ outcome: 'inconclusive', maxRate: 20 });
  const rules = throttled.violations.map(({ rule }) => rule);
  expect([rules[0], rules]).toEqual(['held-back', expect.arrayContaining(['dropped-iterations'])]);
  expect(throttled.violations[0]?.allowed).toContain('the maxRate of target shop (siaga.config.ts)');
  const wrong = await run('wrong', script({ scenario, body: all.replaceAll("'/a'", "'/fail'") }));
  expect(wrong).toMatchObject({
    outcome: 'failed',
    violations: [expect.objectContaining({ rule: 'threshold' }), ...wrong.violations.slice(1)],
  });
  const hangs = "http.get(url('/hang'), { timeout: '1s' });";
  const slow = await run(
    'slow',
    script({ scenario: 'rate: 18, duration: "3s", preAllocatedVUs: 5, maxVUs: 5,', body: hangs }),
  );
  expect(slow.outcome).toBe('failed');
  expect(slow.violations.map(({ rule }) => rule)).toContain('dropped-iterations');
  expect(slow.violations.map(({ rule }) => rule)).not.toContain('held-back');
});

test('hunt 1: users who wait for answers send no more than is allowed, and that is told', async () => {
  await using here = await stage(k6);
  const limited = { ...here.context, target: { ...here.context.target, maxRate: 20 } };
  const text = `
    import http from 'k6/http';
    export const options = { vus: 50, duration: '3s' };
    export default () => http.get(\`\${__ENV.SIAGA_TARGET_URL}/\`);`;
  const load = await runLoad({ name: 'users', script: here.write('users.js', text) }, limited);
  expect(load.outcome).toBe('passed');
  expect(load.requestRate).toBeLessThanOrEqual(20 * 1.05);
  expect(load.achievedRate).toBeLessThanOrEqual(20 * 1.05);
  expect(load.notes?.[0]).toMatch(/^held back by our own limit: .* allowed 20 requests\/s/);
});

const endings: readonly (readonly [string, Parameters<typeof script>[0], string, string])[] = [
  ['a threshold of the runbook', { body: "http.get(url('/slow'));" }, 'threshold', 'failed'],
  ['errors over the runbook limit', { body: "http.get(url('/fail'));" }, 'threshold', 'failed'],
  [
    'a threshold of the script itself',
    { options: "thresholds: { iterations: ['count>1000'] }," },
    'threshold',
    'failed',
  ],
  [
    'an exception in setup',
    { more: "export function setup() { throw new Error('no'); }" },
    'k6-script-exception',
    'failed',
  ],
  [
    'an exception in teardown',
    { more: "export function teardown() { throw new Error('no'); }" },
    'k6-script-exception',
    'failed',
  ],
  [
    'a setup that takes too long',
    { options: "setupTimeout: '300ms',", more: "export function setup() { http.get(url('/hang')); }" },
    'k6-setup-timeout',
    'failed',
  ],
  ['test.abort()', { body: "http.get(url('/')); exec.test.abort('enough');" }, 'k6-aborted', 'failed'],
  [
    'our own rate limit',
    { body: "http.get(url('/throttled'));" },
    'endpoint-without-samples',
    'inconclusive',
  ],
  ['nothing asked at all', { body: 'Math.random();' }, 'no-samples', 'inconclusive'],
];

test.each(endings)('%s is told by name', async (_, parts, name, outcome) => {
  await using here = await stage(k6);
  const load = await runLoad(
    { name: 'ending', script: here.write('ending.js', script(parts)) },
    here.context,
  );
  expect(names(load.violations)).toContain(name);
  expect(load.outcome).toBe(outcome);
});

test('the thresholds of the script and of the runbook both hold', async () => {
  await using here = await stage(k6);
  const own = "thresholds: { http_req_duration: ['p(95)<5000'], iterations: ['count>1000'] },";
  const text = script({ options: own, body: "http.get(url('/slow'));" });
  const load = await runLoad({ name: 'both', script: here.write('both.js', text) }, here.context);
  expect(load.violations.map(({ rule, path: where }) => `${rule} ${where}`)).toEqual([
    'threshold GET / rest.latency p95',
    'threshold iterations',
  ]);
});

test('a k6 that prints a version and exits 0 measures nothing: inconclusive', async () => {
  await using here = await stage(k6);
  const fake = here.write('k6', '#!/bin/sh\necho "k6 v1.8.1"\n', 0o755);
  const context = { ...here.context, k6: k6From({ path: fake, version: '1.8.1' }) };
  const load = await runLoad({ name: 'fake', script: here.write('a.js', script()) }, context);
  expect(load).toMatchObject({ outcome: 'inconclusive', exitCode: 0, requests: 0 });
  expect(names(load.violations)).toEqual(['no-samples']);
});

test('k6 killed in mid-run says nothing', async () => {
  await using here = await stage(k6);
  const text = script({ scenario: "duration: '30s'," });
  const load = await startLoad({ name: 'killed', script: here.write('a.js', text) }, here.context);
  await load.ready;
  process.kill(here.spawned[0] ?? 0, 'SIGKILL');
  const { outcome, violations } = await load.finished;
  expect(outcome).toBe('inconclusive');
  expect(names(violations)).toContain('k6-killed');
});

const ports: readonly (readonly [string, string, string, readonly string[]])[] = [
  ['always taken says nothing', 'true', 'inconclusive', ['k6-rest-port-taken', 'no-samples']],
  ['taken once is another one the next time', '[ ! -e "$0.once" ] && touch "$0.once"', 'passed', []],
];

test.each(ports)('a REST port that is %s', async (_, when, outcome, found) => {
  await using here = await stage(k6);
  const wrapper = `#!/bin/sh\nif [ "$1" = run ] && ${when}; then exit 106; fi\nexec '${path}' "$@"\n`;
  const fake = here.write('k6', wrapper, 0o755);
  const context = { ...here.context, k6: k6From({ path: fake, version: k6.version }) };
  const load = await runLoad({ name: 'port', script: here.write('a.js', script()) }, context);
  expect(load.outcome).toBe(outcome);
  expect(names(load.violations)).toEqual(found);
});

test('a k6 that cannot be started is our fault, not the target’s', async () => {
  await using here = await stage(k6);
  const text = here.write('not-a-program', 'nothing', 0o755);
  writeFileSync(text, Buffer.from([0x7f, 0x45, 0x4c, 0x46]));
  const context = { ...here.context, k6: k6From({ path: text, version: '1.8.1' }) };
  const running = runLoad({ name: 'none', script: here.write('a.js', script()) }, context);
  await expect(running).rejects.toMatchObject({ code: 'k6-unusable', exitCode: 3 });
});

test('a run folder that cannot be written is told before k6 is started', async () => {
  await using here = await stage(k6);
  const context = { ...here.context, runFolder: join(here.write('a-file', ''), 'below') };
  const running = runLoad({ name: 'none', script: here.write('a.js', script()) }, context);
  await expect(running).rejects.toMatchObject({ code: 'run-folder-unwritable', exitCode: 3 });
  expect(here.spawned).toEqual([]);
});
