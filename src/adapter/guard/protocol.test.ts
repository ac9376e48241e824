import { expect, test } from 'vitest';
import { down } from '../../chaos/faults.ts';
import type { Injection, ProxyState } from '../../chaos/ports.ts';
import { nothing, take } from './protocol.ts';
import type { Charge, GuardLine } from './protocol.ts';

const injection: Injection = {
  owner: { run: 'r', n: 1, expiresAt: 1 },
  proxy: 'web',
  fault: down(),
  stream: 'downstream',
  toxicity: 1,
};
const proxy: ProxyState = { name: 'web', listen: 'l', upstream: 'u', enabled: true, toxics: [] };
const change = { values: { A: 'off' }, before: { A: 'on' } };

const after = (...lines: readonly GuardLine[]): Charge => lines.reduce(take, nothing);
const owes = ({ planned, deleted, toggles }: Charge) => ({
  faults: planned.length,
  deleted: deleted.map(({ name }) => name),
  toggles: [...toggles.changes.keys()],
});

test.each<[string, readonly GuardLine[], ReturnType<typeof owes>]>([
  [
    'a fault that is planned',
    [{ kind: 'planned', injection, ack: 1 }],
    { faults: 1, deleted: [], toggles: [] },
  ],
  [
    'a proxy that is about to be made anew',
    [
      { kind: 'planned', injection, ack: 1 },
      { kind: 'recreating', proxy, ack: 2 },
    ],
    { faults: 1, deleted: ['web'], toggles: [] },
  ],
  [
    'nothing once the fault is out',
    [
      { kind: 'planned', injection, ack: 1 },
      { kind: 'recreating', proxy, ack: 2 },
      { kind: 'undone', injection },
    ],
    { faults: 0, deleted: [], toggles: [] },
  ],
  [
    'a toggle that is being changed',
    [{ kind: 'changing', change, ack: 1 }],
    { faults: 0, deleted: [], toggles: ['A'] },
  ],
  [
    'nothing once it is restored',
    [
      { kind: 'changing', change, ack: 1 },
      { kind: 'restored', names: ['A'] },
    ],
    { faults: 0, deleted: [], toggles: [] },
  ],
  [
    'no toggles of a runner that ends by itself',
    [{ kind: 'planned', injection, ack: 1 }, { kind: 'changing', change, ack: 2 }, { kind: 'ending' }],
    { faults: 1, deleted: [], toggles: [] },
  ],
])('the guard owes %s', (_, lines, expected) => {
  expect(owes(after(...lines))).toEqual(expected);
});
