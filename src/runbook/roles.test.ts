import { expect, test } from 'vitest';
import { requestSignals, specFor } from './roles.ts';

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
