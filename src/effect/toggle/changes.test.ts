import { describe, expect, test } from 'vitest';
import { stillChanged, withPlanned } from './changes.ts';

const off = { values: { FALLBACK: 'off' }, before: { FALLBACK: 'on' } };
const contained = {
  values: { FALLBACK: 'on', TTL: '90', LIMIT: '60' },
  before: { FALLBACK: 'off', TTL: '75', LIMIT: '60' },
};
const changes = withPlanned(withPlanned({}, off), contained);

describe('what a dead run left changed', () => {
  test.each<[string, Record<string, string>, Record<string, string>, string[], Record<string, string>?]>([
    [
      'what it set goes back to what it was at first',
      { FALLBACK: 'off', TTL: '90', LIMIT: '60' },
      { FALLBACK: 'on', TTL: '75' },
      [],
    ],
    ['what was planned and not made is as before', { FALLBACK: 'on', TTL: '75', LIMIT: '60' }, {}, []],
    [
      'what somebody set since stays',
      { FALLBACK: 'off', TTL: '120', LIMIT: '10' },
      { FALLBACK: 'on' },
      ['TTL', 'LIMIT'],
    ],
    ['a system may write a value its way', { FALLBACK: 'on', TTL: '090', LIMIT: ' 60' }, { TTL: '75' }, []],
    [
      'A7: what is not told is neither ours nor somebody else’s',
      { FALLBACK: 'on', LIMIT: '60' },
      {},
      [],
      { TTL: '75' },
    ],
  ])('%s', (_, read, ours, others, untold = {}) => {
    const still = stillChanged(changes, read);
    expect(still.untold).toEqual(untold);
    expect(still.ours).toEqual(ours);
    expect(still.others.map(({ name }) => name)).toEqual(others);
  });
});
