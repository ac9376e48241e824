import { parseDuration, type Duration } from './duration.ts';
import { SiagaError } from './errors.ts';

/**
 * Milliseconds of a duration.
 * @throws {SiagaError} `bad-duration` (exit 2) where the text is not a number with one of ms, s, m, h, d.
 */
export function toMs(duration: Duration): number {
  const ms = parseDuration(duration);
  if (ms !== undefined) return ms;
  throw new SiagaError('bad-duration', {
    what: 'this is not a duration',
    got: String(duration),
    allowed: 'a number with ms, s, m, h or d, such as 650ms or 5m',
    exitCode: 2,
  });
}
