import { describe, expect, it } from 'vitest';
import type { Report } from '../model.ts';
import { nextSteps } from './next.ts';

const report = (verdict: string, runVerdict: string): Report =>
  ({
    run: {
      verdict: runVerdict,
      repeat: 'siaga chaos run provider-down --speed 30',
      invocation: { words: 'chaos run provider-down' },
      judge: { speed: 30 },
    },
    experiments: [
      {
        name: 'provider-down',
        verdict,
        injections: [],
        settled: [{ outcome: 'broken', text: 'the incident is recovered', got: 'hold-reset', seq: 7 }],
      },
    ],
    incidents: [],
    findings: [],
    loads: [],
    parts: [],
    failures: [],
    problems: [],
    messages: [],
    toggles: [],
    actions: [],
  }) as unknown as Report;

describe('row 37: what to do next after an experiment in which an expectation broke', () => {
  it.each([
    ['weakness', 'failed', true],
    ['inconclusive', 'inconclusive', false],
    ['aborted', 'inconclusive', false],
  ])('%s', (verdict, runVerdict, fix) => {
    const steps = JSON.stringify(nextSteps(report(verdict, runVerdict)));
    expect(steps.includes('Fix provider-down')).toBe(fix);
  });
});

it('the check of an open incident is of the same project and target as the run', () => {
  const invocation = { words: 'load x', project: '../my shop', target: 'staging' };
  const incidents = [{ id: 'INC-1', drill: false, episodes: [{ opened: { at: 0, seq: 3 } }] }];
  const of = { ...report('held', 'failed'), incidents, experiments: [] } as unknown as Report;
  const steps = nextSteps({ ...of, run: { ...of.run, invocation } });
  expect(JSON.stringify(steps)).toContain("siaga check -C '../my shop' --target staging\"");
});
