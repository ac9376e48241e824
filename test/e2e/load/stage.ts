import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { k6From } from '../../../src/adapter/k6/k6.ts';
import { systemClock } from '../../../src/adapter/system.ts';
import type { SiagaEvent } from '../../../src/event/envelope.ts';
import type { RunJournal } from '../../../src/event/store.ts';
import type { K6 } from '../../../src/load/ports.ts';
import type { LoadContext } from '../../../src/load/types.ts';
import { k6 as tool } from '../../../src/tools/k6.ts';
import { provide } from '../../../src/tools/provide.ts';
import { provisionContext } from '../../../src/tools/context.ts';
import { compileJudge } from '../../../src/runbook/judge.ts';
import { memoryJournal } from '../../../src/store/memory.ts';
import runbook from '../../../runbook.ts';

/** The k6 these tests run on: `SIAGA_K6`, PATH, the cache or a build of it. */
export async function realK6(): Promise<{ readonly k6: K6; readonly path: string }> {
  const surroundings = { env: process.env, cwd: process.cwd(), progress: () => {} };
  const { location, version } = await provide(tool, provisionContext(surroundings));
  return { k6: k6From({ path: location, version }), path: location };
}

/** A target, a folder and a journal for one load. */
export interface Stage extends AsyncDisposable {
  readonly url: string;
  readonly folder: string;
  readonly context: LoadContext;
  readonly journal: RunJournal;
  readonly spawned: readonly number[];
  events<T extends SiagaEvent['type']>(type: T): Extract<SiagaEvent, { type: T }>['data'][];
  /** Writes a file beside the others and returns its path. */
  write(name: string, text: string, mode?: number): string;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const answers: Readonly<Record<string, Answer>> = {
  '/slow': (_, response) => setTimeout(() => response.end('{}'), 700),
  '/soon': (_, response) => setTimeout(() => response.end('{}'), 50),
  '/hang': () => {},
  '/fail': (_, response) => response.writeHead(500).end('{}'),
  '/throttled': (_, response) => response.writeHead(429).end('{}'),
  '/method': ({ method }, response) => response.end(JSON.stringify({ method })),
  '/redirects-to-fail': (_, response) => response.writeHead(302, { location: '/fail' }).end(),
  '/redirects-307': (_, response) => response.writeHead(307, { location: 'method' }).end(),
  '/redirects-303': (_, response) => response.writeHead(303, { location: '/method' }).end(),
  '/redirects-for-ever': (_, response) => response.writeHead(302, { location: '/redirects-for-ever' }).end(),
  '/leads-to': ({ url = '' }, response) =>
    response.writeHead(302, { location: new URL(url, 'http://x').searchParams.get('to') ?? '' }).end(),
};

export async function stage(k6: K6, more: Partial<LoadContext> = {}): Promise<Stage> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0] ?? '';
    request.resume();
    const fallback: Answer = (_, other) => other.writeHead(path.startsWith('/missing') ? 404 : 200).end('{}');
    (answers[path] ?? fallback)(request, response);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const folder = mkdtempSync(join(tmpdir(), 'siaga-load-'));
  const journal = memoryJournal({
    run: 'test',
    target: 'local',
    clock: systemClock,
    boot: 'test',
    onProblem: () => {},
  });
  const spawned: number[] = [];
  return {
    url,
    folder,
    journal,
    spawned,
    context: {
      journal,
      clock: systemClock,
      k6,
      runFolder: folder,
      target: { url, headers: { 'x-client-id': 'siaga-load' }, maxRate: 500 },
      judge: compileJudge(runbook, { speed: 30, loadRunning: true, coreChecks: [] }),
      onSpawn: (pid) => void spawned.push(pid),
      ...more,
    },
    events: (type) =>
      journal
        .events()
        .filter((event) => event.type === type)
        .map(({ data }) => data) as never,
    write: (name, text, mode = 0o644) => {
      const path = join(folder, name);
      writeFileSync(path, text, { mode });
      return path;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A k6 script that offers 30 iterations a second for two seconds, with some of its parts replaced. */
export function script(
  parts: { options?: string; scenario?: string; body?: string; more?: string } = {},
): string {
  return `
    import http from 'k6/http';
    import { check } from 'k6';
    import exec from 'k6/execution';
    const url = (path) => __ENV.SIAGA_TARGET_URL + path;
    export const options = {
      ${parts.options ?? ''}
      scenarios: {
        only: {
          executor: 'constant-arrival-rate', rate: 30, timeUnit: '1s', duration: '2s',
          preAllocatedVUs: 40, maxVUs: 40, gracefulStop: '3s', tags: { endpoint: 'GET /' },
          ${parts.scenario ?? ''}
        },
      },
    };
    export default function () { ${parts.body ?? "http.get(url('/'));"} }
    ${parts.more ?? ''}
  `;
}
