import type { RequestRole } from '../event/specs.ts';
import type { Fault } from '../kernel/diagnostic.ts';
import { show } from '../kernel/nearest.ts';
import { known, member, wrong } from '../kernel/shape.ts';
import { parseCondition } from './condition.ts';
import type { Roles, Runbook, Signal, When } from './types.ts';

// What requests feed: times, or whether each was bad.
const fedWith: Readonly<Record<RequestRole, 'times' | 'shares'>> = {
  latency: 'times',
  errors: 'shares',
  serverErrors: 'shares',
  roundTrip: 'times',
};
const requestRoles = Object.keys(fedWith) as readonly RequestRole[];

const kinds = {
  times: {
    fits: ({ statistic, unit }: NonNullable<ReturnType<typeof parseCondition>>) =>
      unit === 'ms' && statistic !== 'rate',
    allowed: 'a signal that is judged by a time, such as p95 > 650ms',
  },
  shares: {
    fits: ({ statistic }: NonNullable<ReturnType<typeof parseCondition>>) => statistic === 'rate',
    allowed: 'a signal that is judged by a share, such as rate > 2%',
  },
} as const;

/**
 * Roles of signals that do not exist, that cannot be judged by what feeds them, or that have another role already.
 * @param isSound whether nothing is wrong with what is at a path
 */
export function roleFaults(runbook: Runbook, isSound: (path: string) => boolean): readonly Fault[] {
  return [
    ...requestFaults(runbook, isSound),
    ...downFaults(runbook, isSound),
    ...breakerFaults(runbook.roles?.breaker),
  ];
}

function requestFaults(runbook: Runbook, isSound: (path: string) => boolean): readonly Fault[] {
  return requestRoles.flatMap((role, index) => {
    const name = runbook.roles?.[role];
    if (name === undefined) return [];
    const path = `roles.${role}`;
    const signal = Object.hasOwn(runbook.signals, name) ? runbook.signals[name] : undefined;
    if (signal === undefined) return known('signal', Object.keys(runbook.signals))(name, path);
    const other = requestRoles.slice(0, index).find((each) => runbook.roles?.[each] === name);
    if (other !== undefined) return [taken(path, name, other)];
    if (!isSound(member('signals', name))) return [];
    return [...sourceFaults(path, name, signal), ...statisticFaults(path, name, role, signal)];
  });
}

function taken(path: string, name: string, other: RequestRole): Fault {
  return wrong(path, 'one signal cannot have two roles', {
    got: `${show(name)}, which is roles.${other} already`,
    allowed: 'a signal of its own',
  });
}

function sourceFaults(path: string, name: string, { source }: Signal): readonly Fault[] {
  if (typeof source !== 'object') return [];
  return [
    wrong(path, 'this signal is measured by a metric of the system, so requests cannot feed it', {
      got: `${show(name)}, measured by ${'own' in source ? `the source ${source.own}` : source.metric}`,
      allowed: "a signal whose source is 'probe' or 'load'",
    }),
  ];
}

function statisticFaults(path: string, name: string, role: RequestRole, signal: Signal): readonly Fault[] {
  const condition = parseCondition(signal.trigger.when);
  const { fits, allowed } = kinds[fedWith[role]];
  if (condition === undefined || fits(condition)) return [];
  const got = `${show(name)}, judged by ${signal.trigger.when}`;
  return [wrong(path, 'what requests feed it cannot be judged like this', { got, allowed })];
}

// A percentile needs many readings; down is said by each.
function downFaults({ roles, signals }: Runbook, isSound: (path: string) => boolean): readonly Fault[] {
  const down = roles?.down ?? [];
  return down.flatMap(({ signal: name, when }, index) => {
    const path = `roles.down[${index}]`;
    const signal = Object.hasOwn(signals, name) ? signals[name] : undefined;
    if (signal === undefined) return known('signal', Object.keys(signals))(name, `${path}.signal`);
    if (down.slice(0, index).some((other) => other.signal === name))
      return [wrong(`${path}.signal`, 'this signal says it already', { got: show(name), allowed: 'once' })];
    if (!isSound(member('signals', name))) return [];
    return [...gaugeFaults(`${path}.signal`, name, signal), ...readingFaults(`${path}.when`, when, signal)];
  });
}

function gaugeFaults(path: string, name: string, { source }: Signal): readonly Fault[] {
  if (typeof source !== 'object' || 'own' in source || source.type === 'gauge') return [];
  return [
    wrong(path, 'one reading of this signal does not say whether the system is down', {
      got: `${show(name)}, a ${source.type}`,
      allowed: 'a gauge, or values that a check or a source of the project gives',
    }),
  ];
}

function readingFaults(path: string, when: When, { trigger }: Signal): readonly Fault[] {
  const condition = parseCondition(when);
  const unit = parseCondition(trigger.when)?.unit;
  if (condition === undefined || unit === undefined) return [];
  if (/^(?:max|min|last)$/.test(condition.statistic) && condition.unit === unit) return [];
  const allowed = `max, min or last, in the unit of ${trigger.when}`;
  return [wrong(path, 'a reading cannot be judged like this', { got: show(when), allowed })];
}

function breakerFaults(breaker: Roles['breaker']): readonly Fault[] {
  if (breaker === undefined) return [];
  const { state, transitions } = breaker;
  if (state === undefined && transitions === undefined)
    return [
      wrong('roles.breaker', 'the state of a breaker can be read nowhere', {
        got: 'neither state nor transitions',
        allowed: 'state: { metric, values }, transitions: { metric, to }, or both',
      }),
    ];
  const values = Object.values(state?.values ?? {});
  if (new Set(values).size === values.length) return [];
  return [
    wrong('roles.breaker.state.values', 'two states have one value', {
      got: values.join(', '),
      allowed: 'a value of its own for each state',
    }),
  ];
}
