import { expect, it } from 'vitest';
import { createMetrics } from '../metrics.ts';
import { ConnectionProbe } from './connection-probe.ts';

it('tells nothing of the database before it has been asked, and then that it is down', async () => {
  const metrics = createMetrics();
  const told = async () => /^db_up .*$/m.exec(await metrics.registry.metrics())?.[0];
  const probe = new ConnectionProbe('postgres://nobody@127.0.0.1:1/none', metrics);
  expect(await told()).toBeUndefined();
  probe.start();
  await expect.poll(told).toBe('db_up 0');
  probe.stop();
});
