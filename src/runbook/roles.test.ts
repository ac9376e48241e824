import { expect, test } from 'vitest';
import type { RolesSpec } from '../event/specs.ts';
import { breakerRole, downRoles, isDegraded, requestSignals, roleTags, specFor } from './roles.ts';

test('a judge without roles is one from before there were any: its signals have the names of then', () => {
  expect(Object.values(requestSignals({}))).toEqual([
    'rest.latency',
    'rest.errors',
    'rest.5xx',
    'ws.roundtrip',
  ]);
});

test('declared roles are all there are: no signal is taken for another by its name', () => {
  const { latency, ...others } = requestSignals({ roles: { latency: 'wait' } });
  expect(latency).toBe('wait');
  for (const name of Object.values(others)) expect(name).toMatch(/^requests:/);
});

test('the signal of a role is found by it, and none where nothing has it', () => {
  const signals = [{ name: 'rest.errors' }, { name: 'wait' }] as never;
  const roles = { latency: 'wait' };
  expect(specFor({ signals, roles }, 'latency')?.name).toBe('wait');
  expect(specFor({ signals, roles }, 'errors')).toBeUndefined();
});

test('what else a runbook declares is read by its role, and without roles by the names of then', () => {
  const down = [{ signal: 'database', when: { statistic: 'max', comparison: '<', value: 1 } }] as const;
  const roles: RolesSpec = { down, degraded: { state: 'mode', is: 'stale' }, tags: { ready: 'serving' } };
  expect(downRoles({ roles })).toEqual(down);
  expect(downRoles({})).toMatchObject([{ signal: 'db.up' }]);
  expect([{ mode: 'stale' }, { mode: 'live' }, {}].map((states) => isDegraded({ roles }, states))).toEqual([
    true,
    false,
    false,
  ]);
  expect(isDegraded({}, { degraded: true })).toBe(true);
  expect(isDegraded({ roles: {} }, { degraded: true })).toBe(false);
  expect(roleTags({ roles })).toEqual({ ready: 'serving', facts: 'state' });
  expect([breakerRole({ roles }), breakerRole({})?.label]).toEqual([undefined, 'name']);
});
