import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { projectFilesUntil } from '../adapter/project-files.ts';
import type { Draft } from '../event/envelope.ts';
import type { IncidentChange } from '../event/incident.ts';
import type { Platform } from '../run/platform.ts';
import { readStore } from '../store/recorded.ts';
import { openStore } from '../store/store.ts';
import { registersFor } from './commands.ts';
import { runProgram } from './program.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'siaga-incident-list-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const origin = Date.UTC(2026, 8, 13, 3, 42);
const clock = { now: () => origin + 600_000, monotonic: () => 0, sleep: () => Promise.resolve() };

async function list(...flags: readonly string[]) {
  const argv = ['incident', 'list', '-C', dir, ...flags];
  let stdout = '';
  let stderr = '';
  const platform = {
    version: '0',
    cwd: dir,
    env: {},
    stdout: (text: string) => (stdout += text),
    stderr: (text: string) => (stderr += text),
    outcome: { code: 0 },
    projectFiles: projectFilesUntil(),
    interrupted: new AbortController().signal,
    readStore,
    clock,
  } as unknown as Platform;
  const code = await runProgram(argv, platform, await registersFor(argv));
  return { code, stdout, stderr };
}

const by = { signal: 'db.latency', got: 'p99 1 s', allowed: 'p99 <= 500 ms', since: origin, evidence: [] };
const symptoms = { windowMs: 1, p95: null, errorRatio: null, n: 0 };

function changed(incident: string, ordinal: number, change: IncidentChange, drill = false): Draft {
  const effectiveAt = origin + ordinal * 60_000;
  return { type: 'incident.transition', data: { incident, group: 'g', ordinal, effectiveAt, drill, change } };
}

function record(target: string, ...drafts: readonly Draft[]): void {
  const store = openStore(join(dir, '.siaga', 'siaga.db'));
  const journal = store.journal({ run: `run-${target}`, target, clock, boot: 'b' });
  for (const draft of drafts) journal.append(draft);
  store.close();
}

const declared = { kind: 'declared', severity: 'SEV-2', by, symptoms } as const;
const worse = { kind: 'signal-joined', severity: 'SEV-1', by: { ...by, signal: 'rest.errors' } } as const;
const over = [
  changed('INC-1', 1, declared),
  changed('INC-1', 3, { kind: 'recovered', criteria: [], symptoms }),
];
const open = [changed('INC-2', 1, declared, true), changed('INC-2', 2, worse, true)];

describe('siaga incident list', () => {
  test('shows what is open first, with how bad it was, where it stands and for how long', async () => {
    record('shop', ...over);
    record('staging', ...open);
    const { code, stdout } = await list();
    expect(code).toBe(0);
    const rows = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    expect(rows).toEqual([
      ['INCIDENT', 'TARGET', 'SEVERITY', 'STANDS', 'SINCE', 'LASTED', 'SIGNALS'],
      [
        '[DRILL] INC-2',
        'staging',
        'SEV-1',
        'DEGRADED',
        '2026-09-13 03:43:00 UTC',
        '9 min 00 s so far',
        'db.latency, rest.errors',
      ],
      ['INC-1', 'shop', 'SEV-2', 'RECOVERED', '2026-09-13 03:43:00 UTC', '2 min 00 s', 'db.latency'],
    ]);
  });

  test('gives them in the published form, each with its target, and of one target alone', async () => {
    record('shop', ...over);
    record('staging', ...open);
    const envelope = JSON.parse((await list('--json', '--target', 'shop')).stdout) as object;
    expect(envelope).toMatchObject({
      version: 1,
      command: 'incident list',
      verdict: 'passed',
      incidents: [
        { incident: 'INC-1', target: 'shop', phase: 'recovered', recoveredAt: '2026-09-13T03:45:00.000Z' },
      ],
    });
  });

  test('creates nothing where nothing is on record', async () => {
    writeFileSync(join(dir, 'runbook.ts'), '');
    expect(await list()).toEqual({ code: 0, stdout: 'no incidents on record\n', stderr: '' });
    mkdirSync(join(dir, '.siaga'));
    await list();
    expect(readdirSync(join(dir, '.siaga'))).toEqual([]);
  });

  test.each([
    ['a folder that is no project', [], 'no-project'],
    ['a target without runs', ['--target', 'shpo'], 'unknown-target'],
  ])('%s is exit 2, and says what is allowed', async (_, flags, error) => {
    if (error === 'unknown-target') record('shop', ...over);
    const { code, stdout, stderr } = await list('--json', ...flags);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ exitCode: 2, results: [{ kind: 'error', code: error }] });
    expect(stderr).toContain(error === 'no-project' ? '-C' : 'did you mean shop?');
  });

  test('a file that is no database is exit 3', async () => {
    mkdirSync(join(dir, '.siaga'));
    writeFileSync(join(dir, '.siaga', 'siaga.db'), 'nonsense'.repeat(200));
    const { code, stderr } = await list();
    expect([code, stderr]).toEqual([3, expect.stringContaining('damaged')]);
  });
});
