import { defineExperiment, expect, fault } from 'siaga';
import { ready } from '../checks/health.ts';
import { pairsSupported } from '../checks/pairs.ts';
import { coinapiHealth } from '../checks/provider-health.ts';
import { screener } from '../checks/screener.ts';
import { solComplete } from '../checks/sol-complete.ts';
import runbook from '../runbook.ts';
import { reference } from '../siaga.config.ts';

export default defineExperiment({
  name: 'api-killed',
  title: 'The API is killed, and started again by hand',
  requirements: ['R7', 'R22', 'R36'],
  hypothesis: 'A killed API is declared a SEV-0, and once it is started again the system recovers by itself',
  target: reference,
  onlyByName: true,
  steadyState: [pairsSupported, solComplete, coinapiHealth, screener],
  steadyStates: { [runbook.recovery.fallbackState]: false },
  load: { scenario: 'steady', rate: 50 },
  watch: [solComplete, pairsSupported, coinapiHealth, ready],
  // Long enough that people are paged before it ends, also where the window of a signal begins late.
  faults: [{ process: 'api', fault: fault.killed(), for: { runbook: '25m' } }],
  expects: [
    'hard-down',
    'rest.errors',
    'rest.5xx',
    // What a restart brings about.
    'rest.latency',
    'ws.roundtrip',
    'freshness',
    'db.latency',
    'db.slow-queries',
  ],
  during: [
    expect.eventually(expect.signal('rest.errors').reaches('rate > 50%')),
    expect.eventually(expect.incident.declared()),
    expect.eventually(expect.message('DEGRADED').sent()),
  ],
  after: [
    expect.within('10s', expect.passes(ready)),
    expect.within('30s', expect.answers(solComplete, { degraded: false, source: 'coinapi' })),
    expect.recovered(),
    expect.eventually(expect.message('RECOVERED').sent()),
  ],
});
