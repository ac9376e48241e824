import { describe, expect, test } from 'vitest';
import { timeTicks, valueTicks, drawPlot, type Plot } from './plot.ts';

const origin = Date.UTC(2026, 8, 13, 3, 40, 0);
const at = (bucket: number): number => origin + bucket * 2_000;

const plot: Plot = {
  title: 'REST p95 <b>',
  unit: 'ms',
  zone: 'Asia/Jakarta',
  from: origin,
  to: at(10),
  bucketMs: 2_000,
  points: [100, 120, 700, null, null, 130, 110, 100, 90, 100].map((value, index) => ({
    from: at(index),
    value,
    bad: value !== null && value > 650,
  })),
  limits: [
    { value: 650, kind: 'trigger', label: 'trigger p95 > 650 ms' },
    { value: 450, kind: 'good', label: 'recovered p95 < 450 ms' },
  ],
  faults: [{ from: at(1), to: at(4), label: 'coinapi down' }],
  statusSpans: [{ from: at(2), to: at(6), name: 'degraded' }],
  restarts: [{ from: at(5), to: at(6), label: 'toggles: contain' }],
};

const svg = drawPlot(plot, 'file');
const attributes = (pattern: RegExp): number[] =>
  [...svg.matchAll(pattern)].map(([, value]) => Number(value));

describe('a plot', () => {
  test('draws the thresholds where their values lie', () => {
    const [trigger] = attributes(/<line class="trigger"[^>]* y1="([\d.]+)"/g);
    const [good] = attributes(/<line class="good"[^>]* y1="([\d.]+)"/g);
    const [bad] = attributes(/<circle class="bad"[^>]* cy="([\d.]+)"/g);
    expect(bad).toBeLessThan(trigger ?? 0);
    expect(trigger).toBeLessThan(good ?? 0);
  });

  test('hunt 4: draws a value without bounds at the edge, and the others where they lie', () => {
    const points = plot.points.map((point, index) =>
      index === 2 ? { ...point, value: Number.MAX_VALUE } : point,
    );
    const drawn = drawPlot({ ...plot, points }, 'file');
    expect(drawn).not.toMatch(/NaN|Infinity/);
    const trigger = Number(/<line class="trigger"[^>]* y1="([\d.]+)"/.exec(drawn)?.[1]);
    const bad = Number(/<circle class="bad"[^>]* cy="([\d.]+)"/.exec(drawn)?.[1]);
    expect(bad).toBeLessThan(trigger);
  });

  test('breaks the line where buckets are unknown, and shades them', () => {
    expect(svg.match(/<path class="value" d="([^"]*)"/)?.[1]?.match(/M/g)).toHaveLength(2);
    const [left] = attributes(/<rect class="unknown" x="([\d.]+)"/g);
    const [width] = attributes(/<rect class="unknown"[^>]* width="([\d.]+)"/g);
    expect([left, width]).toEqual([289.8, 149.2]);
  });

  test('shows fault, incident and restart', () => {
    expect(svg).toContain('<rect class="fault" x="140.6"');
    expect(svg).toContain('>coinapi down</text>');
    expect(svg).toContain('<rect class="s-degraded" x="215.2" y="232"');
    expect(svg).toContain('>toggles: contain</text>');
  });

  test('reads in light and dark, and carries no colours of its own inside a page', () => {
    expect(svg).toContain('prefers-color-scheme:dark');
    expect(drawPlot(plot, 'page')).not.toContain('<style>');
  });

  test('escapes what it names', () => {
    expect(svg).toContain('REST p95 &lt;b&gt;');
  });

  test('of nothing known is still a plot', () => {
    const empty = drawPlot(
      { ...plot, points: plot.points.map((point) => ({ ...point, value: null })) },
      'file',
    );
    expect(empty).not.toContain('class="value"');
    expect(empty).not.toMatch(/NaN|Infinity|undefined/);
  });

  test('of a moment and of zeros has no impossible number', () => {
    const flat = { ...plot, to: origin, limits: [], points: [{ from: origin, value: 0, bad: false }] };
    expect(drawPlot(flat, 'file')).not.toMatch(/NaN|Infinity|undefined/);
  });
});

test.each([
  [10_000, '10:40:00 10:40:02 10:40:04 10:40:06 10:40:08 10:40:10'],
  [600_000, '10:40 10:42 10:44 10:46 10:48 10:50'],
  [7_200_000, '10:45 11:00 11:15 11:30 11:45 12:00 12:15 12:30'],
])('times over %i ms are round and in the zone', (span, labels) => {
  expect(
    timeTicks(origin, origin + span, 'Asia/Jakarta', 9)
      .map(({ label }) => label)
      .join(' '),
  ).toBe(labels);
});

test.each([
  [728, 'ms', '0 ms 200 ms 400 ms 600 ms'],
  [0.31, 'ratio', '0% 10% 20% 30%'],
  [2.24, 'state', '0 1 2'],
  [0.011, 'ratio', '0% 0.5% 1%'],
] as const)('values up to %f %s', (max, unit, labels) => {
  expect(
    valueTicks(max, unit)
      .map(({ label }) => label)
      .join(' '),
  ).toBe(labels);
});
