import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { candidateProject } from '../../support/rig/candidate.ts';
import type { Behaviour, CandidateProject } from '../../support/rig/candidate.ts';
import { envelopeOf } from '../../support/rig/siaga.ts';

let project: CandidateProject;
beforeAll(async () => void (project = await candidateProject()));
afterAll(() => project[Symbol.dispose]());

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
    results: readonly string[],
  ])[] = [
    ['a candidate that is well passes', 'well', [], 0, '', ['check passed', 'load passed']],
    [
      'a check that fails blocks, and nothing after it runs',
      'wrong',
      [],
      1,
      'hello: body.fallback is missing, allowed fallback is missing (the body follows its schema)',
      ['check failed'],
    ],
    [
      'what stays inconclusive blocks with exit 3',
      'throttling',
      [],
      3,
      expect.stringMatching(/^hello: inconclusive, .*429/),
      ['check inconclusive'],
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
      'a candidate that does not come up is inconclusive at once',
      'ends',
      [],
      3,
      expect.stringMatching(/^the candidate ended before it was up/),
      ['error candidate-not-up'],
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
      expect(page).toMatch(/Gate on local: FAILED/);
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
