import { judgedByOracle } from './judge.ts';
import { judgedBySiaga, type Verdict } from './subject.ts';
import type { Input, World } from './world.ts';

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

/** A world on which they differ, for a person: its inputs in order, what both say, then what either says. */
export async function readable(world: World): Promise<string> {
  const siaga = await judgedBySiaga(world);
  const difference = firstDifference(siaga, judgedByOracle(world));
  const start = world[0]?.at ?? 0;
  const moment = (at: number) => ((at - start) / 1_000).toFixed(3);
  const inputs = world.map((input) => `${moment(input.at)} ${input.run} ${input.type} ${briefly(input)}`);
  const lines = linesOf(siaga);
  const agreed = siaga.said
    .slice(0, Math.max(0, lines.indexOf(difference?.siaga ?? '')))
    .map(({ at, run, kind, phase, facts }) => `${moment(at)} ${run} ${kind} ${phase} ${sorted(facts)}`);
  return [
    ...inputs,
    'Both:',
    ...agreed,
    `Siaga:  ${difference?.siaga}`,
    `oracle: ${difference?.oracle}`,
    `starts at ${start}`,
  ].join('\n');
}

function briefly({ type, data }: Input): string {
  switch (type) {
    case 'run.started':
      return '';
    case 'check.finished': {
      const { check, outcome, status, states, noAnswer } = data;
      return [check, outcome, status ?? '', JSON.stringify(states), noAnswer ? 'no answer' : ''].join(' ');
    }
    case 'samples':
      return `${data.signal} ${data.source} ${JSON.stringify(data.data)}`;
    case 'toggle.read':
      return data.ok ? JSON.stringify(data.values) : 'failed';
    default:
      return JSON.stringify(data);
  }
}

const linesOf = ({ said, exits, blind }: Verdict): readonly string[] => [
  ...said.map((each) => `${each.at} ${sorted(each)}`),
  `exits ${sorted(exits)}`,
  `blind ${blind
    .map((each) => each.join(' '))
    .toSorted()
    .join(', ')}`,
];

/** JSON whose keys stand in one order; symptoms are figures of messages, which the page leaves open. */
const sorted = (value: object): string =>
  JSON.stringify(value, (key, inner: unknown) => {
    if (key === 'symptoms') return undefined;
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
