import type { CallMeter } from '../../chaos/ports.ts';
import { SiagaError, messageOf } from '../../kernel/errors.ts';
import { nearest } from '../../kernel/nearest.ts';
import type { MetricRef } from '../../project/target.ts';
import { ask } from '../../tools/http.ts';
import { systemClock } from '../system.ts';

const timeoutMs = 2_000;
const longestMetrics = 50_000_000;

/** Reads the system's own counters from its Prometheus text at `url`. */
export function callMeter(url: string): CallMeter {
  return {
    async read(calls) {
      const text = await fetchText(url);
      const at = systemClock.now();
      requireNames(text, [calls.count, ...calls.errors, calls.duration], url);
      const timed = { ...calls.duration, metric: `${calls.duration.metric}_count` };
      return {
        count: sum(text, calls.count),
        // Their series appear with the first one.
        errors: calls.errors.reduce((total, ref) => total + sum(text, ref), 0),
        timed: sum(text, timed),
        totalMs: 1_000 * sum(text, { ...calls.duration, metric: `${calls.duration.metric}_sum` }),
        ...beganOf(text),
        unseen: [calls.count, timed].filter((ref) => matching(text, ref).length === 0).map(inWords),
        at,
      };
    },
  };
}

function beganOf(text: string): { began?: number } {
  const seconds = matching(text, { metric: 'process_start_time_seconds' });
  return seconds.length === 1 ? { began: 1_000 * sum(text, { metric: 'process_start_time_seconds' }) } : {};
}

const inWords = ({ metric, labels = {} }: MetricRef): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return `${metric}{${pairs.join(',')}}`;
};

/** A metric without series is there where the system declares it. */
function requireNames(text: string, refs: readonly MetricRef[], url: string): void {
  const declared = [...text.matchAll(/^# (?:TYPE|HELP) (\S+)/gm)].map(([, name = '']) => name);
  const told = [...text.matchAll(/^([A-Za-z_:][\w:]*)/gm)].map(([, name = '']) => name);
  const bases = told.map((name) => name.replace(/_(?:count|sum|bucket)$/, ''));
  const names = new Set([...declared, ...told, ...bases]);
  const missing = refs.find(({ metric }) => !names.has(metric));
  if (missing === undefined) return;
  const near = nearest(missing.metric, names);
  throw new SiagaError('unknown-metric', {
    what: 'the system has no metric of this name, by which its calls to a dependency are counted',
    where: url,
    got: missing.metric,
    ...(near !== undefined && { hint: `did you mean ${near}?` }),
    exitCode: 3,
  });
}

async function fetchText(url: string): Promise<string> {
  try {
    const { status, body } = await ask(url, { timeoutMs, maxBytes: longestMetrics });
    if (status >= 200 && status < 300) return body;
    throw new Error(`status ${status}`);
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

const sum = (text: string, ref: MetricRef): number =>
  matching(text, ref).reduce((total, value) => total + value, 0);

/** The values of every series of that name whose labels include the given ones. */
function matching(text: string, { metric, labels = {} }: MetricRef): readonly number[] {
  return text.split('\n').flatMap((line) => {
    if (!line.startsWith(metric)) return [];
    const [, name, inside = '', value] = series.exec(line) ?? [];
    return name === metric && includes(inside, labels) ? [Number(value) || 0] : [];
  });
}

function includes(inside: string, wanted: Readonly<Record<string, string>>): boolean {
  const found = new Map([...inside.matchAll(label)].map(([, name, value]) => [name, value]));
  return Object.entries(wanted).every(([name, value]) => found.get(name) === value);
}
