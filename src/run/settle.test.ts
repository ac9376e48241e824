import { expect, test } from 'vitest';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import { SiagaError } from '../kernel/errors.ts';
import { settle, unlessBroken } from './settle.ts';

function opened(interrupted = false) {
  const drafts: Draft[] = [];
  const said: string[] = [];
  const append = (draft: Draft) => ({ ...draft, seq: drafts.push(draft) }) as SiagaEvent;
  const abort = new AbortController();
  if (interrupted) abort.abort('SIGTERM');
  const journal = { append } as Parameters<typeof settle>[0]['journal'];
  const session = {
    journal,
    signal: abort.signal,
    platform: { stderr: (text: string) => void said.push(text), interrupted: abort.signal },
  };
  return { session, drafts, said };
}

const bug = new TypeError('x is undefined');
const told = new SiagaError('no-k6', { what: 'there is no k6', hint: 'install it', exitCode: 3 });
const rollback = new SiagaError('stuck', { what: 'a toxic stays', exitCode: 4 });

test.each([
  ['a bug', bug, false, 70, ['run.problem']],
  ['an error that says what is wrong', told, false, 3, ['run.problem']],
  ['an interruption', bug, true, 130, ['run.interrupted']],
  ['a rollback that failed while interrupted', rollback, true, 4, ['run.problem']],
])('%s is an ending, and is written down', async (_name, error, interrupted, code, types) => {
  const { session, drafts } = opened(interrupted);
  const ending = await settle(session, () => Promise.reject(error));
  expect(ending.exitCode).toBe(code);
  expect(drafts.map(({ type }) => type)).toEqual(types);
});

test('a bug is told with where it was', async () => {
  const { session, drafts, said } = opened();
  const { reason } = await settle(session, () => Promise.reject(bug));
  expect(reason).toBe("a bug of Siaga's: x is undefined");
  expect(drafts).toMatchObject([{ data: { code: 'bug', message: 'x is undefined' } }]);
  expect(said.join('')).toContain(`siaga: this is a bug of Siaga's: ${bug.stack}`);
});

test.each([
  ['what passed', 0, 70],
  ['what failed', 1, 70],
  ['what was not undone', 4, 4],
] as const)(
  'a judge that threw is a bug of ours, whatever it had said before: %s',
  (_name, exitCode, code) => {
    const { session, drafts, said } = opened();
    const ending = unlessBroken(session, AbortSignal.abort(bug), { exitCode, reason: '' });
    expect(ending.exitCode).toBe(code);
    expect(drafts).toMatchObject([{ data: { code: 'bug', message: 'x is undefined' } }]);
    expect(said.join('')).toContain("this is a bug of Siaga's");
  },
);

test('a judge that did not throw changes no ending', () => {
  const { session, drafts } = opened();
  const ending = { exitCode: 1, reason: 'a check failed' } as const;
  expect(unlessBroken(session, new AbortController().signal, ending)).toBe(ending);
  expect(drafts).toEqual([]);
});

test('an ending that is none of these goes as it came', async () => {
  const { session, drafts } = opened();
  const ending = { exitCode: 1, reason: 'a check failed' } as const;
  expect(await settle(session, async () => ending)).toBe(ending);
  expect(drafts).toEqual([]);
});

test('an error is written down with what helps, where it says that', async () => {
  const { session, drafts } = opened();
  const silent = new SiagaError('stuck', { what: 'a toxic stays', exitCode: 4 });
  await settle(session, () => Promise.reject(told));
  expect(await settle(session, () => Promise.reject(silent))).toMatchObject({ exitCode: 4 });
  expect(drafts.map(({ data }) => data)).toEqual([
    { code: 'no-k6', message: told.message, hint: 'install it' },
    { code: 'stuck', message: silent.message },
  ]);
});

test('what is thrown while the session is stopped, and not by a signal, is an interruption and no bug', async () => {
  const { session, drafts } = opened();
  const stopped = { ...session, signal: AbortSignal.abort() };
  expect(await settle(stopped, () => Promise.reject(bug))).toEqual({ exitCode: 130, reason: '' });
  expect(drafts).toEqual([]);
});

test('an interruption says by which signal, and writes it down', async () => {
  const { session, drafts } = opened(true);
  const { reason } = await settle(session, async () => ({ exitCode: 0, reason: '' }));
  expect(reason).toBe('interrupted by SIGTERM; everything of ours was undone');
  expect(drafts).toMatchObject([{ data: { signal: 'SIGTERM' } }]);
});
