import { randomBytes } from 'node:crypto';
import { chmodSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { Gauge as Metric, Registry } from 'prom-client';
import type { Gauge } from '../export/gauges.ts';

/**
 * Writes gauges for the textfile collector of a node exporter: whole or not at all, and readable by everybody, because
 * the exporter is another user.
 */
export async function writeTextfile(path: string, gauges: readonly Gauge[]): Promise<void> {
  const text = await textOf(gauges);
  // The collector reads `*.prom` only.
  const from = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(from, text, { flag: 'wx' });
    // Whatever the umask is.
    chmodSync(from, 0o644);
    renameSync(from, path);
  } catch (error) {
    rmSync(from, { force: true });
    throw error;
  }
}

async function textOf(gauges: readonly Gauge[]): Promise<string> {
  const registry = new Registry();
  for (const { name, help, values } of gauges) {
    if (values.length === 0) continue;
    const labelNames = [...new Set(values.flatMap(({ labels }) => Object.keys(labels)))];
    const metric = new Metric({ name: `siaga_${name}`, help, labelNames, registers: [registry] });
    for (const { labels, value } of values) metric.set(labels, value);
  }
  return registry.metrics();
}
