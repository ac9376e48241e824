import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const module = new URL('own-code.ts', import.meta.url).href;

/** What a process says of errors that nobody caught, and of whose code they came. */
async function said(code: string): Promise<readonly string[]> {
  const source = `
    import { callOwn, ownCodeRunning } from '${module}';
    const say = (error) => console.log(error.message + ': ' + ownCodeRunning());
    process.on('uncaughtException', say);
    process.on('unhandledRejection', say);
    const call = (code) => callOwn({ part: 'channel team', timeoutMs: 1_000 }, code);
    ${code}`;
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--input-type=module-typescript', '-e', source]);
  return stdout.trim().split('\n');
}

test.each([
  ['a promise that nobody waits for', `await call(() => { Promise.reject(new Error('late')); });`],
  ['a timer', `await call(() => { setTimeout(() => { throw new Error('late'); }, 1); });`],
  [
    'an asynchronous function that was not waited for',
    `await call(() => { void (async () => { await 1; throw new Error('late'); })(); });`,
  ],
])('an error that %s throws after the answer is known as of the own part', async (_, code) => {
  expect(await said(code)).toEqual(['late: channel team']);
});

test('an error of ours is not, not even after a call', async () => {
  expect(await said(`await call(() => 1); setTimeout(() => { throw new Error('ours'); }, 1);`)).toEqual([
    'ours: undefined',
  ]);
});

test('what an own part throws after its time was up is nobody else to catch', async () => {
  const code = `
    const slow = callOwn({ part: 'channel team', timeoutMs: 5 }, async () => {
      await new Promise((wake) => setTimeout(wake, 20));
      throw new Error('late');
    });
    await slow.catch((error) => console.log(error.message));`;
  expect(await said(code)).toEqual(['no answer within 0.005 s']);
});
