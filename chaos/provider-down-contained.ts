import { defineExperiment, expect, fault } from 'siaga';
import { pairsSupported } from '../checks/pairs.ts';
import { okxDirect, providerDirect } from '../checks/provider-direct.ts';
import { coinapiHealth } from '../checks/provider-health.ts';
import { screener } from '../checks/screener.ts';
import { solComplete } from '../checks/sol-complete.ts';
import runbook from '../runbook.ts';
import { reference } from '../siaga.config.ts';

const { fallbackState, providerState } = runbook.recovery;
const { loadErrors } = runbook.limits;

/** What the runbook sets during an incident, as it stands there. */
const containment = Object.fromEntries(
  Object.entries(runbook.toggles).flatMap(([name, toggle]) =>
    'incident' in toggle ? [[name, toggle.incident]] : [],
  ),
);

const okxPrice = expect.value(solComplete, 'price').near(expect.value(okxDirect, 'okx-price'), '0.4%', {
  when: { source: 'okx' },
});

export default defineExperiment({
  name: 'provider-down-contained',
  title: 'CoinAPI is gone and nothing falls back by itself',
  requirements: ['R3', 'R5', 'R18', 'R22', 'R25', 'R30'],
  hypothesis:
    "With automatic fallback off, errors cross the runbook's threshold, and its toggles contain them",
  target: reference,
  steadyState: [pairsSupported, solComplete, coinapiHealth, screener],
  steadyStates: { [fallbackState]: false },
  load: { scenario: 'steady', rate: 50 },
  watch: [solComplete, coinapiHealth, providerDirect, okxDirect],
  prepare: { FALLBACK_ENABLED: 'false' },
  // CoinAPI stays away until the runbook has contained it, and returns then.
  faults: [{ proxy: 'coinapi', fault: fault.down(), for: { runbook: '25m' }, until: 'contained' }],
  expects: [
    'provider.health',
    'provider.latency',
    'breaker.state',
    'rest.errors',
    'rest.5xx',
    'freshness',
    // What a restart brings about: the runbook contains by restarting.
    'rest.latency',
    'ws.roundtrip',
    'db.latency',
    'db.slow-queries',
  ],
  containment,
  containWhen: 'rest.errors',
  during: [
    expect.eventually(expect.signal('rest.errors').reaches(`rate > ${loadErrors}`)),
    expect.eventually(expect.incident.declared()),
    expect.eventually(expect.message('DEGRADED').sent()),
    expect.eventually(expect.signal('rest.errors').fires()),
    expect.eventually(expect.answers(solComplete, { degraded: true, source: 'okx' })),
    expect.throughout(okxPrice),
    expect.eventually(expect.incident.mitigated()),
  ],
  after: [
    expect.within('30s', expect.state(providerState).is(true)),
    expect.eventually(expect.answers(solComplete, { degraded: false, source: 'coinapi' })),
    expect.eventually(expect.state(fallbackState).is(false)),
    expect.recovered(),
    expect.eventually(expect.message('RECOVERED').sent()),
  ],
});
