import { formatMs } from '../../kernel/duration.ts';
import type { SignalSpec } from '../../event/specs.ts';
import { formatCondition, formatValue } from '../../runbook/condition.ts';
import { clean } from '../document/escape.ts';
import type { Tone } from '../document/types.ts';
import { zoneTime } from '../when.ts';
import { round } from '../words.ts';
import type { LiveState } from './state.ts';

export interface FrameOptions {
  /** Columns; lines are cut to it. At least 40 are used. */
  readonly width: number;
  readonly color: boolean;
}

type Paint = (tone: Tone | 'dim', text: string) => string;

const codes = { good: 32, bad: 31, warn: 33, unknown: 90, dim: 90, plain: 0 } as const;

/** The run at this moment as lines for a terminal. Only colours are escape sequences; text of others is cleaned. */
export function renderFrame(state: LiveState, { width, color }: FrameOptions): string[] {
  const wide = Math.max(40, width);
  const paint: Paint = (tone, text) =>
    color && tone !== 'plain' ? `\u001b[${codes[tone]}m${text}\u001b[39m` : text;
  const fit = (text: string): string => fitTo(clean(text), wide);
  return [
    fit(headOf(state)),
    fit(`phase      ${phaseOf(state)}`),
    ...state.faults.map(({ words, since }) =>
      paint('bad', fit(`fault      ${words}, in for ${formatMs(Math.max(0, state.at - since))}`)),
    ),
    '',
    ...signalLines(state, wide, paint),
    '',
    ...incidentLines(state, paint, fit),
    ...state.last.map(({ at, tone, text }) => paint(tone, fit(`${zoneTime(at, zoneOf(state))}  ${text}`))),
  ];
}

function fitTo(text: string, width: number): string {
  const letters = [...text];
  return letters.length <= width ? text : `${letters.slice(0, width - 1).join('')}…`;
}

const zoneOf = ({ rules }: LiveState): string => rules?.zone ?? 'UTC';

function headOf({ title, at, startedAt, rules, verdict }: LiveState): string {
  const speed = rules === undefined || rules.speed === 1 ? '' : `, windows ÷${round(rules.speed)}`;
  const took = startedAt === 0 ? '' : `, ${formatMs(at - startedAt)}`;
  return `${title}${took}${speed}${verdict === undefined ? '' : `: ${verdict}`}`;
}

function phaseOf({ experiment, phase }: LiveState): string {
  return experiment === '' || experiment === phase ? phase : `${experiment}: ${phase}`;
}

const nameWidth = 28;
const valueWidth = 10;

/** Each signal that was sampled: its bucket's value, a bar to its threshold, the threshold. */
function signalLines({ signals, rules }: LiveState, width: number, paint: Paint): readonly string[] {
  const specs = rules?.signals.filter(({ name }) => signals[name] !== undefined) ?? [];
  const limitWidth = Math.max(0, ...specs.map((spec) => limitOf(spec).length));
  const barWidth = Math.min(40, width - nameWidth - valueWidth - limitWidth - 4);
  return specs.map((spec) => {
    const shown = signals[spec.name]?.shown;
    const value = shown?.value ?? null;
    const tone = value === null ? 'unknown' : shown?.state === 'bad' ? 'bad' : 'good';
    const text = value === null ? 'unknown' : formatValue(value, spec.unit);
    const name = fitTo(clean(spec.title), nameWidth).padEnd(nameWidth);
    const bar = barWidth >= 8 ? ` ${paint(tone, barOf(value, spec.trigger.value, barWidth))}` : '';
    return `${name}${paint(tone, text.padStart(valueWidth))}${bar}  ${paint('dim', limitOf(spec))}`;
  });
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

function incidentLines(state: LiveState, paint: Paint, fit: (text: string) => string): readonly string[] {
  const { incident } = state;
  if (incident === undefined) return [paint('dim', 'incident   none'), ''];
  const { id, words, tone, hold, since, stand, severity } = incident;
  const age = stand === 'RECOVERED' ? '' : `, open for ${formatMs(Math.max(0, state.at - since))}`;
  const line = paint(tone, fit(`incident   ${stand} ${severity} ${id}${age}`));
  const why = fit(`           ${words}`);
  if (hold === undefined || stand === 'RECOVERED') return [line, why, ''];
  const dots = '●'.repeat(hold.count) + '○'.repeat(Math.max(0, hold.of - hold.count));
  return [line, why, fit(`${hold.name.padEnd(10)} ${hold.count}/${hold.of} ${dots}`), ''];
}
