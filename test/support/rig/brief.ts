import { experimentText } from './experiments.ts';
import { envelopeOf, experimentIn } from './siaga.ts';
import type { Ended } from './siaga.ts';

/** The shortest experiment on a rig: `chaos/brief.ts`. */
export const brief = experimentText({
  name: 'brief',
  hypothesis: 'Two seconds without CoinAPI',
  proxy: 'coinapi',
  fault: 'down()',
  for: '2s',
  expects: ['provider.health', 'provider.latency', 'breaker.state'],
});

/** How an experiment ended, by everything that says so. */
export function ending(ended: Ended) {
  const envelope = envelopeOf(ended);
  const { verdict, reasons } = experimentIn(envelope);
  return { exitCode: envelope.exitCode, verdict, reasons, reason: envelope.reason };
}
