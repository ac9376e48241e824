import type { AnyExperiment } from '../chaos/definition.ts';
import type { AnyCheck } from '../check/definition.ts';
import { type Diagnostic, inFile, show } from '../kernel/diagnostic.ts';
import { isRecord, type Rule } from '../kernel/shape.ts';
import { checkShape, looksLikeCheck } from './check-shape.ts';
import { experimentShape, looksLikeExperiment } from './experiment-shape.ts';
import type { ReadModule } from './read-module.ts';

/** A definition with the place it was written at. */
export interface Found<T> {
  readonly file: string;
  /** Name of the export. */
  readonly path: string;
  readonly value: T;
}

export interface Collected<T> {
  readonly sound: readonly Found<T>[];
  /** Names of all, the broken ones too, so that one fault does not cause others. */
  readonly names: readonly string[];
  /** Whether every file gave definitions with names: otherwise a name that is not here may well be meant. */
  readonly complete: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

interface Kind {
  readonly what: string;
  readonly looksLike: (value: unknown) => boolean;
  readonly shape: Rule;
  readonly hint: string;
}

const checkKind: Kind = {
  what: 'check',
  looksLike: looksLikeCheck,
  shape: checkShape,
  hint: 'export const name = defineCheck({ … }); helpers belong in a folder below',
};

const experimentKind: Kind = {
  what: 'experiment',
  looksLike: looksLikeExperiment,
  shape: experimentShape,
  hint: 'export default defineExperiment({ … }); helpers belong in a folder below',
};

/** The checks that files export under any name. */
export const collectChecks = (modules: readonly ReadModule[]): Collected<AnyCheck> =>
  collect<AnyCheck>(modules, checkKind);

/** The experiments that files export, by default or by name. */
export const collectExperiments = (modules: readonly ReadModule[]): Collected<AnyExperiment> =>
  collect<AnyExperiment>(modules, experimentKind);

function collect<T extends { readonly name: string }>(
  modules: readonly ReadModule[],
  kind: Kind,
): Collected<T> {
  const found = distinct(modules.flatMap((module) => definitionsIn<T>(module, kind)));
  const problems = modules.flatMap((module) => problemsOf(module, kind));
  const faults = found.map((each) => kind.shape(each.value, each.path));
  return {
    sound: found.filter((_, index) => faults[index]?.length === 0),
    names: found.map(({ value }) => String(value.name)),
    complete: problems.length === 0 && found.every(({ value }) => typeof value.name === 'string'),
    diagnostics: [
      ...problems,
      ...found.flatMap((each, index) => inFile(each.file, faults[index] ?? [])),
      ...duplicates(found, kind),
    ],
  };
}

function definitionsIn<T>(module: ReadModule, kind: Kind): readonly Found<T>[] {
  if ('failure' in module) return [];
  return Object.entries(module.exports)
    .filter(([, value]) => kind.looksLike(value))
    .map(([path, value]) => ({ file: module.file, path, value: value as T }));
}

// The same object under two names, or passed on by another file, is one definition.
function distinct<T>(found: readonly Found<T>[]): readonly Found<T>[] {
  return found.filter(({ value }, index) => found.findIndex((other) => other.value === value) === index);
}

function problemsOf(module: ReadModule, kind: Kind): readonly Diagnostic[] {
  if ('failure' in module) return [module.failure];
  const { file, exports } = module;
  if (definitionsIn(module, kind).length > 0) return [];
  const names = Object.keys(exports);
  const got =
    names.length === 0 ? 'no export' : names.map((name) => `${name}: ${kindOf(exports[name])}`).join(', ');
  const { what, hint } = kind;
  return [
    {
      level: 'error',
      file,
      path: '',
      message: `this file exports no ${what}`,
      got,
      allowed: `at least one ${what}`,
      hint,
    },
  ];
}

const kindOf = (value: unknown): string => (isRecord(value) ? 'an object' : typeof value);

function duplicates(
  found: readonly Found<{ readonly name: string }>[],
  { what }: Kind,
): readonly Diagnostic[] {
  return found.flatMap(({ file, path, value: { name } }, index) => {
    const first = found.findIndex((other) => other.value.name === name);
    const other = found[first];
    if (first === index || other === undefined || typeof name !== 'string') return [];
    const message = `this name is taken by another ${what}`;
    return [
      {
        level: 'error',
        file,
        path: `${path}.name`,
        message,
        got: show(name),
        hint: `it stands in ${other.file} too, as ${other.path}`,
      },
    ];
  });
}
