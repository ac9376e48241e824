import { defineExperiment, expect, fault } from 'siaga';
import { hello } from '../checks/hello.ts';
import { local } from '../siaga.config.ts';

export default defineExperiment({
  name: 'hello-down',
  requirements: ['R30'],
  hypothesis: 'Without its upstream, hello answers from its fallback',
  target: local,
  steadyState: [hello],
  load: { scenario: 'smoke', rate: 10 },
  faults: [{ proxy: 'upstream', fault: fault.down(), for: '30s' }],
  expects: ['rest.latency'],
  during: [
    expect.within('5s', expect.answers(hello, { fallback: true })),
    expect.throughout(expect.signal('rest.latency').stays('p95 <= 650ms')),
  ],
  after: [expect.recovered()],
});
