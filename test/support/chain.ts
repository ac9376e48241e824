/** What each file imports, by path. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/**
 * The longest way along imports, from a file that is read first to one that imports nothing. Files that import each
 * other in a circle count as one: whoever reads one of them has to read all.
 */
export function longestChain(graph: Graph): readonly string[] {
  const circles = circlesOf(graph);
  const done = new Map<readonly string[], readonly string[]>();
  const from = (circle: readonly string[]): readonly string[] => {
    const known = done.get(circle);
    if (known) return known;
    const next = circle.flatMap((file) => graph.get(file) ?? []).map((file) => circles.get(file) ?? []);
    const chains = next.filter((other) => other !== circle && other.length > 0).map(from);
    const chain = [circle.join(' = '), ...longest(chains)];
    done.set(circle, chain);
    return chain;
  };
  return longest([...circles.values()].map(from));
}

const longest = (chains: readonly (readonly string[])[]): readonly string[] =>
  chains.reduce((best, chain) => (chain.length > best.length ? chain : best), []);

/** For each file all that it is in a circle with, itself too (Kosaraju's algorithm). */
export function circlesOf(graph: Graph): ReadonlyMap<string, readonly string[]> {
  const order: string[] = [];
  visit(graph, [...graph.keys()], (file) => order.push(file));
  const back = new Map<string, string[]>([...graph.keys()].map((file) => [file, []]));
  for (const [file, imported] of graph) for (const each of imported) back.get(each)?.push(file);
  const circles = new Map<string, readonly string[]>();
  for (const file of order.toReversed()) {
    const circle: string[] = [];
    visit(back, [file], (each) => circle.push(each), circles);
    for (const each of circle) circles.set(each, circle);
  }
  return circles;
}

/** Calls `leave` for each file that can be reached and was not seen before, after all that it leads to. */
function visit(
  graph: Graph,
  starts: readonly string[],
  leave: (file: string) => void,
  seen: Pick<ReadonlyMap<string, unknown>, 'has'> = new Map(),
): void {
  const here = new Set<string>();
  const enter = (file: string): void => {
    if (here.has(file) || seen.has(file) || !graph.has(file)) return;
    here.add(file);
    for (const next of graph.get(file) ?? []) enter(next);
    leave(file);
  };
  for (const start of starts) enter(start);
}
