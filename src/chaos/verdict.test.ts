import { describe, expect, it } from 'vitest';
import type { ExperimentReason, StopKind } from '../event/catalogue.ts';
import type { Verdict } from '../kernel/outcome.ts';
import type { Result } from './stage.ts';
import { Stop } from './stop.ts';
import { judgeEnding } from './verdict.ts';
import type { Ending } from './verdict.ts';

const result = (outcome: 'met' | 'broken' | 'unknown'): Result => ({
  facts: { id: 'during.1', text: 'the price comes', stage: 'during', mode: 'within' },
  settled: { outcome, got: 'nothing', allowed: 'a price', evidence: [] },
});

const proof = (proven: boolean) => ({ fault: 'fault-1', proven, why: 'because' });

const ending = (over: Partial<Ending> = {}): Ending => ({
  stop: undefined,
  leftBehind: [],
  takenByOthers: [],
  proofs: [proof(true)],
  results: [result('met')],
  unrecovered: undefined,
  unseen: [],
  ...over,
});

const stop = (kind: StopKind) => ({ stop: new Stop(kind, kind) });

describe('the verdict', () => {
  it.each<[string, Partial<Ending>, Verdict]>([
    ['everything met and proven', {}, 'held'],
    ['something broken', { results: [result('met'), result('broken')] }, 'weakness'],
    ['something unknown', { results: [result('met'), result('unknown')] }, 'inconclusive'],
    ['broken outranks unknown', { results: [result('unknown'), result('broken')] }, 'weakness'],
    ['not recovered in time', { unrecovered: 'not recovered within 80 s' }, 'weakness'],
    ['a fault not proven', { proofs: [proof(true), proof(false)] }, 'inconclusive'],
    [
      'a fault not proven, and something broken',
      { proofs: [proof(false)], results: [result('broken')] },
      'inconclusive',
    ],
    ['no proof at all', { proofs: [] }, 'inconclusive'],
    ['removed by someone else', { takenByOthers: ['gone'], results: [result('broken')] }, 'inconclusive'],
    ['something left behind', { leftBehind: ['a toxic'] }, 'rollback-failed'],
    [
      'something left behind outranks all',
      { leftBehind: ['a toxic'], ...stop('interrupted') },
      'rollback-failed',
    ],
    ['interrupted', stop('interrupted'), 'aborted'],
    ['no steady state', stop('steady-state'), 'aborted'],
    ['the guard died', stop('guard-lost'), 'aborted'],
    ['the lease was lost', stop('lease-lost'), 'aborted'],
    ['it could not run', stop('could-not-run'), 'aborted'],
    ['a trigger of another target', stop('other-target'), 'aborted'],
    ['an undeclared trigger under a proven fault', stop('undeclared'), 'weakness'],
    ['an undeclared trigger before the proof', { ...stop('undeclared'), proofs: [] }, 'aborted'],
    ['the load ended', stop('load-ended'), 'inconclusive'],
    ['hostile 1: the load stood still', stop('load-silent'), 'inconclusive'],
    [
      'suspicious: a proven expectation was broken before the load ended',
      { ...stop('load-ended'), results: [result('broken'), result('unknown')] },
      'weakness',
    ],
    [
      'suspicious: broken before the load ended, and the fault is not proven',
      { ...stop('load-ended'), proofs: [proof(false)], results: [result('broken')] },
      'inconclusive',
    ],
    [
      'suspicious: broken before the load ended, and somebody else took the fault out',
      { ...stop('load-ended'), takenByOthers: ['gone'], results: [result('broken')] },
      'inconclusive',
    ],
    [
      'no false red: broken, and too little of the stage was seen',
      { unseen: ['late'], results: [result('broken')] },
      'inconclusive',
    ],
    [
      'no false red: not recovered, and too little was seen of it',
      { unseen: ['late'], unrecovered: 'late' },
      'inconclusive',
    ],
    ['no false red: an undeclared trigger that rests on what nobody saw', stop('unseen'), 'inconclusive'],
    ['somebody meddled', stop('tampered'), 'inconclusive'],
    ['unproven in time', stop('unproven'), 'inconclusive'],
    ['Toxiproxy went away', stop('toxiproxy-lost'), 'inconclusive'],
  ])('%s: %s', (_, over, verdict) => {
    expect(judgeEnding(ending(over)).verdict).toBe(verdict);
  });

  it('suspicious: what broke before the load ended is told first', () => {
    const { reasons } = judgeEnding(ending({ ...stop('load-ended'), results: [result('broken')] }));
    expect(reasons).toEqual(['the price comes: got nothing, allowed a price', 'load-ended']);
  });

  it('says what decided it first, and what was got and allowed', () => {
    const { reasons } = judgeEnding(ending({ ...stop('tampered'), results: [result('broken')] }));
    expect(reasons).toEqual(['tampered', 'the price comes: got nothing, allowed a price']);
  });

  it('row 11: an alarm that nobody expected is told before what broke', () => {
    const { reasons } = judgeEnding(ending({ ...stop('undeclared'), results: [result('broken')] }));
    expect(reasons).toEqual(['undeclared', 'the price comes: got nothing, allowed a price']);
  });

  it.each<[string, Partial<Ending>, readonly string[]]>([
    ['what held has none', {}, []],
    [
      'what was left behind, then what ended it, then what broke',
      { leftBehind: ['a toxic'], ...stop('interrupted'), results: [result('broken')] },
      ['a toxic', 'interrupted', 'the price comes: got nothing, allowed a price'],
    ],
    [
      'nothing else where no more was left behind',
      { leftBehind: ['a toxic'], results: [result('met')] },
      ['a toxic'],
    ],
    [
      'why nobody knows, then what broke',
      { takenByOthers: ['gone'], unseen: ['late'], proofs: [proof(false)], results: [result('broken')] },
      ['gone', 'late', 'fault-1 is not proven: because', 'the price comes: got nothing, allowed a price'],
    ],
    ['that nothing was proven', { proofs: [] }, ['no fault was proven']],
    [
      'what broke, and that it did not recover',
      { results: [result('broken')], unrecovered: 'late' },
      ['the price comes: got nothing, allowed a price', 'late'],
    ],
    ['what is unknown', { results: [result('unknown')] }, ['the price comes: got nothing, allowed a price']],
  ])('is told with its reasons: %s', (_, over, reasons) => {
    expect(judgeEnding(ending(over)).reasons).toEqual(reasons);
  });

  it.each<[Partial<Ending>, readonly ExperimentReason[]]>([
    [{}, []],
    [{ leftBehind: ['a toxic'], ...stop('interrupted') }, ['left-behind', 'interrupted']],
    [{ ...stop('load-ended'), results: [result('broken')] }, ['broken', 'load-ended']],
    [{ ...stop('undeclared'), results: [result('broken')] }, ['undeclared', 'broken']],
    [
      { takenByOthers: ['gone'], unseen: ['late'], proofs: [proof(false)], results: [result('broken')] },
      ['fault-gone', 'unseen', 'unproven', 'broken'],
    ],
    [{ proofs: [] }, ['unproven']],
    [{ unrecovered: 'late', results: [result('broken')] }, ['broken', 'not-recovered']],
    [{ results: [result('unknown'), result('met')] }, ['undecided']],
  ])('%# has a code for each of its reasons', (over, because) => {
    const judgement = judgeEnding(ending(over));
    expect(judgement.because).toEqual(because);
    expect(judgement.reasons).toHaveLength(because.length);
  });
});
