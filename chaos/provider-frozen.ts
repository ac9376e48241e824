import { defineExperiment, expect, fault } from 'siaga';
import { pairsSupported } from '../checks/pairs.ts';
import { okxDirect, providerDirect } from '../checks/provider-direct.ts';
import { coinapiHealth } from '../checks/provider-health.ts';
import { screener } from '../checks/screener.ts';
import { solComplete } from '../checks/sol-complete.ts';
import runbook from '../runbook.ts';
import { reference } from '../siaga.config.ts';

const { answer, loadErrors } = runbook.limits;

export default defineExperiment({
  name: 'provider-frozen',
  title: 'CoinAPI stands still: connections open, nothing answers',
  requirements: ['R1', 'R3', 'R5', 'R8', 'R22', 'R25', 'R30'],
  hypothesis:
    'With a CoinAPI that accepts connections and never answers, prices come from OKX, marked degraded, inside the runbook thresholds',
  target: reference,
  onlyByName: true,
  steadyState: [pairsSupported, solComplete, coinapiHealth, screener],
  steadyStates: { [runbook.recovery.fallbackState]: false },
  load: { scenario: 'steady', rate: 50 },
  watch: [solComplete, coinapiHealth, providerDirect, okxDirect],
  faults: [{ process: 'coinapi', fault: fault.frozen(), for: { runbook: '8m' } }],
  expects: ['provider.health', 'provider.latency', 'breaker.state'],
  during: [
    expect.within('10s', expect.breaker('coinapi').opens()),
    expect.within('10s', expect.answers(solComplete, { degraded: true, source: 'okx' })),
    expect.throughout(expect.answers(solComplete, { degraded: true, source: 'okx' }), { settling: '10s' }),
    expect.throughout(expect.signal('rest.latency').stays(`p95 <= ${answer}`)),
    expect.throughout(expect.signal('rest.errors').stays(`rate <= ${loadErrors}`)),
    expect.eventually(expect.incident.declared()),
    expect.eventually(expect.message('DEGRADED').sent()),
    expect.eventually(expect.incident.mitigated()),
  ],
  after: [
    expect.within('90s', expect.breaker('coinapi').goes('half-open', 'closed')),
    expect.within('90s', expect.answers(solComplete, { degraded: false, source: 'coinapi' })),
    expect.recovered(),
    expect.eventually(expect.message('RECOVERED').sent()),
  ],
});
