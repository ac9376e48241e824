import { isOver } from '../../projection/incidents.ts';
import { round } from '../../kernel/percent.ts';
import { columnsOf, fitColumns, wrapColumns } from '../../kernel/columns.ts';
import { formatMs } from '../../kernel/duration.ts';
import type { SignalSpec } from '../../event/specs.ts';
import { formatCondition, formatValue } from '../../runbook/condition.ts';
import { judge, type Judged } from '../../signal/judge.ts';
import { clean } from '../document/escape.ts';
import type { Tone } from '../document/types.ts';
import { zoneTime } from '../when.ts';
import { phaseNames } from '../words-incident.ts';
import type { LiveSignal, LiveState } from './state.ts';
import { holdOf, waitingFor } from './waiting.ts';

export interface FrameOptions {
  /** Columns of the terminal; no line is wider. */
  readonly width: number;
  /** Rows that may be used; what matters least is left out. Default: as many as it takes. */
  readonly height?: number;
  readonly color: boolean;
}

type Paint = (tone: Tone | 'dim', text: string) => string;

interface Canvas {
  readonly width: number;
  /** Room for names beside what they name. */
  readonly wide: boolean;
  readonly paint: Paint;
}

const codes = { good: 32, bad: 31, warn: 33, unknown: 90, dim: 90, plain: 0 } as const;
/** From here on there are a column of names and bars. */
const wideFrom = 60;

/** The run at this moment as lines for a terminal. Only colours are escape sequences; text of others is cleaned. */
export function renderFrame(
  state: LiveState,
  { width, height = Infinity, color }: FrameOptions,
): readonly string[] {
  const paint: Paint = (tone, text) =>
    color && tone !== 'plain' ? `\u001b[${codes[tone]}m${text}\u001b[39m` : text;
  const canvas = { width: Math.max(1, width), wide: width >= wideFrom, paint };
  const must = [...headLines(state, canvas), ...incidentLines(state, canvas), ...waitLines(state, canvas)];
  const signals = signalLines(state, canvas);
  const last = lastLines(state, canvas);
  const room = Math.max(1, height) - must.length;
  const fitting = mostTelling(signals, room - (signals.length > 0 ? 1 : 0));
  const left = room - fitting.length - (fitting.length > 0 ? 1 : 0);
  const lines = [...must, ...spaced(fitting), ...(left > 1 ? spaced(last.slice(1 - left)) : [])];
  return lines.slice(0, Math.max(1, height));
}

const spaced = (lines: readonly string[]): readonly string[] => (lines.length === 0 ? [] : ['', ...lines]);

/** A text behind the name of what it is, where there is room for names; over two lines at most. */
function named({ width, wide }: Canvas, name: string, text: string): readonly string[] {
  if (!wide) return wrapColumns(clean(text), width, 2);
  const lines = wrapColumns(clean(text), width - labelWidth, 2);
  return lines.map((line, index) => (index === 0 ? name : '').padEnd(labelWidth) + line);
}

const labelWidth = 11;

function headLines(state: LiveState, canvas: Canvas): readonly string[] {
  const { width, paint } = canvas;
  const faults = state.faults.flatMap(({ words, since, forMs }) => {
    const planned = forMs === 0 ? '' : ` of ${formatMs(forMs)}`;
    const text = `${words}, in for ${formatMs(Math.max(0, state.at - since))}${planned}`;
    return named(canvas, 'fault', text).map((line) => paint('bad', line));
  });
  return [fitColumns(clean(headOf(state)), width), ...named(canvas, 'phase', phaseOf(state)), ...faults];
}

function waitLines(state: LiveState, canvas: Canvas): readonly string[] {
  return waitingFor(state).flatMap((text, index) =>
    named(canvas, index === 0 ? 'waits for' : '', canvas.wide ? text : `waits for ${text}`),
  );
}

const zoneOf = ({ rules }: LiveState): string => rules?.zone ?? 'UTC';

function headOf({ title, at, startedAt, rules, verdict }: LiveState): string {
  const speed = rules === undefined || rules.speed === 1 ? '' : `, windows ÷${round(rules.speed)}`;
  const took = startedAt === 0 ? '' : `, ${formatMs(at - startedAt)}`;
  return `${title}${took}${speed}${verdict === undefined ? '' : `: ${verdict}`}`;
}

function phaseOf({ experiment, phase, at, verdict }: LiveState): string {
  if (verdict === undefined && experiment !== undefined) return `${experiment.name}: ${experiment.phase}`;
  const { name, detail, since } = phase;
  const lasts = since === 0 || verdict !== undefined ? '' : ` for ${formatMs(Math.max(0, at - since))}`;
  return `${name}${lasts}${detail === undefined ? '' : `: ${detail}`}`;
}

/** A signal on the screen, and whether it is over its threshold. */
interface SignalLine {
  readonly text: string;
  readonly state: Judged['state'];
}

/** As many as there is room for: what is over its threshold first, then what cannot be judged. */
function mostTelling(lines: readonly SignalLine[], room: number): readonly string[] {
  const order = ['bad', 'unknown', 'ok'];
  const first = lines.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  const chosen = new Set(first.slice(0, Math.max(0, room)));
  return lines.filter((line) => chosen.has(line)).map(({ text }) => text);
}

const nameWidth = 28;
const marks = { bad: '!', unknown: '?', ok: ' ' } as const;
const tones = { bad: 'bad', unknown: 'unknown', ok: 'good' } as const;

/** Each signal that was sampled: its bucket's value, of how many samples, a bar to its threshold, the threshold. */
function signalLines({ signals, rules }: LiveState, canvas: Canvas): readonly SignalLine[] {
  const rows = (rules?.signals ?? []).flatMap((spec) => {
    const signal = signals[spec.name];
    return signal === undefined ? [] : [{ spec, judged: shownOf(spec, signal) }];
  });
  const limitWidth = Math.max(0, ...rows.map(({ spec }) => columnsOf(limitOf(spec))));
  const countWidth = Math.max(0, ...rows.map(({ judged: { n } }) => `n=${n}`.length));
  return rows.map(({ spec, judged }) => ({
    state: judged.state,
    text: canvas.wide
      ? wideSignal(spec, judged, canvas, { limitWidth, countWidth })
      : narrowSignal(spec, judged, canvas),
  }));
}

// A bucket that has only begun says nothing yet; until it does, the one before stays on the screen.
function shownOf(spec: SignalSpec, { batches, before }: LiveSignal): Judged {
  const now = judge(spec, batches);
  return now.state === 'unknown' && before.length > 0 ? judge(spec, before) : now;
}

const valueWidth = 10;

function wideSignal(
  spec: SignalSpec,
  { value, n, state }: Judged,
  { width, paint }: Canvas,
  { limitWidth, countWidth }: { readonly limitWidth: number; readonly countWidth: number },
): string {
  const tone = tones[state];
  const text = value === null ? 'unknown' : formatValue(value, spec.unit);
  const name = fitColumns(clean(spec.title), nameWidth);
  const padded = name + ' '.repeat(Math.max(0, nameWidth - columnsOf(name)));
  const count = `n=${n}`.padEnd(countWidth);
  const head = `${padded}${fitColumns(text, valueWidth).padStart(valueWidth)} ${count}`;
  const barWidth = Math.min(40, width - columnsOf(head) - limitWidth - 3);
  const bar = barWidth >= 8 ? ` ${paint(tone, barOf(value, spec.trigger.value, barWidth))}` : '';
  const used = columnsOf(head) + (bar === '' ? 0 : barWidth + 1);
  const limit = fitColumns(limitOf(spec), Math.max(0, width - used - 2));
  return `${padded}${paint(tone, head.slice(padded.length))}${bar}  ${paint('dim', limit)}`;
}

function narrowSignal(spec: SignalSpec, { value, state }: Judged, { width, paint }: Canvas): string {
  const figure = value === null ? '?' : formatValue(value, spec.unit);
  const room = Math.max(0, width - columnsOf(figure) - 3);
  const name = fitColumns(clean(spec.title), room);
  const gap = ' '.repeat(Math.max(1, width - columnsOf(figure) - columnsOf(name) - 2));
  return paint(tones[state], fitColumns(`${marks[state]} ${name}${gap}${figure}`, width));
}

const limitOf = (spec: SignalSpec): string => formatCondition(spec.trigger, spec.unit);

/** Filled up to the value, the threshold at three quarters of the bar. */
function barOf(value: number | null, limit: number, width: number): string {
  const mark = Math.floor(width * 0.75);
  const share = value === null || limit <= 0 ? 0 : value / limit;
  const filled = Math.min(width, Math.round(share * mark));
  return Array.from({ length: width }, (_, index) => {
    if (index === mark) return '│';
    return index < filled ? '█' : '·';
  }).join('');
}

function incidentLines(state: LiveState, canvas: Canvas): readonly string[] {
  const { incident, at } = state;
  const { paint } = canvas;
  if (incident === undefined)
    return named(canvas, 'incident', canvas.wide ? 'none' : 'no incident').map((line) => paint('dim', line));
  const { id, words, tone, since, phase, severity } = incident;
  const hold = holdOf(state);
  const age = isOver(incident) ? '' : `, open for ${formatMs(Math.max(0, at - since))}`;
  const line = named(canvas, 'incident', `${phaseNames[phase]} ${severity} ${id}${age}`).map((text) =>
    paint(tone, text),
  );
  const why = named(canvas, '', words);
  return [...line, ...why, ...(hold ? holdLine(hold, canvas) : [])];
}

const holdNames = { restore: 'provider', recovery: 'recovery' } as const;

function holdLine(
  { name, count, of }: NonNullable<NonNullable<LiveState['incident']>['hold']>,
  canvas: Canvas,
): readonly string[] {
  const text = `${count} of ${of} good minutes`;
  const dots = '●'.repeat(count) + '○'.repeat(Math.max(0, of - count));
  return named(canvas, holdNames[name], canvas.wide ? `${text} ${dots}` : text);
}

function lastLines(state: LiveState, { width, paint }: Canvas): readonly string[] {
  return state.last.map(({ at, tone, text }) =>
    paint(tone, fitColumns(clean(`${zoneTime(at, zoneOf(state))}  ${text}`), width)),
  );
}
