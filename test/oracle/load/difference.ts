import { judgedByOracle } from './judge.ts';
import { judgedBySiaga, type Verdict } from './subject.ts';
import type { Load } from './world.ts';

/** The first thing that two verdicts on a load say differently. */
export function firstDifference(siaga: Verdict, oracle: Verdict): string | undefined {
  const [one, other] = [linesOf(siaga), linesOf(oracle)];
  for (const key of new Set([...one.keys(), ...other.keys()])) {
    if (one.get(key) !== other.get(key))
      return `${key}\n  Siaga:  ${one.get(key)}\n  oracle: ${other.get(key)}`;
  }
  return undefined;
}

/** A load on which they differ, for a person. */
export async function readable(load: Load): Promise<string> {
  const [siaga, oracle] = [await judgedBySiaga(load), judgedByOracle(load)];
  const { ending, endsAt, exit, scenarios, ...rest } = load.plot;
  return [
    ...scenarios.map((each) => JSON.stringify(each)),
    JSON.stringify({ ...rest, ending, endsAt, exit }),
    JSON.stringify({ end: load.end, ours: load.ours, held: load.held }),
    `Siaga:  ${siaga.outcome} ${siaga.broken.join(', ')}`,
    `oracle: ${oracle.outcome} ${oracle.broken.join(', ')}`,
    `different: ${firstDifference(siaga, oracle)}`,
  ].join('\n');
}

function linesOf({
  outcome,
  broken,
  told,
  figures,
  endpoints,
  samples,
}: Verdict): ReadonlyMap<string, string> {
  return new Map([
    ['outcome', outcome],
    ['broken', broken.join(', ')],
    ['told', told.join(', ')],
    ...[figures, endpoints, samples].flatMap((group) =>
      Object.entries(group).map(([key, value]) => [key, JSON.stringify(value)] as const),
    ),
  ]);
}
