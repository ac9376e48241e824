import { describe, expect, it } from 'vitest';
import type { AnyExperiment } from '../chaos/definition.ts';
import { selectExperiments } from './select-experiments.ts';

const experiment = (name: string, scenario: string, over: object = {}): AnyExperiment =>
  ({ name, target: { name: 'shop' }, load: { scenario, rate: 50 }, ...over }) as unknown as AnyExperiment;

const all = [experiment('a', 'steady'), experiment('b', 'steady'), experiment('c', 'burst')];

describe('the experiments of a game day', () => {
  it('are taken in the order asked for', () => {
    expect(selectExperiments(all, ['b', 'a'], 'shop').map(({ name }) => name)).toEqual(['b', 'a']);
  });

  it.each([[[]], [['a', 'c']]])('suspicious: are refused where they want different loads (%j)', (names) => {
    expect(() => selectExperiments(all, names, 'shop')).toThrow(
      expect.objectContaining({
        code: 'mixed-scenarios',
        exitCode: 2,
        facts: expect.objectContaining({ got: expect.stringContaining('burst (c)') }),
      }),
    );
  });

  it('by a name nobody knows are refused, the nearest named', () => {
    expect(() =>
      selectExperiments([experiment('provider-down', 'steady')], ['provider-dwon'], 'shop'),
    ).toThrow(
      expect.objectContaining({
        code: 'unknown-experiment',
        exitCode: 2,
        facts: expect.objectContaining({ got: 'provider-dwon', hint: 'did you mean provider-down?' }),
      }),
    );
  });

  it('are all of the target where none is named, without those that run by their name only', () => {
    const own = [
      experiment('a', 'steady'),
      experiment('b', 'steady', { target: { name: 'other' } }),
      experiment('c', 'steady', { onlyByName: true }),
    ];
    expect(selectExperiments(own, [], 'shop').map(({ name }) => name)).toEqual(['a']);
    expect(selectExperiments(own, ['c'], 'shop').map(({ name }) => name)).toEqual(['c']);
  });

  it.each<[readonly AnyExperiment[], string]>([
    [
      [
        experiment('a', 'steady', { target: { name: 'other' } }),
        experiment('b', 'steady', { onlyByName: true }),
      ],
      'a, b',
    ],
    [[], 'nothing is defined'],
  ])('are refused where there are none: %#', (none, allowed) => {
    expect(() => selectExperiments(none, [], 'shop')).toThrow(
      expect.objectContaining({
        code: 'nothing-selected',
        exitCode: 2,
        facts: expect.objectContaining({ got: 'none for target shop', allowed }),
      }),
    );
  });

  it('that want different loads are told by their loads', () => {
    expect(() => selectExperiments(all, [], 'shop')).toThrow(
      expect.objectContaining({ facts: expect.objectContaining({ got: 'steady (a, b); burst (c)' }) }),
    );
  });
});
