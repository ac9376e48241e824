import { expect, test } from 'vitest';
import type { JudgeSpec } from '../event/specs.ts';
import { goneFrom, goneWords } from './gone.ts';
import { judge } from './testing/play.ts';

const spec: JudgeSpec = {
  ...judge,
  checks: [{ name: 'sol', title: 'sol', severity: 'SEV-2', core: true, everyMs: 1_000 }],
  states: [{ name: 'mode', title: 'mode', normal: 'open', severity: 'SEV-2' }],
  normalToggles: { A: 'on' },
};
const there = ['rest.latency', 'check:sol', 'state:mode', 'toggle:A', 'hard-down: ready'];
const not = (...signals: readonly string[]) => goneWords(goneFrom(spec, [...there, ...signals]));

test.each([
  [[], ''],
  [['queue.depth'], 'signal queue.depth is not in the project any more: not asked'],
  [
    ['check:orders', 'state:old', 'toggle:B'],
    'check orders, state old, toggle B are not in the project any more: not asked',
  ],
])('of what fired and is not in the project any more, %j, a recovery says: %s', (signals, words) => {
  expect(not(...signals)).toBe(words);
});

test.each(['checks', 'states'] as const)('a judge from before %s were signals misses none', (kind) => {
  const { [kind]: _, ...before } = spec;
  expect(goneFrom(before, ['check:orders', 'queue.depth'])).toEqual([]);
});
