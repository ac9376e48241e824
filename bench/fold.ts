import { createEngine } from '../src/incident/engine.ts';
import type { SiagaEvent } from '../src/event/envelope.ts';
import { compileJudge } from '../src/runbook/judge.ts';
import { readingOf } from '../src/signal/reading.ts';
import runbook from '../runbook.ts';

const samples = 1_000_000;
const perBatch = 200;
const judge = compileJudge(runbook, { speed: 1, loadRunning: true, coreChecks: [] });

function batches(): SiagaEvent[] {
  const origin = 29_000_000 * 60_000;
  return Array.from({ length: samples / perBatch }, (_, index) => {
    const from = origin + index * 1_000;
    const values = Array.from({ length: perBatch }, (__, k) => 50 + ((index * 31 + k * 17) % 400));
    const data = {
      signal: 'rest.latency',
      labels: {},
      source: 'load',
      from,
      to: from + 1_000,
      data: { kind: 'values', values },
    };
    return {
      v: 1,
      seq: index + 2,
      run: 'bench',
      at: from + 1_000,
      mono: from,
      boot: 'b',
      type: 'samples',
      data,
    } as SiagaEvent;
  });
}

function timed(work: () => void): number {
  const from = performance.now();
  work();
  return performance.now() - from;
}

/** Folding a million samples: reading them as lines, judging every bucket, one exact percentile over all of them. */
export function benchFold(): Readonly<Record<string, number>> {
  const events = batches();
  const lines = events.map((event) => JSON.stringify(event));
  const parse = timed(() => lines.forEach((line) => JSON.parse(line)));
  const engine = createEngine();
  engine.step(started(events[0]?.at ?? 0));
  const fold = timed(() => events.forEach((event) => engine.step(event)));
  const all = events.flatMap((event) => (event.type === 'samples' ? [event.data] : []));
  const exact = timed(() => readingOf(all, 'p99'));
  return {
    'parse ms': parse,
    'judge ms': fold,
    'exact p99 ms': exact,
    'judge ÷ parse': fold / parse,
    'bytes a sample': lines.join('\n').length / samples,
  };
}

function started(at: number): SiagaEvent {
  const data = {
    command: 'bench',
    subject: 'fold',
    target: { name: 'bench', url: '' },
    drill: false,
    judge,
    contacts: [],
    endpoints: [],
    versions: {},
    state: 'stateless',
    repeat: '',
  } as const;
  return { v: 1, seq: 1, run: 'bench', at: at - 1_000, mono: 0, boot: 'b', type: 'run.started', data };
}

if (import.meta.main) console.table(benchFold());
