import type { Fault } from '../kernel/diagnostic.ts';
import { show } from '../kernel/diagnostic.ts';
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
 * Values outside what their toggle allows, time limits that reach the trigger they should stay under, and help against
 * signals that do not exist.
 */
export function toggleFaults(runbook: Runbook): readonly Fault[] {
  return Object.entries(runbook.toggles).flatMap(([name, toggle]) => {
    const path = member('toggles', name);
    const helps = (toggle.helps ?? []).flatMap((signal, index) =>
      known('signal', Object.keys(runbook.signals))(signal, `${path}.helps[${index}]`),
    );
    const values = (['normal', 'incident'] as const).flatMap((field) => {
      const value = toggle[field];
      return value === undefined
        ? []
        : [
            ...valueFaults(toggle, value, `${path}.${field}`),
            ...lateFaults(runbook, name, value, `${path}.${field}`),
          ];
    });
    return [...values, ...helps];
  });
}

/** A value that the toggle does not allow. */
export function valueFaults(toggle: Toggle, value: string, path: string): readonly Fault[] {
  const { fits, allowed } = judgeToggle(toggle, value);
  return fits ? [] : [wrong(path, 'the toggle does not allow this value', { got: show(value), allowed })];
}

// SCREENER_TTL_SECONDS belongs to the signals `screener.…`: a batch that may run as long as the trigger fires it.
function lateFaults({ signals }: Runbook, toggle: string, value: string, path: string): readonly Fault[] {
  const [, subject] = /^(\w+)_TTL_SECONDS$/.exec(toggle) ?? [];
  if (subject === undefined) return [];
  const prefix = `${subject.toLowerCase()}.`;
  return Object.entries(signals).flatMap(([name, { trigger }]) => {
    const limit = parseCondition(trigger.when);
    const reaches = name.startsWith(prefix) && limit?.unit === 'ms' && Number(value) * 1_000 >= limit.value;
    return reaches ? [lateFault(name, trigger.when, value, path)] : [];
  });
}

function lateFault(signal: string, when: string, value: string, path: string): Fault {
  return {
    level: 'warning',
    path,
    message: `with this time limit a batch may last until ${signal} fires`,
    got: `${value} s`,
    allowed: `less than the trigger of ${signal}, ${when}`,
    hint: 'keep the time limit under the trigger, or accept the page',
  };
}
