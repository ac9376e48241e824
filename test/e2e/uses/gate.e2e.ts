import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { candidateProject } from '../../support/rig/candidate.ts';
import type { Behaviour, CandidateProject } from '../../support/rig/candidate.ts';
import { processesNaming } from '../../support/rig/rig.ts';
import { envelopeOf, startSiaga } from '../../support/rig/siaga.ts';

let project: CandidateProject;
beforeAll(async () => void (project = await candidateProject()));
afterAll(() => project[Symbol.dispose]());
// An incident that one candidate opened would be told by the next gate too.
beforeEach(() => rmSync(join(project.dir, '.siaga'), { recursive: true, force: true }));

const runs = (): readonly string[] => readdirSync(join(project.dir, 'reports'));

/** The page of the one run that was not there before: two runs of one second do not sort by their names. */
const pageAfter = (before: readonly string[]): string => {
  const [run = '', ...others] = runs().filter((name) => !before.includes(name));
  expect(others).toEqual([]);
  return readFileSync(join(project.dir, 'reports', run, 'gate.md'), 'utf8');
};

describe('siaga gate starts the candidate, and stops it', () => {
  const rows: readonly (readonly [
    what: string,
    behaviour: Behaviour,
    args: readonly string[],
    exitCode: number,
    reason: unknown,
    results: readonly unknown[],
  ])[] = [
    ['a candidate that is well passes', 'well', [], 0, '', ['check passed', 'load passed']],
    [
      'a check that fails blocks, and nothing after it runs',
      'wrong',
      [],
      1,
      'hello: body.fallback: expected fallback is missing, got missing',
      ['check failed', 'part not-run'],
    ],
    [
      'what stays inconclusive blocks with exit 3',
      'throttling',
      [],
      3,
      expect.stringMatching(/^hello: inconclusive, .*429/),
      ['check inconclusive', 'part not-run'],
    ],
    [
      'what stays inconclusive is let through where asked, and that is said',
      'throttling',
      ['--on-inconclusive', 'warn'],
      0,
      expect.stringMatching(/^checks inconclusive, let through as asked: hello: inconclusive, .*429/),
      ['check inconclusive', 'load passed'],
    ],
    [
      'what is inconclusive once is tried again',
      'throttling-once',
      [],
      0,
      '',
      ['check passed', 'load passed'],
    ],
    [
      'row 31: a candidate that ends before it is up fails, and nothing is run',
      'ends',
      [],
      1,
      expect.stringMatching(/^the candidate \(.*\) ended by itself: exit code 3$/),
      ['part failed', 'part not-run', 'part not-run'],
    ],
    [
      'row 31: a candidate that ends while it is measured fails, by name',
      'ends-later',
      [],
      1,
      expect.stringMatching(
        /^the candidate \(.*\) ended by itself: exit code 4, at the latest while load ran$/,
      ),
      ['check passed', expect.stringMatching(/^load /), 'part failed'],
    ],
  ];

  it.each(rows)('%s', async (_, behaviour, args, exitCode, reason, results) => {
    const envelope = envelopeOf(await project.gate(behaviour, [...args, '--json']));
    expect(envelope.exitCode).toBe(exitCode);
    expect(envelope.reason).toEqual(reason);
    const found = envelope.results.map(
      (result) =>
        `${result.kind} ${'outcome' in result ? result.outcome : result.kind === 'error' && result.code}`,
    );
    expect(found).toEqual(results);
    await project.expectStopped();
  });
});

/** A target that is well and needs no candidate, while `use` lasts. */
async function withTarget<T>(use: (url: string) => Promise<T>): Promise<T> {
  const well = createServer((_, response) => response.end('{"fallback":false}')).listen(0, '127.0.0.1');
  await once(well, 'listening');
  try {
    return await use(`http://127.0.0.1:${(well.address() as AddressInfo).port}`);
  } finally {
    well.close();
    well.closeAllConnections();
  }
}

/** A gate whose target answers already. */
const refused = (up: string, ...wait: readonly string[]) =>
  withTarget(async (url) => {
    const before = runs();
    const args = ['gate', '--up', up, ...(wait.length === 0 ? [] : ['--wait', `${url}${wait[0]}`])];
    const ended = startSiaga(args, { dir: project.dir, env: { SIAGA_TARGET_URL: url } }).ended;
    const { code, stderr } = await ended;
    return { code, stderr, ran: runs().length - before.length };
  });

describe('row 31: what answers before the candidate is started is not measured', () => {
  it.each([
    ['an old process answers --wait', ['/ready']],
    ['without --wait, the target answers: the candidate would find its address in use', []],
  ])('%s', async (_, wait) => {
    const { code, stderr, ran } = await refused("sh -c 'exit 7'", ...wait);
    expect(code).toBe(2);
    expect(stderr).toContain('something answers already where the candidate is to come up');
    expect(ran).toBe(0);
  });

  it('--wait that asks somewhere else than the target is told', async () => {
    const elsewhere = await project.gate('well', ['--json'], { SIAGA_TARGET_URL: 'http://127.0.0.1:9' });
    expect(elsewhere.stderr).toMatch(/--wait asks localhost:\d+, the target is localhost:9/);
    await project.expectStopped();
  });

  it('--wait without --up is refused', async () => {
    const args = ['gate', '--wait', 'http://127.0.0.1:9/'];
    const ended = await startSiaga(args, { dir: project.dir, env: { SIAGA_TARGET_URL: project.url } }).ended;
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('--up COMMAND --wait URL');
  });
});

describe('what a gate says', () => {
  it('a failure: what failed first, got, allowed and the command that repeats it, on one page', async () => {
    const summary = join(project.dir, 'summary.md');
    const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary };
    const before = runs();
    const { code, stdout, stderr } = await project.gate('wrong', [], env);
    const written = pageAfter(before);
    expect(code).toBe(1);
    await project.expectStopped();
    for (const page of [stdout, written, readFileSync(summary, 'utf8')]) {
      expect(page).toContain('hello');
      expect(page).toContain('body.fallback');
      expect(page).toContain('gate --up');
    }
    for (const page of [stdout, written]) {
      // In Markdown no address is a link by itself.
      expect(page.replace('&#58;', ':')).toContain(`Gate on local (${project.url}): FAILED`);
      expect(page).toMatch(/got .*missing.*, allowed /);
    }
    expect(stderr).toMatch(/^::error title=siaga check hello::.*body\.fallback/m);
  });

  it('a pass that was let through says what was not known', async () => {
    const before = runs();
    const { code, stdout } = await project.gate('throttling', ['--on-inconclusive', 'warn']);
    expect(code).toBe(0);
    for (const page of [stdout, pageAfter(before)]) {
      expect(page).toContain('checks inconclusive, let through as asked');
      expect(page).toContain('429');
    }
  });
});

describe('bad input', () => {
  it('two gates on one state at once both measure, and both say what they found', async () => {
    const both = await withTarget((url) => {
      const launch = { dir: project.dir, env: { SIAGA_TARGET_URL: url } };
      return Promise.all([1, 2].map(() => startSiaga(['gate', '--json'], launch).ended));
    });
    const envelopes = both.map(envelopeOf);
    expect(envelopes.map(({ exitCode, reason }) => [exitCode, reason])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    expect(new Set(envelopes.map(({ run }) => run)).size).toBe(2);
    for (const { results } of envelopes) expect(results.map(({ kind }) => kind)).toEqual(['check', 'load']);
  });

  it('two gates that start the same candidate at once: at most one passes, the other says why not', async () => {
    const both = await Promise.all([1, 2].map(() => project.gate('well', ['--json'])));
    const codes = both.map(({ code }) => code).toSorted();
    expect(codes[0]).toBe(0);
    expect([1, 2]).toContain(codes[1]);
    const [other] = both.filter(({ code }) => code !== 0);
    expect(other?.stdout).toMatch(/something answers already|ended by itself/);
    await project.expectStopped();
  });

  it('a reader that goes away does not change the verdict, nor leave anything', async () => {
    await withTarget(async (url) => {
      const under = ['bash', '-c', 'set -o pipefail; "$@" 2>&1 | true', 'bash'];
      const ended = startSiaga(['gate'], { dir: project.dir, env: { SIAGA_TARGET_URL: url }, under }).ended;
      expect((await ended).code).toBe(0);
    });
    expect(processesNaming(project.dir)).toEqual([]);
  });

  it('hunt i: a gate that was killed leaves no candidate behind', async () => {
    const file = join(project.dir, 'candidate.mjs');
    // The shell stays, so that the candidate is its child and not itself.
    const up = `'${process.execPath}' '${file}' well ${new URL(project.url).port}; true`;
    const gate = startSiaga(['gate', '--up', up, '--wait', `${project.url}/ready`], {
      dir: project.dir,
      env: { SIAGA_TARGET_URL: project.url },
    });
    await gate.until('load.started');
    gate.kill('SIGKILL');
    await expect.poll(() => processesNaming(project.dir)).toEqual([]);
    await project.expectStopped();
  });
});
