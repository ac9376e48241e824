import { describe, expect, it } from 'vitest';
import type { HttpExchange } from '../check/ports.ts';
import { candidateOf, requireFree } from './candidate.ts';
import type { Platform } from './platform.ts';

const answered = (status: number): Partial<HttpExchange> => ({ kind: 'answered', status });
const refused = { kind: 'broken', code: 'ECONNREFUSED' } as const;
const ready = 'http://127.0.0.1:3000/ready';

interface World {
  /** What each question gets, in order; the last again and again. */
  readonly answers?: readonly Partial<HttpExchange>[];
  /** How the command ends by itself, after so many questions. */
  readonly ends?: { readonly after: number; readonly how: string };
  readonly targetUrl?: string;
}

/** A machine on which a candidate is started and asked; its clock moves as it is slept. */
function machine({ answers = [refused], ends, targetUrl = 'http://127.0.0.1:3000' }: World = {}) {
  let now = 0;
  const asked: string[] = [];
  const said: string[] = [];
  const log: string[] = [];
  const ended = Promise.withResolvers<string>();
  const platform = {
    env: { HOME: '/home/me' },
    clock: { monotonic: () => now, sleep: async (ms: number) => void (now += ms) },
    stderr: (line: string) => void said.push(line),
    interrupted: new AbortController().signal,
    http: {
      async ask({ url }: { readonly url: string }) {
        asked.push(url);
        if (asked.length === ends?.after) ended.resolve(ends.how);
        return answers[Math.min(asked.length, answers.length) - 1];
      },
    },
    startCommand(options: { readonly env: object }) {
      log.push(`started with ${JSON.stringify(options.env)}`);
      if (ends?.after === 0) ended.resolve(ends.how);
      return { ended: ended.promise, stop: async () => void log.push('stopped') };
    },
  } as unknown as Platform;
  const place = { cwd: '/shop', targetUrl, owner: 'run-1', onSpawn: () => undefined };
  const candidate = (wait?: string) => candidateOf('npm start', wait, place, platform);
  return { platform, candidate, asked, said, log, now: () => now };
}

describe('a candidate', () => {
  it('passes once it answers 2xx, and not before', async () => {
    const { candidate, asked, log } = machine({
      answers: [refused, answered(503), answered(199), answered(300), answered(204)],
    });
    const { part, end, stop } = candidate(ready);
    expect(await part.run()).toEqual({ exitCode: 0, reason: '' });
    expect([asked, end(), part.once]).toEqual([Array(5).fill(ready), undefined, true]);
    await stop();
    expect(log).toEqual(['started with {"HOME":"/home/me","SIAGA_OWNER":"run-1"}', 'stopped']);
  });

  it('that nothing is waited for passes as it is started', async () => {
    const { candidate, asked } = machine();
    expect(await candidate().part.run()).toEqual({ exitCode: 0, reason: '' });
    expect(asked).toEqual([]);
  });

  it('that was never started is stopped by nobody', async () => {
    const { candidate, log } = machine();
    await candidate().stop();
    expect(log).toEqual([]);
  });

  it.each<[string, Partial<HttpExchange>, string]>([
    ['does not answer', refused, 'ECONNREFUSED'],
    ['answers too late', { kind: 'timed-out' }, 'timed-out'],
    ['answers something else', answered(503), 'status 503'],
  ])('that %s within two minutes could not be judged', async (_, answer, seen) => {
    const { candidate, now } = machine({ answers: [answer] });
    expect(await candidate(`${ready}?token=x`).part.run()).toEqual({
      exitCode: 3,
      reason: `the candidate (npm start) did not answer 2xx at ${ready} within 120 s, last seen: ${seen}`,
    });
    expect(now()).toBe(120_000);
  });

  it('that ends by itself fails the gate, whenever that is', async () => {
    const dies = machine({ ends: { after: 2, how: 'exit code 1' } });
    const candidate = dies.candidate(ready);
    const how = 'the candidate (npm start) ended by itself: exit code 1';
    expect(await candidate.part.run()).toEqual({ exitCode: 1, reason: how });
    expect(candidate.end()).toBe(how);
    expect(dies.asked).toHaveLength(2);
  });

  it('is waited for at another address than is measured: that is said', async () => {
    const warning =
      '--wait asks localhost:3001, the target is localhost:3000: what is measured may not be the candidate';
    const { candidate, said } = machine({ answers: [answered(200)] });
    expect(await candidate('http://localhost:3001/ready').part.run()).toEqual({
      exitCode: 0,
      reason: warning,
    });
    expect(said).toEqual([`gate: ${warning}\n`, 'gate: starting npm start\n']);
  });

  it.each([
    ['http://localhost:3000/ready', 'http://127.0.0.1:3000'],
    ['http://[::1]:3000/ready', 'http://localhost:3000/api'],
    ['https://shop.example/ready', 'https://shop.example:443'],
    ['http://shop.example/ready', 'http://shop.example:80'],
  ])('is waited for where it is measured: %s is %s', async (wait, targetUrl) => {
    const { candidate, said } = machine({ answers: [answered(200)], targetUrl });
    expect((await candidate(wait).part.run()).reason).toBe('');
    expect(said).toEqual(['gate: starting npm start\n']);
  });

  it.each([
    ['https://shop.example/ready', 'http://shop.example'],
    ['http://a127.0.0.1.example/', 'http://localhost'],
    ['http://shop.example/ready', 'http://other.example'],
  ])('is waited for elsewhere: %s is not %s', async (wait, targetUrl) => {
    const { candidate } = machine({ answers: [answered(200)], targetUrl });
    expect((await candidate(wait).part.run()).reason).toContain('may not be the candidate');
  });
});

describe('before a candidate is started', () => {
  it.each([
    ['nothing is started', {}, [answered(200)], []],
    ['nothing answers where it is to come up', { up: 'npm start', wait: ready }, [refused], [ready]],
    ['nothing answers at the target', { up: 'npm start' }, [refused], ['http://shop']],
  ] as const)('one may be started where %s', async (_, flags, answers, expected) => {
    const { platform, asked } = machine({ answers });
    await requireFree(flags, 'http://shop', platform);
    expect(asked).toEqual(expected);
  });

  it('nothing is asked where the run itself starts the target', async () => {
    const { platform, asked } = machine({ answers: [answered(200)] });
    await requireFree({ up: 'npm start' }, undefined, platform);
    expect(asked).toEqual([]);
  });

  it.each([
    [{ wait: `${ready}?token=x` }, 'wait-without-up', { got: `--wait ${ready} without --up` }],
    [{ up: 'npm start', wait: 'localhost:3000' }, 'wait-no-url', { got: 'localhost:3000' }],
    [{ up: 'npm start', wait: 'ftp://localhost' }, 'wait-no-url', { got: 'ftp://localhost' }],
    [{ up: 'npm start', wait: 'xhttp://localhost' }, 'wait-no-url', { got: 'xhttp://localhost' }],
    [{ up: 'npm start', wait: '~'.repeat(300) }, 'wait-no-url', { got: '~'.repeat(200) }],
    [
      { up: 'npm start', wait: `${ready}?token=x` },
      'candidate-already-answers',
      {
        where: ready,
        got: 'status 404 before --up was started',
        hint: expect.stringContaining('another port'),
      },
    ],
    [
      { up: 'npm start' },
      'candidate-already-answers',
      {
        where: 'http://shop/',
        hint: expect.stringContaining('name the candidate’s own address with --wait'),
      },
    ],
  ])('%j is refused: %s', async (flags, code, facts) => {
    const { platform } = machine({ answers: [answered(404)] });
    await expect(requireFree(flags, 'http://shop', platform)).rejects.toMatchObject({
      code,
      exitCode: 2,
      facts,
    });
  });

  it.each(['http://localhost:3000', 'https://shop.example'])('%s may be waited for', async (wait) => {
    const { platform, asked } = machine();
    await requireFree({ up: 'npm start', wait }, 'http://shop', platform);
    expect(asked).toEqual([wait]);
  });
});
