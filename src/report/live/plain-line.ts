import type { SiagaEvent } from '../../event/envelope.ts';
import { clean } from '../document/escape.ts';
import { happening } from '../words.ts';
import { utcTime } from '../when.ts';

const signs = { good: 'ok  ', bad: 'FAIL', warn: 'warn', unknown: '?   ', plain: '    ' } as const;

/** An event as one line of a log, in UTC; `undefined` for those that only count. */
export function plainLine(event: SiagaEvent): string | undefined {
  if (event.type === 'incident.bucket') {
    const { hold, count, of, band } = event.data;
    return `${utcTime(event.at)}Z ${band === 'good' ? signs.good : signs.warn} ${hold} ${count}/${of} (${band})`;
  }
  if (event.type === 'toggle.read' && event.data.ok && event.data.abnormal.length === 0) return undefined;
  const said = happening(event);
  return said && `${utcTime(event.at)}Z ${signs[said.tone]} ${clean(said.text, 400)}`;
}

/**
 * As `plainLine`, but a check that keeps failing is said once, and once more when it passes again; toggles that read as
 * they did are not said again.
 */
export function plainLog(): (event: SiagaEvent) => string | undefined {
  const failing = new Set<string>();
  let toggles = '';
  return (event) => {
    if (event.type === 'toggle.read') {
      const before = toggles;
      toggles = JSON.stringify(event.data);
      return toggles === before ? undefined : plainLine(event);
    }
    if (event.type !== 'check.finished') return plainLine(event);
    const { check, outcome } = event.data;
    if (outcome === 'passed')
      return failing.delete(check)
        ? `${utcTime(event.at)}Z ${signs.good} ${clean(check)} passes again`
        : undefined;
    if (failing.has(check)) return undefined;
    if (outcome === 'failed') failing.add(check);
    return plainLine(event);
  };
}
