import type { Environment } from '../../src/tools/types.ts';

/** The variables of the runbook that change what the API does, and what it is started with where nobody says otherwise. */
const names = [
  'FEATURE_COINAPI_ENABLED',
  'FALLBACK_PROVIDER',
  'FEATURE_DEGRADED_MODE',
  'SCREENER_MAX_CONCURRENCY',
  'SCREENER_TTL_SECONDS',
  'RATE_LIMIT_POLICY',
  'RATE_LIMIT_CLIENTS',
  'FALLBACK_ENABLED',
  'DB_POOL_SIZE',
  'DB_STATEMENT_TIMEOUT_MS',
] as const;

/** Budgets under which a drill's own load and checks do not throttle themselves. */
export const defaultToggles: Readonly<Record<string, string>> = {
  RATE_LIMIT_CLIENTS: 'siaga-load=60000;w=60;burst=2000,siaga-probe=12000;w=60;burst=400',
};

/** An environment with these toggles and no others. */
export function withToggles(
  env: Readonly<Record<string, string>>,
  toggles: Readonly<Record<string, string>>,
): Record<string, string> {
  const known = new Set<string>(names);
  return { ...Object.fromEntries(Object.entries(env).filter(([name]) => !known.has(name))), ...toggles };
}

/** The toggles that an environment sets. */
export function togglesIn(env: Environment): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = env[name];
      return value === undefined || value === '' ? [] : [[name, value] as const];
    }),
  );
}
