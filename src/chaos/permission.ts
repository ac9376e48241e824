import { SiagaError } from '../kernel/errors.ts';
import type { Target } from '../project/target.ts';

/** A target as chaos sees it; addresses resolved. */
export type ChaosTarget = Pick<Target, 'name' | 'url' | 'production' | 'chaos' | 'proxies'> & {
  /** The address in `siaga.config.ts`, where another took its place. */
  readonly configured?: string;
};

/**
 * Rejects a target that may not be broken: production never, others only by name or where both the system and its
 * Toxiproxy are on this machine.
 * @throws {SiagaError} `chaos-forbidden` (exit 2).
 */
export function assertMayBreak(target: ChaosTarget, toxiproxy: string): void {
  if (target.production) {
    throw forbidden(target, 'production: true', 'no flag allows it: production is never broken on purpose');
  }
  if (target.chaos === 'allowed' && isMeant(target)) return;
  if (target.chaos === 'forbidden') throw forbidden(target, "chaos: 'forbidden'", allowIt);
  const away = [target.url, toxiproxy].find((url) => !isLoopback(url));
  const hint = target.chaos === 'allowed' ? nameIt : allowIt;
  if (away !== undefined) throw forbidden(target, `${new URL(away).host} is another machine`, hint);
}

const allowIt = "where it may be broken, say so in siaga.config.ts: chaos: 'allowed'";
const nameIt =
  'SIAGA_TARGET_URL moves a target, not the permission to break it: give that address a target of its own';

// What allows a target by name was said of the system at that address, and of its Toxiproxy: of both together.
function isMeant({ url, configured }: ChaosTarget): boolean {
  return configured === undefined || URL.parse(configured)?.host === new URL(url).host;
}

export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function forbidden({ name }: ChaosTarget, got: string, hint: string): SiagaError {
  return new SiagaError('chaos-forbidden', {
    what: `faults may not be injected into the target ${name}`,
    got,
    allowed: "loopback, or a target with chaos: 'allowed' that is not production",
    hint,
    exitCode: 2,
  });
}
