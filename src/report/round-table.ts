import type { CheckFinished } from '../event/catalogue.ts';
import type { RoundMeasured, SignalMeasured, TogglesLook } from '../event/round.ts';
import type { JudgeSpec, SignalSpec } from '../event/specs.ts';
import { formatLimit, formatValue } from '../runbook/condition.ts';
import { holds } from '../runbook/holds.ts';
import { renderChecks, timeIn } from './check-table.ts';

/** A round for a terminal: its checks, then each signal as measured, too few, or not measured and why. */
export function renderRound(
  { checks, measured }: { readonly checks: readonly CheckFinished[]; readonly measured: RoundMeasured },
  judge: JudgeSpec,
  bodies: boolean,
): string {
  const judgement = { judged: measured.checks, zone: judge.zone };
  return [renderChecks(checks, { judgement, bodies }), '', ...signalLines(measured, judge)].join('\n');
}

function signalLines(
  { signals, toggles, metrics, untold = [] }: RoundMeasured,
  judge: JudgeSpec,
): readonly string[] {
  const specs = new Map(judge.signals.map((spec) => [spec.name, spec]));
  const width = Math.max(0, ...signals.map(({ signal }) => signal.length));
  return [
    ...signals.flatMap((signal) => {
      const spec = specs.get(signal.signal);
      return spec === undefined ? [] : linesOf(signal, spec, width, judge.zone);
    }),
    ...untold.map(({ state, check }) =>
      line('-', 'states', width, `${state} not measured: ${check} answered but did not report it`),
    ),
    ...(toggles === undefined ? [] : toggleLines(toggles, width)),
    ...(metrics?.several ? [line('note', 'metrics', width, severalWords)] : []),
  ];
}

const severalWords = 'more than one process answers here, or one restarts untold: counts are a lower bound';

const line = (mark: string, name: string, width: number, text: string): string =>
  `${mark.padEnd(7)}  ${name.padEnd(width)}  ${text}`;

function linesOf(measured: SignalMeasured, spec: SignalSpec, width: number, zone: string): readonly string[] {
  return [
    line(markOf(measured, spec), spec.name, width, factsOf(measured, spec)),
    ...increaseLine(measured, spec, zone),
  ];
}

function markOf({ state, value }: SignalMeasured, { trigger }: SignalSpec): string {
  if (state === 'not-measured') return '-';
  if (value !== null && holds(trigger, value)) return 'OUT';
  return state === 'measured' ? 'ok' : 'too few';
}

function factsOf({ state, n, value, why = 'no reason given' }: SignalMeasured, spec: SignalSpec): string {
  if (state === 'not-measured') return `not measured: ${why}`;
  const samples = state === 'measured' ? `n=${n}` : `n=${n} of ${spec.minSamples}`;
  return `${valueOf(spec, value)} (${samples})  allowed ${formatLimit(spec.trigger, spec.unit)}`;
}

function increaseLine({ increase }: SignalMeasured, spec: SignalSpec, zone: string): readonly string[] {
  if (increase === undefined) return [];
  const { since, n, value } = increase;
  return [`         since ${timeIn(since, zone)}: ${valueOf(spec, value)} (n=${n})`];
}

const valueOf = ({ trigger, unit }: SignalSpec, value: number | null): string =>
  value === null ? 'unknown' : `${trigger.statistic} ${formatValue(value, unit)}`;

function toggleLines(
  { read, why = 'no reason given', abnormal = [] }: TogglesLook,
  width: number,
): readonly string[] {
  const out = abnormal.map(({ name, got, normal }) =>
    line('OUT', 'toggles', width, `${name} is ${got.trim() || 'empty'}, normal is ${normal}`),
  );
  if (!read) return [...out, line('-', 'toggles', width, `not measured: ${why}`)];
  return out.length > 0 ? out : [line('ok', 'toggles', width, 'read')];
}
