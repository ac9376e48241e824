import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { storePath } from './database.ts';
import { openStore } from './store.ts';

const run = promisify(execFile);
const groups = 300;
const processes = 4;

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'siaga-processes-'));
});
afterEach(() => {
  rmSync(project, { recursive: true, force: true });
});

const url = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

// Each process looks whether a group has an incident and opens one if not, as a runner, a guard and a cron job would.
const opener = `
import { openStore } from ${url('store.ts')};
import { systemClock, bootId } from ${url('../adapter/system.ts')};
const [path, run] = process.argv.slice(1);
const store = openStore(path);
const journal = store.journal({ run, target: 'reference', clock: systemClock, boot: bootId });
journal.append({ type: 'run.phase', data: { phase: 'ready' } });
while (store.read({ types: ['run.phase'] }).length < ${processes}) await systemClock.sleep(2);
for (let group = 0; group < ${groups}; group++) {
  await journal.decide(0, (events) => {
    const open = events.some(({ data }) => data.group === 'group-' + group);
    const change = { kind: 'settled' };
    const data = { incident: run + '-' + group, group: 'group-' + group, ordinal: 1, effectiveAt: 0, drill: true, change };
    return open ? [] : [{ type: 'incident.transition', data }];
  }, ['incident.transition']);
}
if (!journal.recorded) throw new Error('the store gave up');
`;

it('four processes that open an incident a group at once open each once', { timeout: 120_000 }, async () => {
  const path = storePath(project);
  const one = (_: unknown, index: number) =>
    run(process.execPath, ['--input-type=module', '-e', opener, path, `run-${index}`], { timeout: 110_000 });
  await Promise.all(Array.from({ length: processes }, one));

  const store = openStore(path);
  const events = store.read({ types: ['incident.transition'] });
  store.close();
  const opened = events.map(({ data }) => (data as { group: string }).group);
  expect(opened).toHaveLength(groups);
  expect(new Set(opened).size).toBe(groups);
  const last = processes + groups;
  expect(events.map(({ seq }) => seq)).toEqual(opened.map((_, index) => last - groups + 1 + index));
});
