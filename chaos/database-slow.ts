import { defineExperiment, expect, fault } from 'siaga';
import { ready } from '../checks/health.ts';
import { pairsSupported } from '../checks/pairs.ts';
import { coinapiHealth } from '../checks/provider-health.ts';
import { providerDirect } from '../checks/provider-direct.ts';
import { screener } from '../checks/screener.ts';
import { solComplete } from '../checks/sol-complete.ts';
import runbook from '../runbook.ts';
import { reference } from '../siaga.config.ts';

const { answer, loadErrors } = runbook.limits;
const injected = '1s';

export default defineExperiment({
  name: 'database-slow',
  title: 'Every answer of the database takes a second longer',
  requirements: ['R9', 'R10', 'R22', 'R25', 'R39'],
  hypothesis:
    'With a slow database and more queries than connections, reads come from the cache, marked degraded, inside the runbook thresholds',
  target: reference,
  steadyState: [pairsSupported, solComplete, coinapiHealth, screener],
  steadyStates: { [runbook.recovery.fallbackState]: false },
  load: { scenario: 'steady', rate: 50 },
  watch: [solComplete, pairsSupported, coinapiHealth, providerDirect, ready],
  faults: [{ proxy: 'postgres', fault: fault.latency(injected), for: { runbook: '8m' } }],
  expects: ['db.latency', 'db.slow-queries'],
  during: [
    expect.within('5s', expect.answers(solComplete, { degraded: true })),
    expect.throughout(expect.answers(solComplete, { degraded: true }), { settling: '5s' }),
    expect.throughout(expect.signal('rest.latency').stays(`p95 <= ${answer}`)),
    expect.throughout(expect.signal('rest.errors').stays(`rate <= ${loadErrors}`)),
    expect.eventually(expect.signal('db.latency').reaches(`p99 > ${injected}`, { over: 'stage' })),
    expect.eventually(expect.signal('db.slow-queries').fires()),
    // The pool does not hang: the system goes on answering, and says that it can serve.
    expect.throughout(expect.passes(pairsSupported)),
    expect.throughout(expect.passes(ready)),
    expect.eventually(expect.message('DEGRADED').sent()),
    expect.eventually(expect.incident.mitigated()),
  ],
  after: [
    expect.within('10s', expect.answers(solComplete, { degraded: false })),
    expect.recovered(),
    expect.eventually(expect.message('RECOVERED').sent()),
  ],
});
