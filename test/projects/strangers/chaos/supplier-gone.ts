import { defineExperiment, expect, fault } from 'siaga';
import { quote } from '../checks/price.ts';
import { stall } from '../siaga.config.ts';

export default defineExperiment({
  name: 'supplier-gone',
  requirements: [],
  hypothesis: 'without its supplier the stall quotes its last price, and says so',
  target: stall,
  steadyState: [quote],
  load: { scenario: 'visitors', rate: 20 },
  // A minute of the runbook ends in it, whenever it begins.
  faults: [{ proxy: 'source', fault: fault.down(), for: '80s' }],
  expects: ['fuse'],
  during: [
    expect.within('15s', expect.breaker('prices').opens()),
    expect.within('15s', expect.answers(quote, { stale: true })),
    expect.eventually(expect.message('DEGRADED').sent()),
  ],
  after: [expect.within('60s', expect.breaker('prices').goes('half-open', 'closed')), expect.recovered()],
});
