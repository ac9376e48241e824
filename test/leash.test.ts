import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

const module = fileURLToPath(new URL('support/leash.ts', import.meta.url));

/** A runner that leashes a script, does this besides, and is killed. Returns where the script leaves its mark. */
async function kill(besides: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'siaga-leash-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const mark = join(folder, 'mark');
  const code = `
    const { leash } = await import(${JSON.stringify(module)});
    const held = leash('echo > "$MARK"', { MARK: ${JSON.stringify(mark)} });
    ${besides}
    console.log('leashed');
    setInterval(() => {}, 1_000);`;
  const runner = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(runner.stdout, 'data');
  runner.kill('SIGKILL');
  await once(runner, 'exit');
  return mark;
}

it('what a killed runner has leashed is done', async () => {
  const mark = await kill('');
  await expect.poll(() => existsSync(mark), { timeout: 20_000 }).toBe(true);
});

it('what was let go before is not', async () => {
  const [released, kept] = [await kill('held[Symbol.dispose]();'), await kill('')];
  await expect.poll(() => existsSync(kept), { timeout: 20_000 }).toBe(true);
  await sleep(200);
  expect(existsSync(released)).toBe(false);
});
