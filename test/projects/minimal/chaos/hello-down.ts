import { answers, defineExperiment, down, recovered, signal, throughout, within } from 'siaga';
import { hello } from '../checks/hello.ts';
import { local } from '../siaga.config.ts';

export default defineExperiment({
  name: 'hello-down',
  requirements: ['R30'],
  hypothesis: 'Without its upstream, hello answers from its fallback',
  target: local,
  steadyState: [hello],
  load: { scenario: 'smoke', rate: 10 },
  faults: [{ proxy: 'upstream', fault: down(), for: '30s' }],
  expects: ['rest.latency'],
  during: [
    within('5s', answers(hello, { fallback: true })),
    throughout(signal('rest.latency').stays('p95 <= 650ms')),
  ],
  after: [recovered()],
});
