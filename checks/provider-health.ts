import { defineCheck, toMs } from 'siaga';
import { z } from 'zod';
import runbook from '../runbook.ts';

const ProviderHealth = z.object({
  status: z.enum(['up', 'down', 'disabled']),
  latency_ms: z.number().nonnegative().nullable(),
  fallback: z.object({ active: z.boolean(), provider: z.string() }),
});

const { fast, extreme } = runbook.limits;
const { fallbackState } = runbook.recovery;

export const coinapiHealth = defineCheck({
  name: 'provider-health',
  title: 'CoinAPI is up, or the fallback serves and is fast',
  tags: ['core', 'contract'],
  every: '250ms',
  request: { path: '/api/coinapi/health', timeout: '2s' },
  response: {
    status: 200,
    contentType: 'application/json',
    body: ProviderHealth,
    within: fast,
  },
  invariants: {
    'up, or the fallback is active': ({ body }) => body.status === 'up' || body.fallback.active,
    [`CoinAPI answers it within ${extreme}, or the fallback is active`]: ({ body }) =>
      (body.latency_ms ?? 0) <= toMs(extreme) || body.fallback.active,
  },
  samples: {
    // Switched off on purpose is neither well nor ill.
    'provider.health': ({ body }) => (body.status === 'disabled' ? undefined : body.status === 'up'),
    'provider.latency': ({ body }) => body.latency_ms ?? undefined,
  },
  states: {
    [fallbackState]: ({ body }) => body.fallback.active,
    provider: ({ body }) => body.status,
  },
});
