import type { Runbook } from 'siaga/runbook';

export default {
  name: 'minimal',
  zone: 'UTC',
  languages: ['en'],
  signals: {
    'rest.latency': {
      title: 'REST p95',
      requirements: ['R1'],
      source: 'probe',
      trigger: { when: 'p95 > 650ms', for: '5m' },
      recovered: 'p95 < 450ms',
      severity: 'SEV-2',
    },
  },
  hardDown: { times: 2, apart: '15s', severity: 'SEV-0' },
  recovery: {
    for: '10m',
    restoreAfter: '5m',
    wholeHold: { signal: 'rest.latency', good: 'p95 < 450ms', minRequests: 100 },
    maxUnknownInRow: 2,
    fallbackState: 'fallback',
    providerState: 'provider',
    checks: 'core',
    deadline: '40m',
    reopenWithin: '30m',
  },
  flapping: { transitions: 3, within: '60m', maxHold: '40m' },
  blindAfter: '3m',
  toggles: {},
  limits: {},
  severities: {
    'SEV-0': { means: 'outage', respondWithin: '5m', resolveWithin: '1h', aliases: ['P0'] },
    'SEV-1': { means: 'major', respondWithin: '15m', resolveWithin: '4h', aliases: ['P1'] },
    'SEV-2': { means: 'partial', respondWithin: '30m', resolveWithin: '8h', aliases: ['P2'] },
    'SEV-3': { means: 'minor', respondWithin: '2h', resolveWithin: '24h', aliases: ['P3'] },
    'SEV-4': { means: 'cosmetic', respondWithin: '24h', resolveWithin: '72h', aliases: [] },
  },
  contacts: [{ role: 'owner', name: 'Owner', reach: 'phone' }],
  documents: { draft: '10m', report: '24h', review: '48h' },
} as const satisfies Runbook;
