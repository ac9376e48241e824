import { type AnyCheck, isSocketCheck, askedInstead } from '../check/definition.ts';
import type { Fault } from '../kernel/diagnostic.ts';
import { toMs } from '../kernel/to-ms.ts';
import { parsePolicy, sustainedRate } from '../runbook/rate-limit.ts';
import type { Runbook } from '../runbook/types.ts';
import type { Config, Target } from './target.ts';

/** Plans that would run into the target's own rate limit, so that what is measured is the limit. */
export function budgetFaults(
  config: Config,
  runbook: Runbook | undefined,
  checks: readonly AnyCheck[],
): readonly Fault[] {
  return config.targets.flatMap((target, index) => {
    const path = `targets[${index}]`;
    return [...probeFaults(target, runbook, checks, path), ...loadFaults(target, path)];
  });
}

function probeFaults(
  target: Target,
  runbook: Runbook | undefined,
  checks: readonly AnyCheck[],
  path: string,
): readonly Fault[] {
  const own = target.rateLimit?.probe;
  // An identity of our own has a budget of its own, which the runbook's policy says nothing about.
  const policy = own ?? (target.identity?.probe ? undefined : policyIn(runbook));
  const planned = requestRate(checks);
  if (policy === undefined || planned <= rateOf(policy)) return [];
  return [
    {
      level: 'warning',
      path: own === undefined ? path : `${path}.rateLimit.probe`,
      message: 'the checks ask more often than the rate limit lets through',
      got: `${inWords(planned)} when all checks run`,
      allowed: `${inWords(rateOf(policy))} (${policy})`,
      hint: 'give the checks an identity with a budget of its own, or run them less often',
    },
  ];
}

const policyIn = (runbook: Runbook | undefined): string | undefined =>
  Object.values(runbook?.toggles ?? {}).find(({ rateLimit }) => rateLimit)?.normal;

function loadFaults({ rateLimit, load }: Target, path: string): readonly Fault[] {
  const policy = rateLimit?.load;
  if (policy === undefined || load === undefined || load.maxRate <= rateOf(policy)) return [];
  return [
    {
      level: 'warning',
      path: `${path}.load.maxRate`,
      message: 'a load of this rate would measure the rate limit',
      got: inWords(load.maxRate),
      allowed: `${inWords(rateOf(policy))} (${policy})`,
    },
  ];
}

function rateOf(policy: string): number {
  const parsed = parsePolicy(policy);
  return parsed === undefined ? Number.POSITIVE_INFINITY : sustainedRate(parsed);
}

/** Requests a second when every check of the target itself runs at its `every`. */
function requestRate(checks: readonly AnyCheck[]): number {
  return checks
    .filter((check) => !isSocketCheck(check) && askedInstead(check.request) === undefined)
    .reduce((total, check) => total + 1_000 / toMs(check.every), 0);
}

const inWords = (rate: number): string => `${Number((rate * 60).toFixed(1))} requests a minute`;
