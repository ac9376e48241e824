import { describe, expect, it } from 'vitest';
import type { CheckResult, ResultEnvelope } from './envelope.ts';
import { annotations, stepSummary } from './github.ts';

const passed: CheckResult = {
  kind: 'check',
  name: 'sol-complete',
  outcome: 'passed',
  violations: [],
  reason: null,
  endpoint: null,
  status: 200,
  durationMs: 10,
  requestId: null,
  body: null,
  at: '2026-09-13T03:42:00.000Z',
  observations: 1,
  failed: 0,
};

function failed(name: string, got: string): CheckResult {
  return {
    ...passed,
    name,
    outcome: 'failed',
    violations: [{ path: 'body', rule: 'is JSON', got, allowed: 'JSON' }],
  };
}

const late: CheckResult = { ...passed, name: 'late', outcome: 'inconclusive', reason: 'ran 3 s late' };

const envelope = (more: Partial<ResultEnvelope>): ResultEnvelope => ({
  version: 1,
  command: 'gate',
  verdict: 'failed',
  exitCode: 1,
  reason: 'check screener',
  target: { name: 'reference', url: 'http://127.0.0.1' },
  run: 'r1',
  startedAt: '2026-09-13T03:42:00.000Z',
  finishedAt: '2026-09-13T03:43:00.000Z',
  speed: 30,
  drill: false,
  repeat: 'siaga gate --speed 30',
  results: [],
  incidents: [],
  problems: [],
  reports: [],
  ...more,
});

describe('the step summary', () => {
  it('gives the verdict, what failed first, failures before doubts before the rest, and the command again', () => {
    const results = [passed, late, failed('screener', '<html>')];
    expect(stepSummary(envelope({ results })).split('\n')).toEqual([
      '## ❌ siaga gate: failed',
      '',
      '**First:** `check screener`',
      '',
      'target `reference` · run `r1` · speed 30: windows compressed',
      '',
      '| | what | found |',
      '|---|---|---|',
      '| ❌ | check `screener` | `body: expected JSON, got <html>` |',
      '| ⚠️ | check `late` | `ran 3 s late` |',
      '| ✅ | check `sol-complete` |  |',
      '',
      'Again: `siaga gate --speed 30`',
      '',
    ]);
  });

  it.each([
    ['a bar', 'a|b', String.raw`got a\|b`],
    ['a line break', 'a\n| x | y |', String.raw`got a \| x \| y \|`],
    ['backticks', '``` `', '```` body: expected JSON, got ``` ` ````'],
  ])('keeps %s inside its cell', (_, got, expected) => {
    const summary = stepSummary(envelope({ results: [failed('a', got)] }));
    const rows = summary.split('\n').filter((line) => line.startsWith('| ❌'));
    expect(rows).toHaveLength(1);
    expect(rows[0]).toContain(expected);
  });

  it('two-am: counts one broken expectation once', () => {
    const expectation = {
      id: 'during.1',
      text: 'p95 stays under 650 ms',
      stage: 'during',
      mode: 'throughout',
    };
    const settled = { outcome: 'broken', got: '812 ms', allowed: '650 ms', path: 'p95', deadlineMs: null };
    const experiment = {
      kind: 'experiment',
      name: 'slow',
      verdict: 'weakness',
      reasons: ['p95 stays under 650 ms: got 812 ms, allowed 650 ms'],
      expectations: [{ ...expectation, ...settled, afterMs: null, evidence: [] }],
    } as unknown as ResultEnvelope['results'][number];
    const row = stepSummary(envelope({ results: [experiment] }))
      .split('\n')
      .find((line) => line.startsWith('| ❌'));
    expect(row).toBe('| ❌ | experiment `slow` | `p95 stays under 650 ms: got 812 ms, allowed 650 ms` |');
  });

  it('two-am: says what the failed answer said, where the run was told to, and counts it as no violation', () => {
    const said = { ...failed('a', 'x'), body: 'no price | source' };
    expect(stepSummary(envelope({ results: [said] }))).toContain(
      String.raw`| ❌ | check \`a\` | \`body: expected JSON, got x\`, it said \`no price \| source\` |`.replaceAll(
        '\\`',
        '`',
      ),
    );
    expect(annotations(envelope({ results: [said] }))[0]).toContain('got x%0Ait said: no price | source');
  });

  it('two-am: says which parts of a gate were not run', () => {
    const part = { kind: 'part', name: 'load', outcome: 'not-run', reason: 'checks did not pass' } as const;
    expect(stepSummary(envelope({ results: [part] }))).toContain(
      '| ⏭️ | part `load` | `not run: checks did not pass` |',
    );
  });

  it('stays readable with very many results', () => {
    const results = Array.from({ length: 5_000 }, (_, index) => failed(`c${index}`, 'x'.repeat(10_000)));
    const summary = stepSummary(envelope({ results }));
    expect(Buffer.byteLength(summary)).toBeLessThan(1_048_576);
    expect(summary).toContain('4800 more are in the report.');
  });
});

describe('annotations', () => {
  it('are errors for failures and warnings for what could not be judged, failures first', () => {
    expect(annotations(envelope({ results: [late, passed, failed('screener', 'HTML')] }))).toEqual([
      '::error title=siaga check screener::body: expected JSON, got HTML',
      '::warning title=siaga check late::ran 3 s late',
    ]);
  });

  it('cannot be ended or begun by what the target said', () => {
    const lines = annotations(envelope({ results: [failed('a:b,c', '100%\r\n::stop-commands::x')] }));
    expect(lines).toEqual([
      '::error title=siaga check a%3Ab%2Cc::body: expected JSON, got 100%25%0D%0A::stop-commands::x',
    ]);
  });

  it('are at most as many as GitHub shows', () => {
    const results = Array.from({ length: 30 }, (_, index) => (index % 2 ? failed(`c${index}`, 'x') : late));
    expect(annotations(envelope({ results }))).toHaveLength(20);
  });
});
