import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { callMeter } from './call-meter.ts';

const metrics = `
# HELP calls_total Calls
# TYPE calls_total counter
calls_total{dependency="postgres",outcome="ok"} 7
calls_total{dependency="redis",outcome="ok"} 3
# TYPE call_errors_total counter
# TYPE call_seconds histogram
call_seconds_bucket{dependency="postgres",le="+Inf"} 7
call_seconds_sum{dependency="postgres"} 0.5
call_seconds_count{dependency="postgres"} 7
`;

async function meter(page = metrics) {
  const server = createServer((_, response) => response.end(page));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return callMeter(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

const calls = (dependency: string, over: { count?: string; errors?: string; duration?: string } = {}) => ({
  count: { metric: over.count ?? 'calls_total', labels: { dependency } },
  errors: [{ metric: over.errors ?? 'call_errors_total', labels: { dependency } }],
  duration: { metric: over.duration ?? 'call_seconds', labels: { dependency } },
});

describe('row 36: the metrics by which calls are counted', () => {
  it('are read, errors being none until the first one', async () => {
    expect(await (await meter()).read(calls('postgres'))).toMatchObject({
      count: 7,
      errors: 0,
      timed: 7,
      totalMs: 500,
      unseen: [],
    });
  });

  it.each([
    ['count', 'calls_totl', 'calls_total'],
    ['errors', 'call_error_total', 'call_errors_total'],
    ['duration', 'call_second', 'call_seconds'],
  ])('by a name of %s that does not exist are refused, the nearest named', async (part, name, near) => {
    await expect((await meter()).read(calls('postgres', { [part]: name }))).rejects.toMatchObject({
      code: 'unknown-metric',
      exitCode: 3,
      facts: { got: name, hint: `did you mean ${near}?` },
    });
  });

  it('tell which labels no series carries', async () => {
    expect(await (await meter()).read(calls('postgress'))).toMatchObject({
      count: 0,
      unseen: ['calls_total{dependency="postgress"}', 'call_seconds_count{dependency="postgress"}'],
    });
  });

  it.each([
    ['spaces and a timestamp', 'calls_total { dependency = "postgres" } 7 1700000000000'],
    ['a label with a quote and a brace in it', 'calls_total{other="}\\"",dependency="postgres"} 7'],
  ])('are read as the signals are: %s', async (_, line) => {
    const page = `${line}\ncall_errors_total 0\ncall_seconds_count{dependency="postgres"} 7\n`;
    const { read } = await meter(page);
    expect(await read(calls('postgres', { duration: 'call_seconds' }))).toMatchObject({ count: 7, timed: 7 });
  });

  it('of a page that is none are not taken for none', async () => {
    await expect((await meter('<html></html>')).read(calls('postgres'))).rejects.toMatchObject({
      code: 'metrics-unreadable',
      exitCode: 3,
    });
  });
});
