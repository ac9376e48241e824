import type { JudgeSpec } from '../event/specs.ts';
import { isHardDownSignal } from './hard-down-signal.ts';

type Judged = Pick<JudgeSpec, 'signals' | 'checks' | 'states' | 'normalToggles'>;

/** What fired in an incident and this judge does not name any more, so that nothing asks for it. */
export function goneFrom(judge: Judged, fired: readonly string[]): readonly string[] {
  const { signals, checks, states, normalToggles } = judge;
  // Judges of earlier versions name neither checks nor states.
  if (checks === undefined || states === undefined) return [];
  const named = new Set([
    ...signals.map(({ name }) => name),
    ...checks.map(({ name }) => `check:${name}`),
    ...states.map(({ name }) => `state:${name}`),
    ...Object.keys(normalToggles).map((name) => `toggle:${name}`),
  ]);
  return fired.filter((signal) => !named.has(signal) && !isHardDownSignal(signal));
}

/** `check orders`, `signal queue.depth`. */
const partWords = (signal: string): string =>
  /^(check|state|toggle):/.test(signal) ? signal.replace(':', ' ') : `signal ${signal}`;

/** `check orders is not in the project any more: not asked`; empty where nothing is gone. */
export function goneWords(gone: readonly string[]): string {
  const verb = gone.length === 1 ? 'is' : 'are';
  return gone.length === 0
    ? ''
    : `${gone.map(partWords).join(', ')} ${verb} not in the project any more: not asked`;
}
