import { EnvironmentReader } from '../shared/environment.ts';
import { parseClients } from './limits/policy.ts';
import { togglesFrom } from './toggles.ts';
import type { Environment, Problem } from '../shared/environment.ts';
import type { RateLimitPolicy } from './limits/policy.ts';
import type { ToggleTexts } from './toggles.ts';

/** Everything the API is told at start. Times are milliseconds. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly providerUrls: { readonly coinapi: string; readonly okx: string };
  readonly adminToken: string;
  readonly halfOpenAfterMs: number;
  readonly poolSize: number;
  readonly statementTimeoutMs: number;
  readonly clients: ReadonlyMap<string, RateLimitPolicy>;
  readonly toggles: ToggleTexts;
}

export type ConfigResult =
  | { readonly kind: 'valid'; readonly config: Config }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

const halfOpenAfterMs = 60_000;

/** Reads the environment. All problems come back together. */
export function readConfig(environment: Environment): ConfigResult {
  const reader = new EnvironmentReader(environment);
  const speed = reader.number('REFERENCE_SPEED', { min: 0.1, max: 60 }, 1);
  const clients = parseClients(environment['RATE_LIMIT_CLIENTS'] ?? '');
  if (clients === undefined)
    reader.refuse('RATE_LIMIT_CLIENTS', 'NAME=LIMIT;w=SECONDS;burst=COUNT,… with each name once');
  const toggles = togglesFrom(environment);
  const plain = {
    host: reader.text('HOST', '127.0.0.1'),
    port: reader.port('PORT', 3000),
    databaseUrl: reader.url('DATABASE_URL', ['postgres:', 'postgresql:']),
    redisUrl: reader.url('REDIS_URL', ['redis:', 'rediss:']),
    providerUrls: {
      coinapi: reader.url('COINAPI_URL', ['http:', 'https:']),
      okx: reader.url('OKX_URL', ['http:', 'https:']),
    },
    adminToken: reader.text('REFERENCE_ADMIN_TOKEN'),
    poolSize: reader.number('DB_POOL_SIZE', { min: 1, max: 200, whole: true }, 20),
    statementTimeoutMs: reader.number(
      'DB_STATEMENT_TIMEOUT_MS',
      { min: 100, max: 60_000, whole: true },
      3_000,
    ),
  };
  const refused = toggles.kind === 'refused' ? toggles.problems : [];
  const problems = [...reader.problems, ...refused];
  if (problems.length > 0 || toggles.kind === 'refused' || clients === undefined)
    return { kind: 'invalid', problems };
  const config = { ...plain, halfOpenAfterMs: halfOpenAfterMs / speed, clients, toggles: toggles.texts };
  return { kind: 'valid', config };
}
