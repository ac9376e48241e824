import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import runbook from '../runbook.ts';
import { cost, median } from './processes.ts';
import type { Cost } from './processes.ts';

export const checks = 10;
const rounds = 9;
/** Six weeks of hourly rounds. */
const kept = 1_000;
const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * One round of ten checks with metrics and toggles as a whole process, against plain Node that sends the same requests,
 * each in turn.
 */
export async function benchCheck(): Promise<Readonly<Record<string, number>>> {
  await using target = await openTarget();
  const { url } = target;
  using dir = project(url);
  using old = project(url);
  return await measure({ dir: dir.path, old: old.path, url });
}

/** A server that answers at once. */
export async function openTarget(): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(({ url }, response) =>
    url === '/metrics'
      ? response.setHeader('content-type', 'text/plain').end(metricsText())
      : response
          .setHeader('content-type', 'application/json')
          .end(url === '/toggles' ? toggles : '{"ok":true}'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

const toggles = JSON.stringify(
  Object.fromEntries(Object.entries(runbook.toggles).map(([name, { normal }]) => [name, normal])),
);

let queries = 0;

/** What the runbook is judged by, among two hundred series that it is not; a query between any two looks. */
function metricsText(): string {
  queries += 1;
  const bounds = ['0.005', '0.01', '0.1', '0.5', '1', '+Inf'];
  return [
    'process_start_time_seconds 1',
    ...bounds.map((le) => `db_query_duration_seconds_bucket{le="${le}"} ${queries}`),
    'circuit_breaker_state{name="coinapi"} 0',
    'db_up 1',
    'redis_up 1',
    ...Array.from({ length: 200 }, (_, index) => `other_total{route="/${index}"} ${index}`),
    '',
  ].join('\n');
}

interface Places {
  readonly dir: string;
  /** A project that has been checked every hour for weeks. */
  readonly old: string;
  readonly url: string;
}

async function measure({ dir, old, url }: Places): Promise<Readonly<Record<string, number>>> {
  const main = join(root, 'src/main.ts');
  const check = (at: string) => cost([main, 'check', '--no-stay', '-C', at]);
  await check(old);
  repeatRuns(join(old, '.siaga', 'siaga.db'));
  const runs: { readonly siaga: Cost; readonly aged: Cost; readonly plain: Cost }[] = [];
  for (let round = 0; round < rounds; round++) {
    const [siaga, aged] = [await check(dir), await check(old)];
    runs.push({ siaga, aged, plain: await cost([join(dir, 'plain.mjs'), url]) });
  }
  return {
    'siaga check ms': median(runs.map(({ siaga }) => siaga.wall)),
    'plain node ms': median(runs.map(({ plain }) => plain.wall)),
    'wall siaga ÷ plain': median(runs.map(({ siaga, plain }) => siaga.wall / plain.wall)),
    'cpu siaga ÷ plain': median(runs.map(({ siaga, plain }) => siaga.cpu / plain.cpu)),
    [`wall after ${kept} rounds ÷ plain`]: median(runs.map(({ aged, plain }) => aged.wall / plain.wall)),
  };
}

/** What the project's one run wrote, again and again under other names, as the rounds of weeks would have. */
function repeatRuns(path: string): void {
  const database = new DatabaseSync(path);
  database.exec(`
    WITH RECURSIVE round(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM round WHERE n < ${kept})
    INSERT INTO events (v, run, target, at, mono, boot, type, data)
    SELECT v, run || '-' || n, target, at, mono, boot, type, data FROM round, events ORDER BY n, seq`);
  database.close();
}

/** A project of ten checks, of a target whose metrics and toggles are read as well, or are not. */
export function project(url: string, isRead = true): Disposable & { readonly path: string } {
  const dir = mkdtempSync(join(tmpdir(), 'siaga-bench-'));
  mkdirSync(join(dir, 'checks'));
  const runbookUrl = new URL('../runbook.ts', import.meta.url).href;
  writeFileSync(
    join(dir, 'runbook.ts'),
    isRead ? `export { default } from '${runbookUrl}';\n` : probedText(runbookUrl),
  );
  const reads = isRead ? `metrics: '/metrics', toggles: { read: { url: '${url}/toggles' } }` : '';
  writeFileSync(
    join(dir, 'siaga.config.ts'),
    `import { defineConfig } from 'siaga';\nexport default defineConfig({ targets: [{ name: 'local', url: '${url}', proxies: {}, ${reads} }] });\n`,
  );
  const defined = Array.from({ length: checks }, (_, index) => checkText(index)).join('\n');
  writeFileSync(join(dir, 'checks', 'all.ts'), `import { defineCheck } from 'siaga';\n${defined}\n`);
  writeFileSync(join(dir, 'plain.mjs'), plainText);
  return { path: dir, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
}

// What is left of the runbook where only checks are made: nothing that is read from metrics.
const probedText = (url: string): string => `import all from '${url}';
const signals = Object.fromEntries(Object.entries(all.signals).flatMap(([name, { inhibits, ...signal }]) =>
  typeof signal.source === 'string' ? [[name, signal]] : []));
const { latency, errors, serverErrors, roundTrip, degraded } = all.roles;
export default { ...all, signals, roles: { latency, errors, serverErrors, roundTrip, degraded }, toggles: {} };
`;

// The first check feeds every signal of the runbook, so that the project is whole.
const feeds = `samples: { 'ws.roundtrip': () => 1, freshness: () => 1, 'screener.batch': () => 1, 'provider.health': () => true, 'provider.latency': () => 1 }, states: { fallback: () => false, 'provider-direct': () => true, degraded: () => false },`;

const checkText = (index: number): string =>
  `export const check${index} = defineCheck({ name: 'check-${index}', tags: ['core'], every: '1s', ${index === 0 ? feeds : ''}
  request: { path: '/${index}', timeout: '2s' }, response: { status: 200, contentType: 'application/json' } });`;

const plainText = `const url = process.argv[2];
const metrics = async () => (await (await fetch(url + '/metrics')).text()).includes('db_up 1');
const before = await metrics();
const answers = await Promise.all([
  fetch(url + '/toggles').then((response) => response.ok),
  ...Array.from({ length: ${checks} }, async (_, index) => {
    const response = await fetch(url + '/' + index);
    return response.status === 200 && (await response.json()).ok;
  }),
]);
answers.push(before, await metrics());
if (!answers.every(Boolean)) process.exit(1);
`;

if (import.meta.main) console.table(await benchCheck());
