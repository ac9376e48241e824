import type { Fault } from '../kernel/diagnostic.ts';
import { show } from '../kernel/nearest.ts';
import { known, member, wrong } from '../kernel/shape.ts';
import { parseCondition } from './condition.ts';
import { parsePolicy } from './rate-limit.ts';
import type { Runbook, Toggle } from './types.ts';

/** Whether a toggle may have this value, and in words what it may have. */
export function judgeToggle(
  toggle: Toggle,
  value: string,
): { readonly fits: boolean; readonly allowed: string } {
  const { allowed } = toggle;
  if (isList(allowed)) return { fits: allowed.includes(value), allowed: allowed.join(', ') };
  if ('like' in allowed)
    return { fits: !isPolicy(allowed) || parsePolicy(value) !== undefined, allowed: allowed.like };
  const number = Number(value);
  const fits = value.trim() !== '' && number >= allowed.min && number <= allowed.max;
  return { fits, allowed: `a number from ${allowed.min} to ${allowed.max}` };
}

const isList = (allowed: Toggle['allowed']): allowed is readonly string[] => Array.isArray(allowed);
// The one form that can be judged: a rate-limit policy. Any other pattern is for people.
const isPolicy = ({ like }: { readonly like: string }): boolean => like.includes(';w=');

/**
 * Values outside what their toggle allows, time limits that reach the trigger they should stay under, and names of
 * signals that do not exist.
 */
export function toggleFaults(runbook: Runbook): readonly Fault[] {
  return Object.entries(runbook.toggles).flatMap(([name, toggle]) => {
    const path = member('toggles', name);
    const signals = known('signal', Object.keys(runbook.signals));
    const named = [
      ...(toggle.helps ?? []).flatMap((signal, index) => signals(signal, `${path}.helps[${index}]`)),
      ...(toggle.limits?.signals ?? []).flatMap((signal, index) =>
        signals(signal, `${path}.limits.signals[${index}]`),
      ),
    ];
    const values = (['normal', 'incident'] as const).flatMap((field) => {
      const value = toggle[field];
      return value === undefined
        ? []
        : [
            ...valueFaults(toggle, value, `${path}.${field}`),
            ...lateFaults(runbook, toggle, value, `${path}.${field}`),
          ];
    });
    return [...values, ...named];
  });
}

/** A value that the toggle does not allow. */
export function valueFaults(toggle: Toggle, value: string, path: string): readonly Fault[] {
  const { fits, allowed } = judgeToggle(toggle, value);
  return fits ? [] : [wrong(path, 'the toggle does not allow this value', { got: show(value), allowed })];
}

// What may take as long as its signal's trigger fires it.
function lateFaults({ signals }: Runbook, { limits }: Toggle, value: string, path: string): readonly Fault[] {
  if (limits === undefined) return [];
  const { unit } = limits;
  return limits.signals.flatMap((name) => {
    const { trigger } = signals[name] ?? {};
    const limit = trigger && parseCondition(trigger.when);
    const valueMs = Number(value) * (unit === 's' ? 1_000 : 1);
    if (trigger === undefined || limit?.unit !== 'ms' || !(valueMs >= limit.value)) return [];
    return [lateFault(name, trigger.when, `${value} ${unit}`, path)];
  });
}

function lateFault(signal: string, when: string, got: string, path: string): Fault {
  return {
    level: 'warning',
    path,
    message: `what this limits may last until ${signal} fires`,
    got,
    allowed: `less than the trigger of ${signal}, ${when}`,
    hint: 'keep the time limit under the trigger, or accept the page',
  };
}
