import type { CallOutcome, Dependency, Metrics } from './metrics.ts';

/** A call to a dependency took longer than it may. */
export class CallTimeout extends Error {
  constructor(dependency: Dependency, timeoutMs: number) {
    super(`${dependency} did not answer within ${timeoutMs} ms`);
    this.name = 'CallTimeout';
  }
}

/** Makes a call and counts and times it. What it throws goes on to the caller. */
export async function measured<T>(
  metrics: Metrics,
  dependency: Dependency,
  call: () => Promise<T>,
): Promise<T> {
  const stop = metrics.dependencyDuration.startTimer({ dependency });
  try {
    const result = await call();
    count(metrics, dependency, 'ok');
    return result;
  } catch (error) {
    count(metrics, dependency, isTimeout(error) ? 'timeout' : 'error');
    throw error;
  } finally {
    stop();
  }
}

export function count(metrics: Metrics, dependency: Dependency, outcome: CallOutcome): void {
  metrics.dependencyRequests.inc({ dependency, outcome });
}

function isTimeout(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error instanceof CallTimeout || error.name === 'TimeoutError' || /time(d )?out/i.test(error.message);
}
