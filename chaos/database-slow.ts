import {
  answers,
  defineExperiment,
  eventually,
  incident,
  latency,
  message,
  passes,
  recovered,
  signal,
  throughout,
  within,
} from 'siaga';
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
  faults: [{ proxy: 'postgres', fault: latency(injected), for: { runbook: '8m' } }],
  expects: ['db.latency', 'db.slow-queries'],
  during: [
    within('5s', answers(solComplete, { degraded: true })),
    throughout(answers(solComplete, { degraded: true }), { settling: '5s' }),
    throughout(signal('rest.latency').stays(`p95 <= ${answer}`)),
    throughout(signal('rest.errors').stays(`rate <= ${loadErrors}`)),
    eventually(signal('db.latency').reaches(`p99 > ${injected}`, { over: 'stage' })),
    eventually(signal('db.slow-queries').fires()),
    // The pool does not hang: the system goes on answering, and says that it can serve.
    throughout(passes(pairsSupported)),
    throughout(passes(ready)),
    eventually(message('DEGRADED').sent()),
    eventually(incident.mitigated()),
  ],
  after: [
    within('10s', answers(solComplete, { degraded: false })),
    recovered(),
    eventually(message('RECOVERED').sent()),
  ],
});
