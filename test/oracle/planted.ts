import { minute } from './spec.ts';
import type { Input, World } from './world.ts';

/** Faults as a judge could have them, made by what it is given: each must be found. */
export const plantings: Readonly<Record<string, (world: World) => World>> = {
  'a bucket that is off by one': (world) => world.map(aBucketLater),
  'a label that is ignored': (world) => world.filter((input) => !hasSecondLabel(input)),
  'a stale fact': (world) => world.map(staleReads()),
};

function aBucketLater(input: Input): Input {
  if (input.type !== 'samples' || input.data.signal !== 'latency') return input;
  const { from, to } = input.data;
  return { ...input, data: { ...input.data, from: from + minute, to: to + minute } };
}

const hasSecondLabel = (input: Input): boolean =>
  input.type === 'samples' && input.data.labels['path'] === 'b';

/** What a run read of the toggles first is taken for new ever after. */
function staleReads(): (input: Input) => Input {
  const first = new Map<string, Extract<Input, { type: 'toggle.read' }>['data']>();
  return (input) => {
    if (input.type !== 'toggle.read') return input;
    const data = first.get(input.run) ?? input.data;
    first.set(input.run, data);
    return { ...input, data };
  };
}
