/** Experiments for a rig's project, each as short as it can be. */

const imports = `
import { defineExperiment, fault } from 'siaga';
import { solComplete } from '../checks/sol-complete.ts';
import { reference } from '../siaga.config.ts';
`;

interface Parts {
  readonly name: string;
  readonly hypothesis: string;
  readonly proxy: string;
  /** What follows `fault.`: `down()`, `latency('500ms')`. */
  readonly fault: string;
  readonly for: string;
  readonly expects?: readonly string[];
  readonly prepare?: Readonly<Record<string, string>>;
}

/** The text of an experiment's file. */
export function experimentText({
  name,
  hypothesis,
  proxy,
  fault,
  for: time,
  expects,
  prepare,
}: Parts): string {
  return `${imports}
export default defineExperiment({
  name: ${JSON.stringify(name)},
  requirements: [],
  hypothesis: ${JSON.stringify(hypothesis)},
  target: reference,
  steadyState: [solComplete],
  load: { scenario: 'steady', rate: 20 },
  prepare: ${JSON.stringify(prepare ?? {})},
  faults: [{ proxy: ${JSON.stringify(proxy)}, fault: fault.${fault}, for: ${JSON.stringify(time)} }],
  expects: ${JSON.stringify(expects ?? [])},
  during: [],
  after: [],
});
`;
}
