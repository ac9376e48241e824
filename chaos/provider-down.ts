import {
  answers,
  breaker,
  defineExperiment,
  down,
  eventually,
  incident,
  message,
  passes,
  recovered,
  signal,
  throughout,
  value,
  within,
} from 'siaga';
import { pairsSupported } from '../checks/pairs.ts';
import { okxDirect, providerDirect } from '../checks/provider-direct.ts';
import { coinapiHealth } from '../checks/provider-health.ts';
import { screener } from '../checks/screener.ts';
import { solComplete } from '../checks/sol-complete.ts';
import runbook from '../runbook.ts';
import { reference } from '../siaga.config.ts';

const { answer, loadErrors } = runbook.limits;

// OKX stands eight tenths of a percent above CoinAPI: half of that tells whose number it is.
const okxPrice = value(solComplete, 'price').near(value(okxDirect, 'okx-price'), '0.4%', {
  when: { source: 'okx' },
});

export default defineExperiment({
  name: 'provider-down',
  title: 'CoinAPI is gone',
  requirements: ['R1', 'R3', 'R5', 'R8', 'R22', 'R25', 'R30'],
  hypothesis: 'With CoinAPI gone, prices come from OKX, marked degraded, inside the runbook thresholds',
  target: reference,
  steadyState: [pairsSupported, solComplete, coinapiHealth, screener],
  steadyStates: { [runbook.recovery.fallbackState]: false },
  load: { scenario: 'steady', rate: 50 },
  watch: [solComplete, coinapiHealth, providerDirect, okxDirect],
  faults: [{ proxy: 'coinapi', fault: down(), for: { runbook: '8m' } }],
  expects: ['provider.health', 'provider.latency', 'breaker.state'],
  during: [
    within('5s', breaker('coinapi').opens()),
    within('5s', answers(solComplete, { degraded: true, source: 'okx' })),
    throughout(answers(solComplete, { degraded: true, source: 'okx' }), { settling: '5s' }),
    throughout(okxPrice),
    within('5s', answers(coinapiHealth, { [runbook.recovery.fallbackState]: true })),
    throughout(passes(coinapiHealth), { settling: '5s' }),
    throughout(signal('rest.latency').stays(`p95 <= ${answer}`)),
    throughout(signal('rest.errors').stays(`rate <= ${loadErrors}`)),
    eventually(incident.declared()),
    eventually(message('DEGRADED').sent()),
    eventually(incident.mitigated()),
  ],
  after: [
    within('90s', breaker('coinapi').goes('half-open', 'closed')),
    within('90s', answers(solComplete, { degraded: false, source: 'coinapi' })),
    recovered(),
    eventually(message('RECOVERED').sent()),
  ],
});
