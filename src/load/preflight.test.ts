import { expect, test } from 'vitest';
import type { SiagaError } from '../kernel/errors.ts';
import type { Environment, K6 } from './ports.ts';
import { preflight } from './preflight.ts';
import type { LoadContext, LoadRequest } from './types.ts';

type Options = (env: Environment) => { readonly rate?: unknown; readonly duration?: unknown };

const fixed: Options = () => ({});
const reading: Options = ({ SIAGA_RATE: rate = 20, SIAGA_DURATION: duration = '10s' }) => ({
  rate: Number(rate),
  duration,
});
const atMostTen: Options = ({ SIAGA_RATE: rate = 5 }) => ({ rate: Math.min(10, Number(rate)) });

/** What is said of a scenario whose options depend on its environment so. */
async function asked(options: Options, request: Partial<LoadRequest>, maxRate = 100) {
  const scenario = { executor: 'constant-arrival-rate', rate: 20, timeUnit: '1s', duration: '10s' };
  const k6: Pick<K6, 'inspect'> = {
    inspect: (_, env) =>
      Promise.resolve({
        exitCode: 0,
        log: [],
        options: { scenarios: { a: { ...scenario, ...options(env) } } } as never,
      }),
  };
  const { rate, durationMs } = request;
  const env = {
    ...(rate !== undefined && { SIAGA_RATE: String(rate) }),
    ...(durationMs !== undefined && { SIAGA_DURATION: `${durationMs}ms` }),
    ...request.env,
  };
  const context = { k6, target: { url: 'http://t', headers: {}, maxRate } } as unknown as LoadContext;
  const full = { name: 'smoke', script: '/p/smoke.ts', typeCheck: false, ...request };
  return preflight(full, context, env).then(
    ({ rate: offered, unread }) => ({ offered, unread }),
    ({ code, exitCode, facts }: SiagaError) => ({ code, exitCode, what: facts.what }),
  );
}

const refused = (option: string) => ({
  code: 'scenario-ignores',
  exitCode: 2,
  what: `--${option} would have no effect: the options of the scenario are the same without it`,
});

test.each([
  ['a rate that the scenario does not read', fixed, { rate: 5 }, refused('rate')],
  ['a length that the scenario does not read', fixed, { durationMs: 3_000 }, refused('duration')],
  ['a length beside a rate that is read', atMostTen, { rate: 7, durationMs: 3_000 }, refused('duration')],
  ['a rate that is read', reading, { rate: 5 }, { offered: 5, unread: [] }],
  ['both, read', reading, { rate: 5, durationMs: 3_000 }, { offered: 5, unread: [] }],
  ['what the scenario does anyway', reading, { rate: 20 }, { offered: 20, unread: [] }],
  ['more than the scenario makes of it', atMostTen, { rate: 50 }, { offered: 10, unread: [] }],
  ['nothing', fixed, {}, { offered: 20, unread: [] }],
  ['a rate that is given by name', fixed, { rate: 5, env: { SIAGA_RATE: '5' } }, { offered: 20, unread: [] }],
  [
    'a rate beside an experiment',
    fixed,
    { rate: 5, thresholds: 'observed' },
    { offered: 20, unread: ['SIAGA_RATE'] },
  ],
] as const)('hunt 14: %s', async (_, options, request, said) => {
  expect(await asked(options, request)).toEqual(said);
});

test('hunt 1: a target that allows less than a request a second allows no load', async () => {
  expect(await asked(() => ({ rate: 0.2 }), {}, 0.5)).toMatchObject({
    code: 'load-not-allowed',
    exitCode: 2,
  });
});
