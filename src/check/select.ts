import { suggest, nearest } from '../kernel/nearest.ts';
import { SiagaError } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import type { AnyCheck } from './definition.ts';

export interface Selection {
  /** Empty selects by tags alone. */
  readonly names: readonly string[];
  /** A check with any of them; empty selects any. */
  readonly tags: readonly string[];
}

/**
 * The checks with these names that bear one of these tags, in the order of their definitions.
 * @throws {SiagaError} `unknown-check`, `unknown-tag`, `nothing-selected` (all exit 2): a run of nothing never passes.
 */
export function selectChecks(all: readonly AnyCheck[], { names, tags }: Selection): readonly AnyCheck[] {
  for (const name of names)
    requireKnown(
      'check',
      name,
      all.map((check) => check.name),
    );
  for (const tag of tags) requireKnown('tag', tag, new Set(all.flatMap((check) => check.tags)));
  const selected = all.filter(
    (check) =>
      (names.length === 0 || names.includes(check.name)) &&
      (tags.length === 0 || check.tags.some((tag) => tags.includes(tag))),
  );
  if (selected.length === 0) throw nothingSelected(all, { names, tags });
  return selected;
}

function requireKnown(what: 'check' | 'tag', name: string, known: Iterable<string>): void {
  const names = new Set(known);
  if (names.has(name)) return;
  throw new SiagaError(`unknown-${what}`, {
    what: `there is no ${what} of this name`,
    where: what === 'check' ? 'checks/' : '--tag',
    got: name,
    ...suggest(nearest(name, names), names),
    exitCode: exit.usage,
  });
}

function nothingSelected(all: readonly AnyCheck[], { names, tags }: Selection): SiagaError {
  const wanted = [...names, ...tags.map((tag) => `tag ${tag}`)].join(', ');
  return new SiagaError('nothing-selected', {
    what: 'no check is selected',
    where: 'checks/',
    got: wanted === '' ? 'a project without checks' : wanted,
    allowed: all.length === 0 ? 'at least one check in checks/' : 'names whose checks bear the tags',
    hint: all.length === 0 ? 'the README shows one that can be copied' : 'leave out the names or the tags',
    exitCode: exit.usage,
  });
}
