import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../kernel/json.ts';
import { plural } from '../kernel/plural.ts';
import { SiagaError } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import { exitMeaning } from './exit-code.ts';
import { readLog, type LogFinding } from './log.ts';
import { planOf, type Plan } from './plan.ts';
import type { Environment } from './ports.ts';
import { toGoDuration } from './go-duration.ts';
import type { LoadContext, LoadRequest } from './types.ts';
import { printed } from '../kernel/printed.ts';

/** What a target allows that says nothing, a second: a smoke, no more. */
export const defaultMaxRate = 20;

/**
 * Looks at a scenario before anything is sent: its types, its options, the rate it offers, and whether it reads the
 * rate and the length that it is asked for.
 * @throws {SiagaError} `scenario-types`, `scenario-options`, `scenario-broken`, `scenario-ignores`, `load-not-allowed`
 * (exit 2), `k6-unusable` (exit 3)
 */
export async function preflight(request: LoadRequest, context: LoadContext, env: Environment): Promise<Plan> {
  if (request.typeCheck !== false) await assertTypes(request, context);
  const { exitCode, options, log } = await context.k6.inspect(request.script, env);
  const findings = log.map(readLog);
  if (exitCode !== 0) throw broken(request.script, exitCode, findings);
  assertOptions(request.script, findings);
  const plan = planOf(options);
  assertAllowed(plan, context.target.maxRate ?? defaultMaxRate, request.script);
  const unread: string[] = [];
  for (const asked of askedOf(request)) {
    if (await reads(asked, request, { ...context, options }, env)) continue;
    // Beside an experiment the rate is always asked for, by nobody's option: that is reported.
    if (request.thresholds !== 'observed') throw ignored(asked, request.script);
    unread.push(asked.name);
  }
  return { ...plan, unread };
}

/** What a scenario is asked for in its environment. */
interface Asked {
  readonly option: string;
  readonly name: 'SIAGA_RATE' | 'SIAGA_DURATION';
  readonly value: string;
  /** Something else that it could have been asked for. */
  readonly other: string;
}

function askedOf({ rate, durationMs, env = {} }: LoadRequest): readonly Asked[] {
  const all: readonly (Asked | undefined)[] = [
    rate === undefined
      ? undefined
      : { option: 'rate', name: 'SIAGA_RATE', value: String(rate), other: String(2 * rate + 1) },
    durationMs === undefined
      ? undefined
      : {
          option: 'duration',
          name: 'SIAGA_DURATION',
          value: toGoDuration(durationMs),
          other: toGoDuration(2 * durationMs + 1_000),
        },
  ];
  // What is given by name holds instead.
  return all.filter((asked) => asked !== undefined).filter(({ name }) => env[name] === undefined);
}

/** Whether the options would be others without it, or with another value: one alone may be what they are anyway. */
async function reads(
  { name, other }: Asked,
  { script }: LoadRequest,
  { k6, options }: Pick<LoadContext, 'k6'> & { readonly options: Json | undefined },
  env: Environment,
): Promise<boolean> {
  const { [name]: _, ...without } = env;
  for (const changed of [without, { ...env, [name]: other }]) {
    const inspected = await k6.inspect(script, changed);
    if (!isDeepStrictEqual(inspected.options, options)) return true;
  }
  return false;
}

function ignored({ option, name, value }: Asked, script: string): SiagaError {
  return new SiagaError('scenario-ignores', {
    what: `--${option} would have no effect: the options of the scenario are the same without it`,
    where: `${script}, options`,
    got: `--${option} ${value}`,
    allowed: `a scenario whose options read __ENV.${name}`,
    hint: `without --${option} it runs as it is; where its functions read it, give it with -e ${name}=${value}`,
    exitCode: exit.usage,
  });
}

async function assertTypes({ name, script }: LoadRequest, { k6, journal }: LoadContext): Promise<void> {
  const types = await k6.typeCheck(script);
  if (types.state === 'unchecked') {
    const detail = `types of ${name} are unchecked: ${types.reason}`;
    journal.append({ type: 'run.phase', data: { phase: 'load', part: 'load', detail } });
    return;
  }
  if (types.errors.length === 0) return;
  throw new SiagaError('scenario-types', {
    what: `the scenario does not type-check (${plural(types.errors.length, 'error')}); k6 itself would run it`,
    where: script,
    got: types.errors.slice(0, 5).join('; '),
    allowed: 'a script without type errors',
    exitCode: exit.usage,
  });
}

// k6 only warns of a key it does not know, and leaves it out.
function assertOptions(script: string, findings: readonly LogFinding[]): void {
  const unknown = findings.find(({ kind }) => kind === 'unknown-option');
  if (unknown?.kind !== 'unknown-option') return;
  throw new SiagaError('scenario-options', {
    what: 'the scenario exports an option that k6 does not know and would leave out',
    where: `${script}, options`,
    got: unknown.message,
    allowed: "k6's options",
    hint: 'look for a misspelt key, such as threshold for thresholds',
    exitCode: exit.usage,
  });
}

// k6 says with these that the script is to blame; 255 is a script it cannot find.
const scriptsFault: readonly (number | null)[] = [104, 107, 108, 255];

function broken(script: string, code: number | null, findings: readonly LogFinding[]): SiagaError {
  const found = findings.find(({ kind }) => kind === 'error' || kind === 'exception');
  const message = found?.kind === 'error' || found?.kind === 'exception' ? found.message : 'nothing more';
  if (!scriptsFault.includes(code)) return unusable(script, code, message);
  return new SiagaError('scenario-broken', {
    what: `k6 cannot run this scenario: ${exitMeaning(code).says}`,
    where: script,
    got: message,
    allowed: 'a script that `k6 inspect` accepts',
    exitCode: exit.usage,
  });
}

function unusable(script: string, code: number | null, got: string): SiagaError {
  return new SiagaError('k6-unusable', {
    what: `k6 could not look at the scenario: ${exitMeaning(code).says}`,
    where: script,
    got,
    hint: `${printed('doctor')} shows where k6 comes from; init code may take 20 s`,
    exitCode: exit.inconclusive,
  });
}

function assertAllowed({ rate }: Plan, maxRate: number, script: string): void {
  if (maxRate < 1) throw belowOne(maxRate, script);
  if (rate <= maxRate) return;
  throw new SiagaError('load-not-allowed', {
    what: 'the target does not allow so much load',
    where: script,
    got: `${rate} iterations a second`,
    allowed: `at most ${maxRate}`,
    hint: 'load: { maxRate } of the target in siaga.config.ts says what it can take',
    exitCode: exit.usage,
  });
}

function belowOne(maxRate: number, script: string): SiagaError {
  return new SiagaError('load-not-allowed', {
    what: 'the target allows less than one request a second, which no load can keep to',
    where: script,
    got: `maxRate ${maxRate}`,
    allowed: 'load: { maxRate } of 1 or more in siaga.config.ts',
    exitCode: exit.usage,
  });
}
