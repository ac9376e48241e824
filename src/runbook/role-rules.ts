import type { RequestRole } from '../event/specs.ts';
import type { Fault } from '../kernel/diagnostic.ts';
import { show } from '../kernel/diagnostic.ts';
import { known, member, wrong } from '../kernel/shape.ts';
import { parseCondition } from './condition.ts';
import type { Runbook, Signal } from './types.ts';

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
      got: `${show(name)}, measured by ${source.metric}`,
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
