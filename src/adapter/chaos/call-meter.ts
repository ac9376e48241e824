import type { CallMeter } from '../../chaos/ports.ts';
import { SiagaError, messageOf } from '../../kernel/errors.ts';
import { nearest } from '../../kernel/nearest.ts';
import type { MetricRef } from '../../project/target.ts';
import { matching, startTime } from '../../sampling/increase.ts';
import { type MetricsPage, readPage, type Series } from '../../sampling/metrics-text.ts';
import { ask } from '../../tools/http.ts';
import { systemClock } from '../system.ts';

const timeoutMs = 2_000;
const longestMetrics = 50_000_000;

/** Reads the system's own counters from its Prometheus text at `url`. */
export function callMeter(url: string): CallMeter {
  return {
    async read(calls) {
      const page = await readMetrics(url);
      const at = systemClock.now();
      requireNames(page, [calls.count, ...calls.errors, calls.duration], url);
      const timed = { ...calls.duration, metric: `${calls.duration.metric}_count` };
      return {
        count: sum(page, calls.count),
        // Their series appear with the first one.
        errors: calls.errors.reduce((total, ref) => total + sum(page, ref), 0),
        timed: sum(page, timed),
        totalMs: 1_000 * sum(page, { ...calls.duration, metric: `${calls.duration.metric}_sum` }),
        ...beganOf(page),
        unseen: [calls.count, timed].filter((ref) => seriesOf(page, ref).length === 0).map(inWords),
        at,
      };
    },
  };
}

function beganOf(page: MetricsPage): { began?: number } {
  const [only, ...others] = seriesOf(page, { metric: startTime });
  return only === undefined || others.length > 0 ? {} : { began: 1_000 * only.value };
}

const inWords = ({ metric, labels = {} }: MetricRef): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return `${metric}{${pairs.join(',')}}`;
};

/** A metric without series is there where the system declares it. */
function requireNames(page: MetricsPage, refs: readonly MetricRef[], url: string): void {
  const bases = [...page.names].map((name) => name.replace(/_(?:count|sum|bucket)$/, ''));
  const names = new Set([...page.names, ...bases]);
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

async function readMetrics(url: string): Promise<MetricsPage> {
  try {
    const { status, body } = await ask(url, { timeoutMs, maxBytes: longestMetrics });
    if (status >= 200 && status < 300) return readPage(body);
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

const seriesOf = ({ series }: MetricsPage, { metric, labels = {} }: MetricRef): readonly Series[] =>
  matching(series, metric, labels);

// A call that has no figure is not counted.
const sum = (page: MetricsPage, ref: MetricRef): number =>
  seriesOf(page, ref).reduce((total, { value }) => total + (Number.isFinite(value) ? value : 0), 0);
