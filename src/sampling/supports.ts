import { type AnyCheck, isSocketCheck } from '../check/definition.ts';
import type { JudgeSpec, SignalSpec } from '../event/specs.ts';
import type { Diagnostic } from '../kernel/diagnostic.ts';
import { formatMs } from '../kernel/duration.ts';
import { requestSignals } from '../runbook/roles.ts';
import { intervalOf } from './schedule.ts';

/** Load that will run beside the checks. */
export interface PlannedLoad {
  readonly name: string;
  /** Requests a second that it offers. */
  readonly rate: number;
}

/**
 * Each signal that the planned sampling cannot fill a bucket of: it would stay unknown, and neither fire nor recover.
 * Intervals are real time and are never scaled, so a higher speed may refuse what a lower one allows.
 * @param scrapeEveryMs how often the target's own metrics are read; left out where they are not
 */
export function supports(
  spec: JudgeSpec,
  checks: readonly AnyCheck[],
  loads: readonly PlannedLoad[],
  scrapeEveryMs?: number,
): Diagnostic[] {
  return spec.signals.flatMap((signal) => {
    const supply = supplyOf(signal, spec, { checks, loads, scrapeEveryMs });
    return supply.samples >= signal.minSamples ? [] : [shortfall(signal, supply, spec.bucketMs)];
  });
}

interface Plan {
  readonly checks: readonly AnyCheck[];
  readonly loads: readonly PlannedLoad[];
  readonly scrapeEveryMs: number | undefined;
}

interface Supply {
  /** In one bucket. */
  readonly samples: number;
  readonly by: readonly string[];
}

function supplyOf(signal: SignalSpec, spec: JudgeSpec, { checks, loads, scrapeEveryMs }: Plan): Supply {
  const { bucketMs } = spec;
  switch (signal.source) {
    case 'probe': {
      const feeding = checks.filter((check) => signalsOf(check, spec).includes(signal.name));
      const samples = feeding.reduce(
        (sum, check) => sum + (bucketMs / intervalOf(check)) * messagesOf(check),
        0,
      );
      return { samples: Math.floor(samples), by: feeding.map(({ name, every }) => `${name} every ${every}`) };
    }
    case 'load': {
      const rate = loads.reduce((sum, load) => sum + load.rate, 0);
      return {
        samples: Math.floor((rate * bucketMs) / 1_000),
        by: loads.map((load) => `${load.name} at ${load.rate} requests a second`),
      };
    }
    case 'server':
      return scraped(signal, bucketMs, scrapeEveryMs);
  }
}

// How many observations a histogram gets is the traffic's affair; one look is enough to see them all.
function scraped(signal: SignalSpec, bucketMs: number, everyMs: number | undefined): Supply {
  if (everyMs === undefined) return { samples: 0, by: [] };
  const looks = Math.floor(bucketMs / everyMs);
  const samples = signal.metric?.type === 'histogram' && looks > 0 ? Infinity : looks;
  return { samples, by: [`metrics every ${formatMs(everyMs)}`] };
}

/** The signals that a check feeds when it is answered. */
export function signalsOf(check: AnyCheck, judge: Pick<JudgeSpec, 'roles'>): string[] {
  const { latency, errors, serverErrors, roundTrip } = requestSignals(judge);
  const own = Object.keys(check.samples ?? {});
  if (check.counted === false) return own;
  if (isSocketCheck(check)) return [...own, roundTrip];
  const ofTarget = (check.request.past ?? check.request.through) === undefined;
  return ofTarget ? [...own, latency, errors, serverErrors] : own;
}

function messagesOf(check: AnyCheck): number {
  return isSocketCheck(check) ? (check.socket.count ?? 1) : 1;
}

const missing = {
  probe: 'no check feeds it',
  load: 'no load runs',
  server: 'the metrics of the target are not read',
} as const;

function shortfall(
  { name, minSamples, source }: SignalSpec,
  { samples, by }: Supply,
  bucketMs: number,
): Diagnostic {
  return {
    level: 'error',
    file: 'runbook.ts',
    path: `signals['${name}']`,
    message: 'the planned sampling cannot fill a bucket of this signal',
    got: by.length === 0 ? missing[source] : `${samples} in ${formatMs(bucketMs)} (${by.join(', ')})`,
    allowed: `at least ${minSamples} in each bucket of ${formatMs(bucketMs)}`,
    hint: 'sample more often, choose a lower --speed, or lower minSamples',
  };
}
