import { judgedByOracle } from './judge.ts';
import { judgedBySiaga, type Verdict } from './subject.ts';
import type { World } from './world.ts';

export interface Difference {
  readonly siaga: string | undefined;
  readonly oracle: string | undefined;
}

/** The first thing that two verdicts say differently. */
export function firstDifference(siaga: Verdict, oracle: Verdict): Difference | undefined {
  const [one, other] = [linesOf(siaga), linesOf(oracle)];
  for (let index = 0; index < Math.max(one.length, other.length); index++) {
    if (one[index] !== other[index]) return { siaga: one[index], oracle: other[index] };
  }
  return undefined;
}

/** A world on which they differ, for a person: its inputs in order, then what either says. */
export async function readable(world: World): Promise<string> {
  const difference = firstDifference(await judgedBySiaga(world), judgedByOracle(world));
  const start = world[0]?.at ?? 0;
  const lines = world.map(({ run, at, type, data }) =>
    [((at - start) / 1_000).toFixed(3), run, type, type === 'run.started' ? '' : JSON.stringify(data)].join(
      ' ',
    ),
  );
  return [...lines, `Siaga:  ${difference?.siaga}`, `oracle: ${difference?.oracle}`].join('\n');
}

const linesOf = ({ said, exits }: Verdict): readonly string[] => [
  ...said.map((each) => `${each.at} ${sorted(each)}`),
  `exits ${sorted(exits)}`,
];

/** JSON whose keys stand in one order; symptoms are figures of messages, which the page leaves open. */
const sorted = (value: object): string =>
  JSON.stringify(value, (key, inner: unknown) => {
    if (key === 'symptoms') return undefined;
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
