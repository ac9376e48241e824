import { expect, it } from 'vitest';
import { addressesOf, withoutProxy } from './resolve-target.ts';

const proxy = { name: 'okx', listen: '127.0.0.1:9102', upstream: '127.0.0.1:4002' };
const composed = { name: 'okx', listen: '[::]:9102', upstream: 'provider-okx:4000' };

it.each([
  ['an ordinary one', proxy, {}, 'http://127.0.0.1:9102', 'http://127.0.0.1:4002'],
  ['one on every interface', composed, {}, 'http://10.0.0.7:9102', 'http://provider-okx:4000'],
  [
    'one whose upstream is a name of a container network',
    composed,
    { okx: { direct: '127.0.0.1:14002' } },
    'http://10.0.0.7:9102',
    'http://127.0.0.1:14002',
  ],
])(
  'a dependency behind %s is asked through its proxy and directly',
  (_, listed, dependencies, through, direct) => {
    expect(addressesOf([listed], 'http://10.0.0.7:8474', dependencies)).toEqual({ okx: { through, direct } });
  },
);

it('without Toxiproxy a dependency is asked at its own address, where the target names one', () => {
  const own = 'http://10.0.0.7:4002';
  expect(withoutProxy({ okx: { direct: '10.0.0.7:4002' }, redis: {} })).toEqual({
    okx: { through: own, direct: own },
  });
});
