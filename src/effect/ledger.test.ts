import { expect, test } from 'vitest';
import type { SiagaEvent } from '../event/envelope.ts';
import { pendingFaults } from './ledger.ts';

const event = (
  run: string,
  type: 'fault.planned' | 'fault.removed' | 'fault.stuck',
  fault: string,
): SiagaEvent => ({ run, type, data: { fault, proxy: 'source' } }) as unknown as SiagaEvent;

test.each<[string, readonly SiagaEvent[], readonly string[]]>([
  ['a fault that was only planned', [event('a', 'fault.planned', 'fault-1')], ['a fault-1']],
  [
    'one that could not be undone',
    [event('a', 'fault.planned', 'fault-1'), event('a', 'fault.stuck', 'fault-1')],
    ['a fault-1'],
  ],
  [
    'none that was undone, even if it was stuck first',
    [
      event('a', 'fault.planned', 'fault-1'),
      event('a', 'fault.stuck', 'fault-1'),
      event('a', 'fault.removed', 'fault-1'),
    ],
    [],
  ],
  [
    'those of each run by themselves, the latest first',
    [
      event('a', 'fault.planned', 'fault-1'),
      event('a', 'fault.planned', 'fault-2'),
      event('b', 'fault.planned', 'fault-1'),
      event('a', 'fault.removed', 'fault-1'),
    ],
    ['b fault-1', 'a fault-2'],
  ],
])('pending is %s', (_, events, ids) => {
  expect(pendingFaults(events).map(({ run, planned }) => `${run} ${planned.fault}`)).toEqual(ids);
});
