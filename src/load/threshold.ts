import type { JudgeSpec, SignalSpec } from '../event/specs.ts';
import { requestSignals } from '../runbook/roles.ts';

/** A signal that a load is judged by. */
export interface LoadSignal extends SignalSpec {
  readonly role: (typeof fed)[number];
}

const fed = ['latency', 'errors', 'serverErrors'] as const;

/** The runbook's signals that a load is judged by. */
export function loadSignals(judge: JudgeSpec): readonly LoadSignal[] {
  const signals = requestSignals(judge);
  return judge.signals.flatMap((spec) => {
    const role = fed.find((each) => signals[each] === spec.name);
    return role === undefined ? [] : [{ ...spec, role }];
  });
}

/** A threshold's metric and the tags it narrows it to. */
export interface Selector {
  readonly key: string;
  readonly metric: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Reads `http_req_duration{endpoint:GET /}` as k6 does. */
export function selectorOf(key: string): Selector {
  const [, metric = key, inner = ''] = /^([^{]+)\{(.*)\}$/s.exec(key) ?? [];
  const pairs = inner.split(',').filter((part) => part.trim() !== '');
  return { key, metric, tags: Object.fromEntries(pairs.map(pairOf)) };
}

function pairOf(part: string): [string, string] {
  const colon = part.indexOf(':');
  return colon < 0 ? [bare(part), ''] : [bare(part.slice(0, colon)), bare(part.slice(colon + 1))];
}

function bare(text: string): string {
  return text.trim().replaceAll(/^["']|["']$/g, '');
}

/** Whether a point with these tags belongs to what a threshold narrows its metric to. */
export function selects({ tags }: Selector, point: Readonly<Record<string, string>>): boolean {
  return Object.entries(tags).every(([name, value]) => point[name] === value);
}

/** Whether no sample at all can be right for these expressions: a counter that must stay low. */
export function contentWithNothing(expressions: readonly string[]): boolean {
  return expressions.every((expression) => /^\s*count\s*(<|<=|==|===)/.test(expression));
}
