import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { realK6, script, stage } from './stage.ts';

const runner = fileURLToPath(new URL('runner.ts', import.meta.url));

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('k6 dies with its runner, even when that is killed without a word', async () => {
  const { k6, path } = await realK6();
  await using here = await stage(k6);
  const file = here.write('a.js', script({ scenario: "duration: '60s'," }));
  const child = spawn(process.execPath, [runner, path, here.url, file, here.folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  await expect.poll(() => said).toContain('flowing');
  const pid = Number(said.split('\n')[0]);
  expect(alive(pid)).toBe(true);
  child.kill('SIGKILL');
  await expect.poll(() => alive(pid)).toBe(false);
});
