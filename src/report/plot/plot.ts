import type { Unit } from '../../event/specs.ts';
import { escapeMarkup } from '../document/escape.ts';
import type { StatusName } from '../../projection/model.ts';
import { palette, plotRules } from './style.ts';
import { formatValue } from '../../runbook/condition.ts';
import { utcTime, zoneTime } from '../when.ts';

/** One signal over a run, ready to be drawn. Times are UTC ms, values in the signal's unit. */
export interface Plot {
  readonly title: string;
  readonly unit: Unit;
  readonly zone: string;
  readonly from: number;
  readonly to: number;
  readonly bucketMs: number;
  readonly points: readonly { readonly from: number; readonly value: number | null; readonly bad: boolean }[];
  readonly limits: readonly {
    readonly value: number;
    readonly kind: 'trigger' | 'good';
    readonly label: string;
  }[];
  readonly faults: readonly { readonly from: number; readonly to: number; readonly label: string }[];
  readonly statusSpans: readonly { readonly from: number; readonly to: number; readonly name: StatusName }[];
  /** Toggles set: from the command to the system ready again. */
  readonly restarts: readonly { readonly from: number; readonly to: number; readonly label: string }[];
}

const width = 960;
/** A page tells once what the colours mean; a file alone tells it below its plot. */
const height = { file: 262, page: 244 } as const;
const area = { left: 66, right: 812, top: 58, bottom: 206 } as const;
const strip = { top: 232, height: 9 } as const;
/** Baselines of the words above the area: two rows for faults, one for restarts. */
const rows = { fault: [29, 40], restart: 53 } as const;
const wordWidth = { fault: 110, restart: 84 } as const;

interface Scale {
  x(at: number): number;
  y(value: number): number;
  readonly max: number;
}

/** The plot as SVG: alone as a file with its own colours, or inside a page that has them. */
export function drawPlot(plot: Plot, where: 'file' | 'page'): string {
  const scale = scaleOf(plot);
  const parts = [
    `<rect class="back" width="${width}" height="${height[where]}"/>`,
    `<text class="title" x="0" y="14">${escapeMarkup(plot.title)}</text>`,
    ...unknownSpans(plot).map(({ from, to }) => band('unknown', scale.x(from), scale.x(to))),
    ...drawFaults(plot, scale),
    ...drawGrid(plot, scale),
    ...plot.limits.map(({ value, kind }) => across(kind, scale.y(value))),
    ...drawLimitLabels(plot, scale),
    ...drawRestarts(plot, scale),
    ...drawLine(plot, scale),
    ...drawStatusSpans(plot, scale),
    ...(where === 'file' ? drawLegend(plot) : []),
  ];
  const style = where === 'file' ? `<style>${palette.replaceAll(':root', '.pl')}${plotRules}</style>` : '';
  const open = `<svg xmlns="http://www.w3.org/2000/svg" class="pl" viewBox="0 0 ${width} ${height[where]}" role="img"`;
  return `${open} aria-label="${escapeMarkup(plot.title)}">${style}\n${parts.join('\n')}\n</svg>\n`;
}

function scaleOf({ from, to, points, limits }: Plot): Scale {
  const values = points.flatMap(({ value }) => (value === null ? [] : [value]));
  // One without bounds is drawn at the edge.
  const bounded = values.filter((value) => value < Number.MAX_VALUE);
  const max = 1.12 * Math.max(...bounded, ...limits.map(({ value }) => value), 1e-9);
  const span = Math.max(1, to - from);
  return {
    x: (at) => tenth(area.left + inside((at - from) / span) * (area.right - area.left)),
    y: (value) => tenth(area.bottom - inside(value / max) * (area.bottom - area.top)),
    max,
  };
}

function inside(share: number): number {
  return Math.min(1, Math.max(0, share));
}

/** Neighbouring unknown buckets as one span. */
function unknownSpans({ points, bucketMs, to: end }: Plot): readonly { from: number; to: number }[] {
  const spans: { from: number; to: number }[] = [];
  for (const { from, value } of points) {
    const last = spans.at(-1);
    if (value !== null || from + bucketMs > end) continue;
    if (last?.to === from) last.to = from + bucketMs;
    else spans.push({ from, to: from + bucketMs });
  }
  return spans;
}

function band(kind: string, left: number, right: number): string {
  return `<rect class="${kind}" x="${left}" y="${area.top}" width="${tenth(Math.max(1, right - left))}" height="${area.bottom - area.top}"/>`;
}

function across(kind: string, y: number): string {
  return `<line class="${kind}" x1="${area.left}" x2="${area.right}" y1="${y}" y2="${y}"/>`;
}

function drawFaults({ faults }: Plot, { x }: Scale): readonly string[] {
  let row = 0;
  return faults.flatMap(({ from, to, label }, index) => {
    const [left, right] = [x(from), x(to)];
    const before = faults[index - 1];
    row = before !== undefined && left - x(before.from) < wordWidth.fault ? 1 - row : 0;
    return [
      band('fault', left, right),
      edge(left),
      edge(right),
      word('t-fault', left, rows.fault[row] ?? 0, label),
    ];
  });
}

function drawGrid({ unit, from, to, zone }: Plot, { x, y, max }: Scale): readonly string[] {
  const values = valueTicks(max, unit).flatMap(({ at, label }) => [
    `<line class="${at === 0 ? 'axis' : 'grid'}" x1="${area.left}" x2="${area.right}" y1="${y(at)}" y2="${y(at)}"/>`,
    `<text x="${area.left - 6}" y="${y(at) + 4}" text-anchor="end">${escapeMarkup(label)}</text>`,
  ]);
  const times = timeTicks(from, to, zone, 9).map(
    ({ at, label }) => `<text x="${x(at)}" y="${area.bottom + 15}" text-anchor="middle">${label}</text>`,
  );
  return [...values, ...times];
}

/** To the right of the lines they name, never on top of each other. */
function drawLimitLabels({ limits }: Plot, { y }: Scale): readonly string[] {
  let lowest = -Infinity;
  return limits
    .toSorted((a, b) => b.value - a.value)
    .map(({ value, kind, label }) => {
      lowest = Math.max(y(value) + 4, lowest + 13);
      return word(`t-${kind}`, area.right + 6, lowest, label);
    });
}

function edge(at: number): string {
  return `<line class="edge" x1="${at}" x2="${at}" y1="${area.top}" y2="${area.bottom}"/>`;
}

/** Restarts; where two stand close together only the first is named. */
function drawRestarts({ restarts }: Plot, { x }: Scale): readonly string[] {
  let free = -Infinity;
  return restarts.flatMap(({ from, to, label }) => {
    const left = x(from);
    const block = band('restart', left, x(to));
    if (left < free) return [block];
    free = left + wordWidth.restart;
    return [block, word('t-restart', left, rows.restart, label)];
  });
}

/** Known buckets in a row are joined; an unknown one leaves a gap. */
function drawLine({ points, bucketMs }: Plot, { x, y }: Scale): readonly string[] {
  const path: string[] = [];
  const dots: string[] = [];
  let joined = false;
  for (const { from, value, bad } of points) {
    if (value !== null) {
      const at = `${x(from + bucketMs / 2)} ${y(value)}`;
      path.push(`${joined ? 'L' : 'M'}${at}`);
      const [cx, cy] = at.split(' ');
      dots.push(`<circle class="${bad ? 'bad' : 'ok'}" cx="${cx}" cy="${cy}" r="${bad ? 3 : 1.75}"/>`);
    }
    joined = value !== null;
  }
  return path.length === 0 ? [] : [`<path class="value" d="${path.join('')}"/>`, ...dots];
}

const statusNames: readonly StatusName[] = ['degraded', 'mitigated', 'recovering', 'verifying'];

/** The incident's phases under the time axis. */
function drawStatusSpans({ statusSpans }: Plot, { x }: Scale): readonly string[] {
  if (statusSpans.length === 0) return [];
  const blocks = statusSpans.map(({ from, to, name }) => {
    const wide = tenth(Math.max(1.5, x(to) - x(from)));
    return `<rect class="s-${name}" x="${x(from)}" y="${strip.top}" width="${wide}" height="${strip.height}"/>`;
  });
  return [word('', 0, strip.top + 8, 'incident'), ...blocks];
}

function drawLegend(plot: Plot): readonly string[] {
  const entries = [
    ...(plot.statusSpans.length === 0 ? [] : statusNames.map((name) => [`s-${name}`, name] as const)),
    ...(unknownSpans(plot).length === 0 ? [] : [['unknown', 'unknown: too few samples'] as const]),
  ];
  return entries.flatMap(([kind, text], index) => [
    `<rect class="${kind}" x="${area.left + index * 90}" y="${strip.top + 16}" width="9" height="9"/>`,
    word('', area.left + 13 + index * 90, strip.top + 25, text),
  ]);
}

function word(kind: string, x: number, y: number, text: string): string {
  return `<text${kind && ` class="${kind}"`} x="${tenth(x)}" y="${tenth(y)}">${escapeMarkup(text)}</text>`;
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

interface Tick {
  readonly at: number;
  readonly label: string;
}

const seconds = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400];

/** Round times within a span, at most `most` of them, in the zone of the runbook. */
export function timeTicks(from: number, to: number, zone: string, most: number): readonly Tick[] {
  const step = 1_000 * (seconds.find((each) => (to - from) / (each * 1_000) <= most) ?? 86_400);
  const first = Math.ceil(from / step) * step;
  const count = Math.max(0, Math.min(most + 1, Math.floor((to - first) / step) + 1));
  const label = (at: number): string => {
    const time = zone === 'UTC' ? utcTime(at) : zoneTime(at, zone);
    return step < 60_000 ? time : time.slice(0, 5);
  };
  return Array.from({ length: count }, (_, index) => ({
    at: first + index * step,
    label: label(first + index * step),
  }));
}

/** Round values from zero up to `max`, four or so. */
export function valueTicks(max: number, unit: Unit): readonly Tick[] {
  const step = niceStep(max / 4);
  const count = Math.floor(max / step + 1e-9) + 1;
  return Array.from({ length: count }, (_, index) => ({
    at: index * step,
    label: formatValue(index * step, unit),
  }));
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 2.5, 5, 10].find((each) => each * power >= rough * 0.999) ?? 10;
  return factor * power;
}
