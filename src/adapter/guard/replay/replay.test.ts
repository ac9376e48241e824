import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Recipe, Settled } from '../../../effect/recipe.ts';
import { identify, isAlive, stateOf, withEnvironment } from '../../../tools/process.ts';
import { undoPending } from './table.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'siaga-replay-'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const replay = (recipe: Recipe): Promise<Settled> =>
  undoPending({ id: 'r fault-1', order: 'first', recipe }, { by: 'heal', progress: () => undefined });

describe('a process that was stopped', () => {
  test('goes on, and one that runs is left alone', async () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    const id = identify(child.pid ?? 0);
    const recipe = { replay: 'process', process: id, signal: 'SIGCONT' } as const;
    try {
      process.kill(id.pid, 'SIGSTOP');
      await expect.poll(() => stateOf(id)).toBe('T');
      expect(await replay(recipe)).toMatchObject({ outcome: 'undone', step: 'continued' });
      expect(stateOf(id)).not.toBe('T');
      expect(await replay(recipe)).toMatchObject({ outcome: 'already-gone' });
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('and has ended, or whose number another process has, is left alone', async () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    const id = identify(child.pid ?? 0);
    try {
      process.kill(id.pid, 'SIGSTOP');
      await expect.poll(() => stateOf(id)).toBe('T');
      const earlier = { ...id, startTime: '1' };
      const recipe = { replay: 'process', process: earlier, signal: 'SIGCONT' } as const;
      expect(await replay(recipe)).toMatchObject({ outcome: 'undone', step: 'process-gone' });
      expect(stateOf(id)).toBe('T');
    } finally {
      child.kill('SIGKILL');
    }
  });
});

const runCommand = (script: string, more: Partial<Extract<Recipe, { replay: 'command' }>> = {}) =>
  replay({
    replay: 'command',
    command: [process.execPath, '-e', script],
    cwd: folder,
    env: {},
    timeoutMs: 20_000,
    secrets: [],
    ...more,
  });

describe('a command', () => {
  test('that ends well has undone it, with what is set for it', async () => {
    const env = { WHAT: 'undone' };
    const script = "require('node:fs').writeFileSync('command.txt', process.env.WHAT)";
    expect(await runCommand(script, { env })).toMatchObject({ outcome: 'undone', step: 'undone' });
    expect(readFileSync(join(folder, 'command.txt'), 'utf8')).toBe('undone');
  });

  test('that fails is stuck, and says why without what is secret', async () => {
    const script = "console.error('no way in with hunter2'); process.exit(3)";
    const settled = await runCommand(script, { secrets: ['hunter2'] });
    expect(settled).toMatchObject({ outcome: 'stuck', tried: [/exit code 3[\s\S]*no way in/].map(like) });
    expect(JSON.stringify(settled)).not.toContain('hunter2');
  });

  test('that hangs is ended with all that it started', async () => {
    const env = { SIAGA_HANGS: `${process.pid}` };
    const script = "require('node:child_process').spawnSync('sleep', ['600'])";
    expect(await runCommand(script, { env, timeoutMs: 700 })).toMatchObject({
      outcome: 'stuck',
      tried: [/still running after 700 ms/].map(like),
    });
    await expect.poll(() => withEnvironment('SIAGA_HANGS', `${process.pid}`).filter(isAlive)).toEqual([]);
  });

  test('is not run while the process lives that it would start again', async () => {
    const unless = identify(process.pid);
    expect(await runCommand('process.exit(1)', { unless })).toMatchObject({ outcome: 'already-gone' });
    expect(await runCommand('', { unless: { ...unless, startTime: '1' }, step: 'restarted' })).toMatchObject({
      outcome: 'undone',
      step: 'restarted',
    });
  });

  test('that is not there is stuck', async () => {
    expect(await runCommand('', { command: ['no-such-program'] })).toMatchObject({
      outcome: 'stuck',
      tried: [/ENOENT/].map(like),
    });
  });
});

const callUndo = (name: string, source: string, timeoutMs = 20_000) => {
  const file = join(folder, name);
  writeFileSync(file, source);
  return replay({
    replay: 'module',
    kind: 'queue-full',
    folder,
    file,
    data: { queue: 'orders', depth: 3 },
    timeoutMs,
  });
};

describe('the function of a fault that a project defines', () => {
  test('is called with what was planned; its TypeScript may import siaga, and what it leaves running ends', async () => {
    const settled = await callUndo(
      'good.ts',
      `import { fault } from 'siaga';
       import { writeFileSync } from 'node:fs';
       interface Data { readonly queue: string; readonly depth: number }
       setInterval(() => undefined, 1_000);
       export const queueFull = {
         kind: 'queue-full',
         async undo({ queue, depth }: Data) {
           writeFileSync(${JSON.stringify(join(folder, 'module.txt'))}, [queue, depth, typeof fault].join(' '));
         },
       };`,
    );
    expect(settled).toMatchObject({ outcome: 'undone', step: 'undone' });
    expect(readFileSync(join(folder, 'module.txt'), 'utf8')).toBe('orders 3 object');
  });

  test.each([
    [
      'throws',
      'throws.ts',
      "export default { kind: 'queue-full', undo() { throw new Error('the queue is gone'); } };",
      /queue is gone/,
    ],
    [
      'is missing',
      'none.ts',
      "export default { kind: 'another', undo() {} };",
      /exports no fault queue-full/,
    ],
    ['cannot be read', 'broken.ts', 'export default {', /exit code 4/],
    [
      'ends its process',
      'ends.ts',
      "export default { kind: 'queue-full', undo() { process.exit(7); } };",
      /exit code 7/,
    ],
    [
      'ends its process as if all were well',
      'ends-well.ts',
      "export default { kind: 'queue-full', undo() { process.exit(0); } };",
      /exit code 4/,
    ],
    [
      'never settles',
      'unsettled.ts',
      "export default { kind: 'queue-full', undo: () => new Promise(() => undefined) };",
      /exit code/,
    ],
  ])('that %s is stuck', async (_, name, source, why) => {
    expect(await callUndo(name, source)).toMatchObject({ outcome: 'stuck', tried: [like(why)] });
  });

  test('that hangs is ended', async () => {
    const source = "export default { kind: 'queue-full', undo() { for (;;); } };";
    expect(await callUndo('hangs.ts', source, 2_000)).toMatchObject({
      outcome: 'stuck',
      tried: [/still running after 2 s/].map(like),
    });
  });
});

const like = (pattern: RegExp): unknown => expect.stringMatching(pattern);
