import { describe, expect, it } from 'vitest';
import type { AnyExperiment } from '../chaos/definition.ts';
import { selectExperiments } from './select-experiments.ts';

const experiment = (name: string, scenario: string): AnyExperiment =>
  ({ name, target: { name: 'shop' }, load: { scenario, rate: 50 } }) as unknown as AnyExperiment;

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
    ).toThrow(expect.objectContaining({ code: 'unknown-experiment', exitCode: 2 }));
  });
});
