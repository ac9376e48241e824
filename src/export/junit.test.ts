import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { describe, expect, it, vi } from 'vitest';
import type {
  CheckResult,
  ErrorResult,
  ExperimentResult,
  LoadResult,
  Result,
  ResultEnvelope,
} from './envelope.ts';
import { junit } from './junit.ts';

// Thousands of random texts: nothing here is about time, also where the machine is busy.
vi.setConfig({ testTimeout: 60_000 });

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  text: string;
}

/** Every element in order, read by a strict parser; throws where the text is not well-formed. */
function parsed(xml: string): Element[] {
  const parser = new SaxesParser();
  const all: Element[] = [];
  const open: Element[] = [];
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes: attributes as Record<string, string>, text: '' };
    all.push(element);
    open.push(element);
  });
  parser.on('text', (text) => {
    const inside = open.at(-1);
    if (inside) inside.text += text;
  });
  parser.on('closetag', () => void open.pop());
  parser.write(xml).close();
  return all;
}

const check: CheckResult = {
  kind: 'check',
  name: 'sol-complete',
  outcome: 'passed',
  violations: [],
  reason: null,
  endpoint: null,
  status: 200,
  durationMs: 1_250,
  requestId: null,
  body: null,
  at: '2026-09-13T03:42:00.000Z',
  observations: 1,
  failed: 0,
};
const violation = { path: 'status', rule: 'is 200', got: '503', allowed: '200' };
const failed: CheckResult = { ...check, name: 'screener', outcome: 'failed', violations: [violation] };
const late: CheckResult = { ...check, name: 'late', outcome: 'inconclusive', reason: 'ran 3 s late' };
const experiment: ExperimentResult = {
  kind: 'experiment',
  name: 'provider-down',
  verdict: 'weakness',
  durationMs: 61_500,
  reasons: ['the breaker stayed closed'],
  because: ['broken'],
  hypothesis: '',
  requirements: [],
  faults: [],
  expectations: [],
  timings: { detectMs: null, containMs: null, recoverMs: null },
  timingEvents: { detect: null, contain: null, recover: null },
};
const error: ErrorResult = {
  kind: 'error',
  code: 'unknown-name',
  what: 'no such check',
  where: null,
  got: 'x',
  allowed: null,
  hint: null,
};
const load: LoadResult = {
  kind: 'load',
  name: 'smoke',
  outcome: 'inconclusive',
  violations: [],
  reason: 'no samples',
  requests: 0,
  iterations: 0,
  achievedRate: 0,
  offeredRate: 10,
  dropped: 0,
  exceptions: 0,
  durationMs: 20_000,
  endpoints: [],
};

function envelope(results: readonly Result[], more: Partial<ResultEnvelope> = {}): ResultEnvelope {
  const times = { startedAt: '2026-09-13T03:42:00.000Z', finishedAt: '2026-09-13T03:43:00.000Z' };
  return {
    version: 1,
    command: 'gate',
    verdict: 'failed',
    exitCode: 1,
    reason: '',
    target: { name: 'reference', url: 'http://127.0.0.1' },
    run: 'r1',
    ...times,
    speed: 1,
    drill: false,
    repeat: null,
    results,
    incidents: [],
    problems: [],
    reports: [],
    ...more,
  };
}

const writable = (text: string): string =>
  [...text].filter((one) => /[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(one)).join('');

describe('JUnit', () => {
  const opens = {
    id: 'opens',
    text: 'the breaker opens',
    got: 'closed',
    allowed: 'open',
    outcome: 'broken',
    stage: 'during',
    mode: 'within',
    deadlineMs: 1,
    path: null,
    afterMs: null,
    evidence: [],
  } as const;
  const expectations = [opens];

  it('names what broke before a run was cut off, and once what the experiment gave as its reason', () => {
    const cut = {
      ...experiment,
      verdict: 'aborted',
      durationMs: null,
      reasons: ['cut off'],
      expectations,
    } as const;
    expect(junit(envelope([cut]))).toContain('the breaker opens: got closed, allowed open');
    const ended = { ...experiment, expectations };
    expect(junit(envelope([ended]))).not.toContain('the breaker opens');
  });

  it('tells a failure from an error', () => {
    const held = { ...experiment, name: 'held', verdict: 'held' } as const;
    const stuck = { ...experiment, name: 'stuck', verdict: 'rollback-failed' } as const;
    const xml = junit(envelope([check, failed, late, load, experiment, held, stuck, error]));
    const cases = parsed(xml).filter(({ name }) => ['testcase', 'failure', 'error'].includes(name));
    expect(cases.map(({ name, attributes }) => [name, attributes['name'] ?? attributes['type']])).toEqual([
      ['testcase', 'sol-complete'],
      ['testcase', 'screener'],
      ['failure', 'violation'],
      ['testcase', 'late'],
      ['error', 'inconclusive'],
      ['testcase', 'smoke'],
      ['error', 'inconclusive'],
      ['testcase', 'provider-down'],
      ['failure', 'weakness'],
      ['testcase', 'held'],
      ['testcase', 'stuck'],
      ['error', 'rollback-failed'],
      ['testcase', 'unknown-name'],
      ['error', 'unknown-name'],
    ]);
  });

  it('hunt 2: says why a check is inconclusive, and nothing of what it answered meanwhile', () => {
    const xml = junit(envelope([{ ...late, violations: [violation] }]));
    expect(xml).toContain('ran 3 s late');
    expect(xml).not.toContain('503');
  });

  it('counts by suite and in all, with seconds', () => {
    const all = parsed(junit(envelope([check, failed, late, error])));
    const [root, checks, errors] = all.filter(({ name }) => name.startsWith('testsuite'));
    expect(root?.attributes).toMatchObject({ tests: '4', failures: '1', errors: '2', time: '3.750' });
    expect(checks?.attributes).toMatchObject({
      name: 'siaga.check',
      tests: '3',
      failures: '1',
      errors: '1',
      timestamp: '2026-09-13T03:42:00',
      hostname: 'reference',
    });
    expect(errors?.attributes).toMatchObject({ name: 'siaga.error', tests: '1', errors: '1' });
  });

  it('two-am: gives an experiment the time it took, where every time of a game day was 0.000', () => {
    const cases = parsed(junit(envelope([experiment, { ...experiment, durationMs: null }])));
    expect(
      cases.filter(({ name }) => name === 'testcase').map(({ attributes }) => attributes['time']),
    ).toEqual(['61.500', '0.000']);
  });

  it('two-am: tells what a gate that stopped early did not run as skipped, and why', () => {
    const part = { kind: 'part', name: 'load', outcome: 'not-run', reason: 'checks did not pass' } as const;
    const ended = { kind: 'part', name: 'candidate', outcome: 'failed', reason: 'it ended' } as const;
    const all = parsed(junit(envelope([failed, part, ended])));
    const root = all.find(({ name }) => name === 'testsuites');
    expect(root?.attributes).toMatchObject({ tests: '3', failures: '2', skipped: '1', errors: '0' });
    const skipped = all.find(({ name }) => name === 'skipped');
    expect(skipped?.attributes['message']).toBe('not run: checks did not pass');
  });

  it('two-am: says what the failed answer said, where the run was told to', () => {
    const said = { ...failed, body: 'PROVIDER_UNAVAILABLE: no price source is available ]]> <a>' };
    const failure = parsed(junit(envelope([said]))).find(({ name }) => name === 'failure');
    expect(failure?.text).toContain(`it said: ${said.body}`);
  });

  it('says path, allowed and got', () => {
    const failure = parsed(junit(envelope([failed]))).find(({ name }) => name === 'failure');
    expect(failure?.attributes['message']).toBe('status: expected 200, got 503');
    expect(failure?.text).toBe('status: expected 200, got 503');
  });

  it('is well-formed with nothing in it', () => {
    expect(parsed(junit(envelope([]))).map(({ name }) => name)).toEqual(['testsuites']);
  });

  it('is well-formed for any text, and loses nothing of it that XML can hold', () => {
    const nasty = fc.string({ unit: 'binary', maxLength: 20 });
    const special = fc.constantFrom(
      ']]>',
      '<!--',
      '&amp;',
      '\u0000',
      '\u001B[31m',
      '\uD800',
      '\uFFFF',
      '\r\n\t',
    );
    const text = fc.array(fc.oneof(nasty, special), { maxLength: 4 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, text, (name, got) => {
        const broken = { ...failed, name, violations: [{ ...violation, got }] };
        const all = parsed(junit(envelope([broken], { command: name, target: { name: got, url: '' } })));
        expect(all.find((one) => one.name === 'testcase')?.attributes['name']).toBe(writable(name));
        expect(all.find((one) => one.name === 'failure')?.text).toContain(writable(got));
      }),
      { numRuns: 50 },
    );
  });
});
