import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { projectFilesUntil } from '../adapter/project-files.ts';
import type { Draft } from '../event/envelope.ts';
import type { IncidentChange } from '../event/incident.ts';
import type { ResultEnvelope } from '../export/envelope.ts';
import type { Platform } from '../run/platform.ts';
import { readStore } from '../store/recorded.ts';
import { openStore } from '../store/store.ts';
import { registersFor } from './commands.ts';
import { runProgram } from './program.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'siaga-incident-entry-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const origin = Date.UTC(2026, 8, 13, 3, 42);
let now = origin;
const clock = {
  now: () => (now += 1_000),
  monotonic: () => 0,
  sleep: () => Promise.resolve(),
};
const path = (): string => join(dir, '.siaga', 'siaga.db');

async function incident(...words: readonly string[]) {
  return siaga({ USER: 'on-call' }, ...words);
}

async function siaga(env: Record<string, string>, ...words: readonly string[]) {
  const argv = ['incident', ...words, '-C', dir];
  let stdout = '';
  let stderr = '';
  const platform = {
    version: '0',
    cwd: dir,
    env,
    stdout: (text: string) => (stdout += text),
    stderr: (text: string) => (stderr += text),
    outcome: { code: 0 },
    interrupted: new AbortController().signal,
    projectFiles: projectFilesUntil(),
    random: { next: () => 0, id: () => 'aaaa' },
    boot: 'b',
    readStore,
    openStore,
    clock,
  } as unknown as Platform;
  const code = await runProgram(argv, platform, await registersFor(argv));
  return { code, stdout, stderr };
}

const by = { signal: 'db.latency', got: 'p99 1 s', allowed: 'p99 <= 500 ms', since: origin, evidence: [] };
const symptoms = { windowMs: 1, p95: null, errorRatio: null, n: 0 };
const declared = { kind: 'declared', severity: 'SEV-2', by, symptoms } as const;
const recovered = { kind: 'recovered', criteria: [], symptoms } as const;

function changed(id: string, ordinal: number, change: IncidentChange, drill = false): Draft {
  const effectiveAt = origin + ordinal * 60_000;
  return {
    type: 'incident.transition',
    data: { incident: id, group: 'g', ordinal, effectiveAt, drill, change },
  };
}

function onRecord(target: string, ...drafts: readonly Draft[]): void {
  const store = openStore(path());
  const journal = store.journal({ run: `run-${target}`, target, clock, boot: 'b' });
  for (const draft of drafts) journal.append(draft);
  store.close();
}

async function shown(...words: readonly string[]): Promise<string> {
  return (await incident('show', ...words)).stdout;
}

/** The commands that the page asks for. */
const next = async () => (await shown()).split('\nnext\n')[1]?.match(/(?<=siaga incident )\w+/g);

describe('what people say of an incident', () => {
  test('stands on its record, in order, with who said it', async () => {
    onRecord('shop', changed('INC-1', 1, declared));
    const said = [
      await incident('ack'),
      await incident('assign', 'comms', 'desk'),
      await incident('triage', '--what', 'checkout', '--severity', 'SEV-1'),
      await incident('triage', '--severity', 'SEV-2', '--who', 'everybody'),
      await incident('note', 'the', 'database', 'is', 'slow', '--by', 'second'),
      await incident('cause', 'a missing index'),
      await incident('fix', 'the index is back', '--commit', 'abc123'),
      await incident('users', '120', '--noticed-first'),
    ];
    expect(said.map(({ code, stderr }) => [code, stderr])).toEqual(said.map(() => [0, '']));
    const page = await shown();
    for (const line of [
      /^INC-1 {2}shop {2}SEV-2 {2}DEGRADED$/m,
      /^in hand +on-call, since 03:42:/m,
      /^roles +comms: desk$/m,
      /^triage +what: checkout; who: everybody; severity: SEV-2; not said: blast radius$/m,
      /^cause +a missing index \(provisional\)$/m,
      /^fix +the index is back \(commit abc123\)$/m,
      /^users +120 users affected; a user noticed it before Siaga did$/m,
      / {2}second: the database is slow$/m,
      / {2}DEGRADED declared, SEV-2: /m,
    ])
      expect(page).toMatch(line);
  });

  test('is written once where two take it in hand, and the second is told who has it', async () => {
    onRecord('shop', changed('INC-1', 1, declared));
    const both = await Promise.all([incident('ack', '--by', 'one'), incident('ack', '--by', 'other')]);
    const told = both.map(({ stdout }) => stdout.trim().split('  ').at(-1)).toSorted();
    expect(told[0]).toBe(told[1]?.replace(' (was so already)', ''));
    expect(told[1]).toMatch(/^(one|other): acknowledged \(was so already\)$/);
    expect((await shown()).match(/: acknowledged$/gm)).toHaveLength(1);
  });

  test('a final cause stands against a provisional one after it, and a better count keeps who noticed first', async () => {
    onRecord('shop', changed('INC-1', 1, declared));
    await incident('cause', 'the index', '--final');
    await incident('cause', 'the disk');
    await incident('users', 'unknown', '--noticed-first');
    await incident('users', '7');
    const page = await shown();
    expect(page).toMatch(/^cause +the index \(final\)$/m);
    expect(page).toMatch(/^users +7 users affected; a user noticed it/m);
  });

  test('is asked for in the order of its urgency', async () => {
    onRecord('shop', changed('INC-1', 1, declared));
    expect(await next()).toEqual(['ack', 'triage', 'note']);
    await incident('ack');
    await incident('triage', '--what', 'a', '--who', 'b', '--severity', 'SEV-1', '--blast-radius', 'c');
    expect(await next()).toEqual(['note']);
    onRecord('shop', changed('INC-1', 2, recovered));
    expect(await next()).toEqual(['cause', 'users', 'resolve']);
    await incident('resolve', 'nothing is left to do');
    expect(await next()).toBeUndefined();
  });

  test('has its published form', async () => {
    onRecord('shop', changed('INC-1', 1, declared));
    await incident('users', 'unknown');
    const envelope = JSON.parse((await incident('ack', '--json')).stdout) as ResultEnvelope;
    const schema = JSON.parse(
      readFileSync(new URL('../../docs/envelope.schema.json', import.meta.url), 'utf8'),
    ) as object;
    const formats = { 'date-time': true as const };
    const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true, formats }).compile(schema);
    expect(validate(envelope), JSON.stringify(validate.errors)).toBe(true);
    expect(envelope.incidents).toMatchObject([
      {
        incident: 'INC-1',
        target: 'shop',
        record: {
          acknowledged: { by: 'on-call' },
          users: { affected: null, noticedFirst: null },
          cause: null,
          entries: [{ kind: 'users' }, { kind: 'acknowledged' }],
        },
      },
    ]);
    expect(JSON.parse((await incident('show', '--json')).stdout)).toMatchObject({
      command: 'incident show',
      incidents: envelope.incidents,
    });
  });
});

describe('the incident that is meant', () => {
  test('is the one that is open, else the newest; a drill is meant by its id alone', async () => {
    onRecord('shop', changed('INC-1', 1, declared), changed('INC-1', 2, recovered));
    onRecord('shop', changed('INC-3', 5, declared, true));
    expect(await shown()).toMatch(/^INC-1 {2}/);
    expect(await shown('INC-3')).toMatch(/^\[DRILL\] INC-3 {2}/);
    onRecord('stage', changed('INC-2', 3, declared));
    expect(await shown()).toMatch(/^INC-2 {2}stage/);
    expect(await shown('--target', 'shop')).toMatch(/^INC-1 {2}/);
  });

  test.each([
    ['one that is over', ['ack'], 'incident-over', 'RECOVERED'],
    ['one that is not', ['note', 'x', '--incident', 'INC-2'], 'unknown-incident', 'did you mean INC-1?'],
    ['no answer', ['triage'], 'no-answer', '--blast-radius'],
    ['no words', ['note', '  '], 'text', '1 to 2000 characters'],
    ['too many words', ['note', 'x'.repeat(2_001)], 'text', '2001 characters'],
  ])('%s is exit 2, and nothing is written', async (_, words, code, said) => {
    onRecord('shop', changed('INC-1', 1, declared), changed('INC-1', 2, recovered));
    const got = await incident(...words, '--json');
    expect(got.code).toBe(2);
    expect(JSON.parse(got.stdout)).toMatchObject({ exitCode: 2, results: [{ kind: 'error', code }] });
    expect(got.stderr).toContain(said);
    expect(await shown()).not.toContain('on-call');
  });

  test.each([
    ['a count that is none', ['users', 'many'], 'a whole number, or unknown'],
    ['a severity that is none', ['triage', '--severity', 'P1'], 'SEV-0, SEV-1'],
    ['a role without a name', ['assign', 'comms', ' '], '1 to 60 characters'],
  ])('%s is exit 2', async (_, words, said) => {
    onRecord('shop', changed('INC-1', 1, declared));
    expect(await incident(...words)).toMatchObject({ code: 2, stderr: expect.stringContaining(said) });
  });

  test('several that are open have to be named; nobody says nothing', async () => {
    onRecord('shop', changed('INC-1', 1, declared));
    onRecord('stage', changed('INC-2', 1, declared));
    expect(await incident('ack')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/INC-1 \(shop\), INC-2 \(stage\)|INC-2 \(stage\), INC-1 \(shop\)/),
    });
    expect(await siaga({}, 'ack', '--incident', 'INC-1')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('SIAGA_BY'),
    });
  });

  test('an incident is resolved only once it is RECOVERED', async () => {
    onRecord('shop', changed('INC-1', 1, declared));
    const early = await incident('resolve', 'done');
    expect(early).toMatchObject({ code: 2, stderr: expect.stringContaining('DEGRADED') });
    onRecord('shop', changed('INC-1', 2, recovered));
    expect(await incident('resolve', 'done')).toMatchObject({ code: 0 });
    expect(await shown()).toMatch(/^resolved +on-call: done$/m);
  });

  test('nothing is on record', async () => {
    onRecord('shop', { type: 'tick', data: { bucket: 1 } });
    expect(await incident('show')).toMatchObject({ code: 2, stderr: expect.stringContaining('no incident') });
  });
});
