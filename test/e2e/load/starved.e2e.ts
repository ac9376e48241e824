import { execFileSync, spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { startLoad } from '../../../src/load/run.ts';
import { realK6, script, stage } from './stage.ts';

test('suspicious: iterations that k6 drops because others use its processor are no fault of the target', async () => {
  const { k6 } = await realK6();
  await using here = await stage(k6);
  const text = script({
    scenario: "rate: 100, duration: '8s', preAllocatedVUs: 20, maxVUs: 20,",
    body: "http.get(url('/soon'), { timeout: '2s' });",
  });
  const running = await startLoad({ name: 'starved', script: here.write('starved.js', text) }, here.context);
  await running.ready;
  await expect.poll(() => here.events('samples').length).toBeGreaterThan(1);
  const pid = here.spawned[0] ?? 0;
  execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', '0', String(pid)]);
  execFileSync('chrt', ['--all-tasks', '--idle', '--pid', '0', String(pid)]);
  const busy = [
    '-c',
    '0',
    process.execPath,
    '-e',
    'for (const end = Date.now() + 3000; Date.now() < end; );',
  ];
  for (let n = 0; n < 20; n++) spawn('taskset', busy, { stdio: 'ignore' });
  const finished = await running.finished;
  expect(finished.dropped).toBeGreaterThan(0);
  expect([finished.outcome, finished.violations.map(({ rule }) => rule)]).toEqual([
    'inconclusive',
    expect.arrayContaining(['generator-short-of-cpu']),
  ]);
});
