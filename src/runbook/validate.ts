import type { Comparison, Condition, Unit } from '../event/specs.ts';
import type { Fault } from '../kernel/diagnostic.ts';
import { show, suggest, nearest } from '../kernel/nearest.ts';
import { toMs } from '../kernel/to-ms.ts';
import { known, member, wrong } from '../kernel/shape.ts';
import { formatValue, parseCondition } from './condition.ts';
import { runbookShape } from './shape.ts';
import { roleFaults } from './role-rules.ts';
import { toggleFaults } from './toggle-rules.ts';
import type { Runbook, Signal, When } from './types.ts';

/** Everything wrong with a runbook in itself. What its parts mean is judged where their shape is sound. */
export function validateRunbook(found: unknown): readonly Fault[] {
  const shape = runbookShape(found, '');
  const isSound = soundBut(shape);
  const runbook = found as Runbook;
  const ofSignals = shape.some(({ path }) => path === '' || path === 'signals')
    ? []
    : signalsFaults(runbook, isSound);
  return [
    ...shape,
    ...(isSound('signals') ? emptyFaults(runbook) : []),
    ...ofSignals,
    ...(['signals', 'recovery', 'flapping'].every(isSound) ? recoveryFaults(runbook) : []),
    ...(['signals', 'roles'].every(isSound) ? roleFaults(runbook, soundBut(ofSignals)) : []),
    ...(['recovery', 'contacts'].every(isSound) ? stableFaults(runbook) : []),
    ...(['signals', 'toggles'].every(isSound) ? toggleFaults(runbook) : []),
  ];
}

const soundBut =
  (faults: readonly Fault[]) =>
  (path: string): boolean =>
    !faults.some((fault) => fault.path === '' || within(fault.path, path));

const within = (path: string, whole: string): boolean =>
  path === whole || path.startsWith(`${whole}.`) || path.startsWith(`${whole}[`);

function emptyFaults({ signals }: Runbook): readonly Fault[] {
  if (Object.keys(signals).length === 0) return [noSignals];
  return Object.values(signals).some(({ recovered }) => recovered !== undefined) ? [] : [noBand];
}

function signalsFaults(runbook: Runbook, isSound: (path: string) => boolean): readonly Fault[] {
  return Object.entries(runbook.signals)
    .filter(([name]) => isSound(member('signals', name)))
    .flatMap(([name, signal]) => signalFaults(runbook, name, signal));
}

const noSignals = wrong('signals', 'nothing would ever be judged', {
  got: 'no signal',
  allowed: 'at least one signal',
});

function signalFaults({ signals }: Runbook, name: string, signal: Signal): readonly Fault[] {
  const path = member('signals', name);
  return [
    ...conditionFaults(signal.trigger.when, signal, `${path}.trigger.when`),
    ...windowFaults(signal, `${path}.trigger.for`),
    ...(signal.recovered === undefined ? [] : conditionFaults(signal.recovered, signal, `${path}.recovered`)),
    ...bandFaults(signal, path),
    ...(signal.inhibits ?? []).flatMap((other, index) =>
      known('signal', Object.keys(signals))(other, `${path}.inhibits[${index}]`),
    ),
  ];
}

/** The longest window for which an hourly round stays until it has decided. */
const longestWindow = '28m';

function windowFaults({ trigger }: Signal, path: string): readonly Fault[] {
  if (toMs(trigger.for) <= toMs(longestWindow)) return [];
  const what = 'no round stays long enough to decide this, so that it would never page';
  return [wrong(path, what, { got: show(trigger.for), allowed: `${longestWindow} or shorter` })];
}

const unitsOf: Readonly<Record<string, readonly Unit[]>> = { rate: ['ratio'], count: ['count'] };
const statisticsOf = {
  histogram: /^p/,
  counter: /^count$/,
  gauge: /^(max|min|last)$/,
  // Numbers, of which none says that something failed.
  'source of its own': /^(p|max|min|last)/,
} as const;

// A percentile of a rate, or a count of milliseconds, would be judged without a word and mean nothing.
function conditionFaults(when: When, { source }: Signal, path: string): readonly Fault[] {
  const condition = parseCondition(when);
  if (condition === undefined) return [];
  const { statistic, unit } = condition;
  const units =
    unitsOf[statistic] ?? (statistic.startsWith('p') ? ['ms', 'count'] : ['ms', 'ratio', 'count']);
  if (!units.includes(unit)) {
    return [
      wrong(path, `${statistic} cannot be compared with this quantity`, {
        got: show(when),
        allowed: quantities(units),
      }),
    ];
  }
  if (typeof source !== 'object') return [];
  const type = 'own' in source ? 'source of its own' : source.type;
  if (statisticsOf[type].test(statistic)) return [];
  return [
    wrong(path, `a ${type} has no ${statistic}`, {
      got: show(when),
      allowed: statisticsInWords[type],
    }),
  ];
}

const statisticsInWords = {
  histogram: 'a percentile such as p95',
  counter: 'count',
  gauge: 'max, min or last',
  'source of its own': 'max, min, last, or a percentile such as p95',
} as const;

function quantities(units: readonly string[]): string {
  const words: Readonly<Record<string, string>> = {
    ms: 'a duration such as 650ms',
    ratio: 'a share such as 2%',
    count: 'a plain number',
  };
  return units.map((unit) => words[unit] ?? unit).join(' or ');
}

function bandFaults(signal: Signal, path: string): readonly Fault[] {
  const trigger = parseCondition(signal.trigger.when);
  const recovered = signal.recovered === undefined ? undefined : parseCondition(signal.recovered);
  if (trigger === undefined || recovered === undefined) return [];
  const at = `${path}.recovered`;
  const got = show(signal.recovered);
  if (trigger.statistic !== recovered.statistic || trigger.unit !== recovered.unit) {
    return [
      wrong(at, 'trigger and recovery judge different things', {
        got,
        allowed: `a condition on ${trigger.statistic}, as in ${signal.trigger.when}`,
      }),
    ];
  }
  if (!overlap(trigger, recovered)) return [];
  return [
    wrong(at, '"recovered" overlaps the trigger', { got, allowed: bandWords(trigger, signal.trigger.when) }),
  ];
}

function bandWords({ comparison, value, unit }: Condition & { readonly unit: Unit }, when: string): string {
  if (comparison === '==') return `a band outside ${when}`;
  const bound = comparison.startsWith('>') ? 'at most' : 'at least';
  return `${comparison.endsWith('=') ? (bound === 'at most' ? 'less than' : 'more than') : bound} ${formatValue(value, unit)}`;
}

function overlap(a: Condition, b: Condition): boolean {
  const [first, second] = [intervalOf(a), intervalOf(b)];
  const low = Math.max(first.low, second.low);
  const high = Math.min(first.high, second.high);
  if (low !== high) return low < high;
  return [a, b].every((condition) => condition.value !== low || isClosed(condition.comparison));
}

const isClosed = (comparison: Comparison): boolean => comparison.includes('=');

function intervalOf({ comparison, value }: Condition): { readonly low: number; readonly high: number } {
  return {
    low: comparison.startsWith('<') ? Number.NEGATIVE_INFINITY : value,
    high: comparison.startsWith('>') ? Number.POSITIVE_INFINITY : value,
  };
}

function recoveryFaults({ recovery, signals, flapping }: Runbook): readonly Fault[] {
  const signal = signals[recovery.wholeHold.signal];
  const names = Object.keys(signals);
  return [
    ...(signal === undefined
      ? [
          wrong('recovery.wholeHold.signal', 'there is no such signal', {
            got: show(recovery.wholeHold.signal),
            ...suggest(nearest(recovery.wholeHold.signal, names), names),
          }),
        ]
      : conditionFaults(recovery.wholeHold.good, signal, 'recovery.wholeHold.good')),
    ...longer('recovery.deadline', recovery.deadline, 'the hold it must fit', recovery.for),
    ...longer('flapping.maxHold', flapping.maxHold, 'the hold it lengthens', recovery.for),
  ];
}

// An owner is somebody the runbook names; and what is to be handed over must have had the time to be restored.
function stableFaults({ recovery, contacts }: Runbook): readonly Fault[] {
  const { stable } = recovery;
  if (stable === undefined) return [];
  const roles = [...new Set(contacts.map(({ role }) => role))];
  return [
    ...longer(
      'recovery.stable.after',
      stable.after,
      'the good time after which a restore is proposed',
      recovery.restoreAfter,
    ),
    ...(roles.includes(stable.owner)
      ? []
      : [
          wrong('recovery.stable.owner', 'no contact has this role', {
            got: show(stable.owner),
            ...suggest(undefined, roles),
          }),
        ]),
  ];
}

const noBand = wrong('signals', 'recovery could never be declared', {
  got: 'no signal with a recovered band',
  allowed: 'at least one',
});

function longer(
  path: string,
  found: Runbook['blindAfter'],
  what: string,
  least: Runbook['blindAfter'],
): readonly Fault[] {
  if (toMs(found) >= toMs(least)) return [];
  return [wrong(path, `this is shorter than ${what}`, { got: show(found), allowed: `${least} or longer` })];
}
