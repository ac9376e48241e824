import type { CallMeter } from '../../chaos/ports.ts';
import { SiagaError, messageOf } from '../../kernel/errors.ts';
import type { MetricRef } from '../../project/target.ts';
import { systemClock } from '../system.ts';

const timeoutMs = 2_000;

/** Reads the system's own counters from its Prometheus text at `url`. */
export function callMeter(url: string): CallMeter {
  return {
    async read(calls) {
      const text = await fetchText(url);
      const at = systemClock.now();
      return {
        count: sum(text, calls.count),
        errors: calls.errors.reduce((total, ref) => total + sum(text, ref), 0),
        timed: sum(text, { ...calls.duration, metric: `${calls.duration.metric}_count` }),
        totalMs: 1_000 * sum(text, { ...calls.duration, metric: `${calls.duration.metric}_sum` }),
        at,
      };
    },
  };
}

async function fetchText(url: string): Promise<string> {
  try {
    const headers = { 'user-agent': 'siaga' };
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), headers, redirect: 'error' });
    if (response.ok) return await response.text();
    throw new Error(`status ${response.status}`);
  } catch (error) {
    throw new SiagaError('metrics-unreadable', {
      what: "the system's own metrics could not be read",
      where: url,
      got: messageOf(error),
      exitCode: 3,
      cause: error,
    });
  }
}

const series = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const label = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** The sum over every series of that name whose labels include the given ones. */
export function sum(text: string, { metric, labels = {} }: MetricRef): number {
  let total = 0;
  for (const line of text.split('\n')) {
    if (!line.startsWith(metric)) continue;
    const [, name, inside = '', value] = series.exec(line) ?? [];
    if (name === metric && includes(inside, labels)) total += Number(value) || 0;
  }
  return total;
}

function includes(inside: string, wanted: Readonly<Record<string, string>>): boolean {
  const found = new Map([...inside.matchAll(label)].map(([, name, value]) => [name, value]));
  return Object.entries(wanted).every(([name, value]) => found.get(name) === value);
}
