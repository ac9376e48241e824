import { SiagaError } from '../kernel/errors.ts';
import type { Target, TargetProcess } from '../project/target.ts';

/** A process of a target of which it is known where and how it is asked. */
export type ResolvedProcess = TargetProcess & Required<Pick<TargetProcess, 'address' | 'probe'>>;

/** A target as chaos sees it; addresses resolved. */
export type ChaosTarget = Pick<Target, 'name' | 'url' | 'production' | 'chaos' | 'proxies'> & {
  /** Every process as it is asked. */
  readonly processes?: Readonly<Record<string, ResolvedProcess>>;
  /** The address in `siaga.config.ts`, where another took its place. */
  readonly configured?: string;
};

type Permitted = Omit<ChaosTarget, 'processes' | 'proxies'>;

/**
 * Rejects a target that may not be broken: production never, others only by name or where both the system and its
 * Toxiproxy are on this machine.
 * @throws {SiagaError} `chaos-forbidden` (exit 2).
 */
export function assertMayBreak(target: Permitted, toxiproxy: string): void {
  if (target.production) {
    throw forbidden(target, 'production: true', 'no flag allows it: production is never broken on purpose');
  }
  if (target.chaos === 'allowed' && isMeant(target)) return;
  if (target.chaos === 'forbidden') throw forbidden(target, "chaos: 'forbidden'", allowIt);
  const away = [target.url, toxiproxy].find((url) => !isLoopback(url));
  const hint = target.chaos === 'allowed' ? nameIt : allowIt;
  if (away !== undefined) throw forbidden(target, `${new URL(away).host} is another machine`, hint);
}

/**
 * Rejects faults of processes where the target does not allow chaos by name, or where a process is on another machine.
 * @throws {SiagaError} `chaos-forbidden` (exit 2).
 */
export function assertMayStop(target: ChaosTarget, names: readonly string[]): void {
  if (names.length === 0) return;
  if (target.chaos !== 'allowed') throw forbidden(target, 'no chaos of its processes', allowIt);
  const away = names.find(
    (name) => !isLoopback(`http://${target.processes?.[name]?.address ?? 'localhost'}`),
  );
  if (away === undefined) return;
  throw forbidden(target, `the process ${away} is on another machine`, 'freeze and kill only what runs here');
}

const allowIt = "where it may be broken, say so in siaga.config.ts: chaos: 'allowed'";
const nameIt =
  'SIAGA_TARGET_URL moves a target, not the permission to break it: give that address a target of its own';

// What allows a target by name was said of the system at that address, and of its Toxiproxy: of both together.
function isMeant({ url, configured }: Permitted): boolean {
  return configured === undefined || URL.parse(configured)?.host === new URL(url).host;
}

export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function forbidden({ name }: Permitted, got: string, hint: string): SiagaError {
  return new SiagaError('chaos-forbidden', {
    what: `faults may not be injected into the target ${name}`,
    got,
    allowed: "loopback, or a target with chaos: 'allowed' that is not production",
    hint,
    exitCode: 2,
  });
}
