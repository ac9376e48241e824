import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { k6From } from '../src/adapter/k6/k6.ts';
import { systemClock } from '../src/adapter/system.ts';
import { runLoad } from '../src/load/run.ts';
import { provisionContext } from '../src/tools/context.ts';
import { k6 as tool } from '../src/tools/k6.ts';
import { provide } from '../src/tools/provide.ts';
import { compileJudge } from '../src/runbook/judge.ts';
import { memoryJournal } from '../src/store/memory.ts';
import runbook from '../runbook.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const project = fileURLToPath(new URL('..', import.meta.url));

// As fast as answers come, for a fixed number of requests: the time it takes is the throughput.
const requests = 20_000;
const closed = `
  import http from 'k6/http';
  export const options = { scenarios: { all: { executor: 'shared-iterations', vus: 10, iterations: ${requests} } } };
  export default () => http.get(__ENV.SIAGA_TARGET_URL);
`;
// A planned length: what is above it is overhead.
const plannedMs = 4_000;
const open = `
  import http from 'k6/http';
  export const options = { scenarios: { all: {
    executor: 'constant-arrival-rate', rate: 100, duration: '${plannedMs}ms', preAllocatedVUs: 20,
  } } };
  export default () => http.get(__ENV.SIAGA_TARGET_URL);
`;

interface Place {
  readonly url: string;
  readonly folder: string;
  readonly k6: { readonly path: string; readonly version: string };
}

/** `siaga load` against bare `k6 run`, each in turn on the same server: requests a second, and time on the wall. */
export async function benchLoad(): Promise<Readonly<Record<string, number>>> {
  const surroundings = { env: process.env, cwd: project, progress: () => {} };
  const { location: path, version } = await provide(tool, provisionContext(surroundings));
  const folder = mkdtempSync(join(tmpdir(), 'siaga-bench-'));
  const { url, stop } = await server();
  try {
    return await measure({ url, folder, k6: { path, version } });
  } finally {
    await stop();
    rmSync(folder, { recursive: true });
  }
}

async function measure(place: Place): Promise<Readonly<Record<string, number>>> {
  const [fast, planned] = [join(place.folder, 'closed.js'), join(place.folder, 'open.js')];
  writeFileSync(fast, closed);
  writeFileSync(planned, open);
  await bare(place, fast);
  const [k6Fast, siagaFast] = [await bare(place, fast), await inProcess(place, fast)];
  const [k6Planned, siagaPlanned] = [await bare(place, planned), await wholeProcess(place, planned)];
  return {
    'k6 requests/s': (requests * 1_000) / k6Fast,
    'siaga requests/s': (requests * 1_000) / siagaFast,
    'throughput siaga ÷ k6': k6Fast / siagaFast,
    'k6 wall ms': k6Planned,
    'siaga load wall ms': siagaPlanned,
    'wall siaga ÷ k6': siagaPlanned / k6Planned,
  };
}

async function timed(work: Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work;
  return performance.now() - from;
}

function bare({ url, k6 }: Place, script: string): Promise<number> {
  return timed(run(k6.path, ['run', '--quiet', '--no-usage-report', script], { SIAGA_TARGET_URL: url }));
}

function inProcess({ url, folder, k6 }: Place, script: string): Promise<number> {
  const journal = memoryJournal({
    run: 'b',
    target: 'b',
    clock: systemClock,
    boot: 'b',
    onProblem: () => {},
  });
  const request = { name: 'bench', script, typeCheck: false, thresholds: 'observed' } as const;
  const judge = compileJudge(runbook, { speed: 1, loadRunning: true, coreChecks: [] });
  const target = { url, headers: {}, maxRate: 1_000_000 };
  const context = {
    journal,
    clock: systemClock,
    k6: k6From(k6),
    runFolder: folder,
    target,
    judge,
    onSpawn: () => {},
  };
  return timed(runLoad(request, context));
}

function wholeProcess({ url, folder, k6 }: Place, script: string): Promise<number> {
  const args = [main, 'load', script, '--output', folder, '-C', project];
  return timed(run(process.execPath, args, { SIAGA_TARGET_URL: url, SIAGA_K6: k6.path }));
}

function run(command: string, args: readonly string[], env: Record<string, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let told = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (told += text));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}: ${told}`)),
    );
  });
}

// On a thread of its own, so that answering does not compete with reading points.
async function server(): Promise<{ url: string; stop: () => Promise<unknown> }> {
  const code = `
    const { createServer } = require('node:http');
    const { parentPort } = require('node:worker_threads');
    const server = createServer((_, response) => response.end('{}'));
    server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
  `;
  const worker = new Worker(code, { eval: true });
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  return { url: `http://127.0.0.1:${port}/`, stop: () => worker.terminate() };
}

if (import.meta.main) console.table(await benchLoad());
