import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../adapter/system.ts';
import { writeReports } from '../adapter/report-folder.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import type { ExitCode } from '../kernel/exit.ts';
import { gameDay } from '../report/testing/game-day.ts';
import { registerReport } from './report.ts';

const run = 'gd-20260913-0340';
let project: string;
let interrupted = new AbortController().signal;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'siaga-report-'));
  keep(run, gameDay());
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

function keep(name: string, events: readonly SiagaEvent[]): void {
  mkdirSync(join(project, 'reports', name), { recursive: true });
  const text = events.map((event) => `${JSON.stringify(event)}\n`).join('');
  writeFileSync(join(project, 'reports', name, 'events.ndjson'), text);
}

/** Runs the command in the project's folder. */
async function siaga(...argv: readonly string[]): Promise<{ out: string; err: string; code: ExitCode }> {
  let out = '';
  let err = '';
  const outcome: { code: ExitCode } = { code: 0 };
  const program = new Command().exitOverride();
  registerReport(program, {
    cwd: project,
    stdout: (text) => (out += text),
    stderr: (text) => (err += text),
    outcome,
    writeFiles: writeReports,
    clock: systemClock,
    interrupted,
  });
  await program.parseAsync(['report', ...argv], { from: 'user' });
  return { out, err, code: outcome.code };
}

const made = (...path: readonly string[]): readonly string[] =>
  readdirSync(join(project, ...path)).filter((name) => name !== 'events.ndjson');

describe('siaga report', () => {
  test('leaves out events of a type that nobody here knows, and says so', async () => {
    const strange = gameDay().map((event, index) =>
      index === 3 ? { ...event, type: 'fault.quantum' } : event,
    );
    keep(run, strange as readonly SiagaEvent[]);
    const { err, code } = await siaga(run);
    expect(code).toBe(0);
    expect(err).toBe(
      "siaga: left out 1 event of the type 'fault.quantum', which this version does not know\n",
    );
  });

  test('makes every document of a run by its id, the same bytes each time', async () => {
    const { out, code } = await siaga(run);
    expect(code).toBe(0);
    expect(made('reports', run).toSorted()).toEqual([
      'junit.xml',
      'plots',
      'postmortem.md',
      'report.html',
      'report.md',
      'summary.json',
    ]);
    const first = readFileSync(join(project, 'reports', run, 'report.html'), 'utf8');
    await siaga(run);
    expect(readFileSync(join(project, 'reports', run, 'report.html'), 'utf8')).toBe(first);
    expect(out.split('\n')).toContain(join('reports', run, 'report.md'));
  });

  test.each([
    ['a file', join('reports', run, 'events.ndjson')],
    ['a folder', join('reports', run)],
  ])('takes %s, and another place to write', async (_, path) => {
    await siaga(path, '--output', 'elsewhere');
    expect(made('elsewhere')).toContain('report.md');
    expect(made('reports', run)).toEqual([]);
  });

  test('refuses a misspelt run and names the nearest', async () => {
    await expect(siaga('gd-20260913-0341')).rejects.toThrow(
      expect.objectContaining({
        code: 'unknown-run',
        exitCode: 2,
        facts: expect.objectContaining({ hint: `did you mean ${run}?` }),
      }),
    );
  });

  test('refuses a cut-off file with its line, and writes nothing', async () => {
    const file = join(project, 'reports', run, 'events.ndjson');
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, -9));
    await expect(siaga(run)).rejects.toThrow(
      expect.objectContaining({
        code: 'bad-events',
        facts: expect.objectContaining({ where: expect.stringMatching(/events\.ndjson, line \d+$/) }),
      }),
    );
    expect(made('reports', run)).toEqual([]);
  });

  test('judges again and says that it came out the same', async () => {
    const { out, code } = await siaga(run, '--rejudge');
    expect(code).toBe(0);
    expect(out).toMatch(/^judged again: the same \d\d transitions and \d\d buckets; verdict passed$/m);
  });

  test('judges again, and what came out different is no verdict on the target', async () => {
    const events = gameDay().map((event) =>
      event.type === 'incident.transition' && event.data.change.kind === 'recovered'
        ? { ...event, data: { ...event.data, effectiveAt: event.data.effectiveAt + 1 } }
        : event,
    );
    keep('tampered', events);
    const { out, code } = await siaga('tampered', '--rejudge', '--json');
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({
      verdict: 'inconclusive',
      exitCode: 3,
      rejudged: { same: false },
    });
  });

  test('suspicious: with everything that was measured taken out nothing is judged again, and it is not the same', async () => {
    const measured = ['samples', 'check.finished', 'toggle.read', 'incident.transition', 'incident.bucket'];
    keep(
      'emptied',
      gameDay().filter(({ type }) => !measured.includes(type)),
    );
    const { out, code } = await siaga('emptied', '--rejudge');
    expect(code).toBe(3);
    expect(out).toMatch(/^judged again: nothing, for there are no samples/m);
  });

  test('hostile 6: a signal ends a long judging', async () => {
    interrupted = AbortSignal.abort('SIGTERM');
    await expect(siaga(run, '--rejudge')).rejects.toBe('SIGTERM');
    interrupted = new AbortController().signal;
  });

  test('hostile 6: a file that is none, such as a device or a pipe, is not read', async () => {
    mkdirSync(join(project, 'reports', 'endless'));
    symlinkSync('/dev/zero', join(project, 'reports', 'endless', 'events.ndjson'));
    await expect(siaga('endless')).rejects.toThrow(
      expect.objectContaining({ code: 'unreadable-events', exitCode: 2 }),
    );
  });
});
