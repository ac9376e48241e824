import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createHttpProbe } from '../adapter/http.ts';
import { callOwn } from '../adapter/own-code.ts';
import { isGroupAlive, outputOf } from '../adapter/own-command.ts';
import { systemClock } from '../adapter/system.ts';
import type { Draft } from '../event/envelope.ts';
import type { Sample } from './recorder.ts';
import type { SamplingContext } from './context.ts';
import { type OwnCode, SourceReader } from './own-source.ts';
import type { Source, SourceRead } from './source.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((ready) => {
    server.listen(0, '127.0.0.1', ready);
  });
  closers.push(() => server.close().closeAllConnections());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const spawned = vi.fn<(pid: number) => void>();
const own: OwnCode = {
  call: callOwn,
  output: (command) =>
    outputOf({ ...command, cwd: tmpdir(), env: { PATH: process.env['PATH'] }, onSpawn: spawned }),
};

function setUp(read: SourceRead, more: Partial<Source> & { readonly unset?: readonly string[] } = {}) {
  const http = createHttpProbe();
  closers.push(() => http.close());
  const { unset = [], ...rest } = more;
  const source: Source = { name: 'queue', every: '1s', timeout: '2s', read, ...rest };
  const reader = new SourceReader({ source, signals: ['queue.depth'], unset }, own);
  const drafts: Draft[] = [];
  const samples: Sample[] = [];
  const context = {
    clock: systemClock,
    http,
    signal: new AbortController().signal,
    secrets: ['hunter22hunter22'],
    journal: { append: (draft: Draft) => drafts.push(draft) },
  } as unknown as SamplingContext;
  const look = () => reader.look({ sample: (sample) => samples.push(sample) }, context);
  const values = () => samples.flatMap(({ data }) => (data.kind === 'values' ? data.values : []));
  const problems = () =>
    drafts.map(({ type, data }) => [type, 'code' in data && data.code, 'message' in data && data.message]);
  return { look, values, problems, samples, reader };
}

const sh = (script: string): SourceRead => ({ command: ['sh', '-c', script] });

describe('a number is a sample', () => {
  test.each<[string, SourceRead, number]>([
    ['of a function', () => 7, 7],
    ['of an asynchronous function', async () => 0, 0],
    ['of a command', sh('echo 12.5'), 12.5],
    ['of a command that prints it without an end of line', sh('printf " -3"'), -3],
  ])('%s', async (_, read, expected) => {
    const { look, samples, problems, reader } = setUp(read);
    await look();
    expect(samples).toMatchObject([
      { signal: 'queue.depth', source: 'own', labels: {}, data: { kind: 'values', values: [expected] } },
    ]);
    expect(problems()).toEqual([]);
    expect(reader.why).toBeUndefined();
  });

  test.each<[string, string, string, (body: unknown) => number]>([
    ['of JSON', 'application/json', '{"depth":4}', (body) => (body as { depth: number }).depth],
    ['of a text', 'text/plain', 'depth=4', (body) => Number(String(body).split('=')[1])],
  ])('%s at a URL', async (_, type, body, pick) => {
    const asked = vi.fn<(headers: unknown) => void>();
    const url = await serve((request, response) => {
      asked(request.headers.authorization);
      response.writeHead(200, { 'content-type': type }).end(body);
    });
    const { look, values } = setUp({ url, headers: { Authorization: 'Bearer x' }, pick });
    await look();
    expect(values()).toEqual([4]);
    expect(asked).toHaveBeenCalledWith('Bearer x');
  });
});

describe('anything else is no sample and a problem with its name', () => {
  test.each<[string, SourceRead, string | RegExp]>([
    [
      'a throw',
      () => {
        throw new Error('no queue for hunter22hunter22');
      },
      'no queue for [redacted]',
    ],
    ['a rejection', async () => Promise.reject(new Error('no queue')), 'no queue'],
    ['a hang', () => new Promise<number>(() => {}), 'no answer within 0.3 s'],
    ['no number', () => Number.NaN, 'it gave NaN, which is no number'],
    ['a text', (() => '7') as never, 'it gave "7", which is no number'],
    ['nothing', (() => undefined) as never, 'it gave missing, which is no number'],
    ['no end', () => Number.POSITIVE_INFINITY, 'it gave Infinity, which is no number'],
    ['a command that prints no number', sh('echo many'), 'it gave "many", which is no number'],
    ['a command that prints nothing', sh(':'), 'it gave "", which is no number'],
    ['a command that fails', sh('echo 7; echo no route >&2; exit 3'), 'exit code 3: no route'],
    ['a command that hangs', sh('echo 7; sleep 60'), 'no answer within 0.3 s'],
    ['a command that is killed', sh('kill -9 $$'), 'SIGKILL'],
    ['a command that does not exist', { command: ['no-such-program'] }, /ENOENT/],
    [
      'a command that leaves a child behind',
      sh('echo 7; sleep 60 >/dev/null 2>&1 &'),
      'it left a process behind, which was ended',
    ],
    [
      'a child that holds its output open',
      sh('echo 7; sleep 60 &'),
      'it left a process behind, which was ended',
    ],
    ['a URL that nobody answers', { url: 'http://127.0.0.1:9/', pick: () => 1 }, /ECONNREFUSED/],
  ])('%s', async (_, read, why) => {
    // Long enough for a command to start on a busy machine, where it is not the hang itself that is tested.
    const hangs = typeof why === 'string' && why.startsWith('no answer');
    const { look, values, problems, reader } = setUp(read, { timeout: hangs ? '300ms' : '20s' });
    await look();
    expect(values()).toEqual([]);
    expect(problems()).toEqual([['run.problem', 'source-failed', reader.why]]);
    expect(reader.why).toMatch(why);
    expect(reader.why).toMatch(/^source queue: /);
  });

  test.each<[string, RequestListener, ((body: unknown) => number) | undefined, string]>([
    ['another status', (_, response) => response.writeHead(503).end('4'), undefined, 'status 503'],
    [
      'a redirect',
      (_, response) => response.writeHead(302, { location: '/' }).end(),
      undefined,
      'status 302',
    ],
    [
      'a pick that throws',
      (_, response) => response.end('{}'),
      () => {
        throw new Error('no series');
      },
      'no series',
    ],
    [
      'a pick that finds nothing',
      (_, response) => response.end('{}'),
      (() => undefined) as never,
      'it gave missing, which is no number',
    ],
    [
      'an answer without end',
      (_, response) => response.end('1'.repeat(1_100_000)),
      undefined,
      'the answer is too long',
    ],
  ])('%s of a URL', async (_, listener, pick = () => 4, why) => {
    const { look, values, problems } = setUp({ url: await serve(listener), pick });
    await look();
    expect(values()).toEqual([]);
    expect(problems()).toEqual([['run.problem', 'source-failed', `source queue: ${why}`]]);
  });

  test('a variable that is not set', async () => {
    const { look, problems } = setUp({ url: '${A}', pick: () => 1 }, { unset: ['A', 'B'] });
    await look();
    expect(problems()).toEqual([['run.problem', 'source-failed', 'source queue: A and B not set']]);
  });

  test('a series of failures is told once, and again after it was well', async () => {
    const answers = [1, Number.NaN, Number.NaN, 2, Number.NaN];
    const { look, values, problems } = setUp(() => answers.shift() ?? 0);
    for (let turn = 0; turn < 5; turn++) await look();
    expect(values()).toEqual([1, 2]);
    expect(problems()).toHaveLength(2);
  });
});

test('the process of a command is handed over, and nothing of it is left', async () => {
  spawned.mockClear();
  const { look } = setUp(sh('echo 7; sleep 60 & sleep 60'), { timeout: '300ms' });
  await look();
  const [[group] = [0]] = spawned.mock.calls;
  await expect.poll(() => isGroupAlive(group)).toBe(false);
});
