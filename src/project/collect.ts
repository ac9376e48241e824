import type { AnyExperiment } from '../chaos/definition.ts';
import type { AnyOwnFault } from '../chaos/own-fault.ts';
import type { AnyCheck } from '../check/definition.ts';
import { type Diagnostic, inFile } from '../kernel/diagnostic.ts';
import { show } from '../kernel/nearest.ts';
import { isRecord, type Rule } from '../kernel/shape.ts';
import type { AnyChannelKind } from '../notify/channel.ts';
import { channelKindShape, looksLikeChannelKind } from './channel-kind.ts';
import { checkShape, looksLikeCheck } from './check-shape.ts';
import { looksLikeOwnFault, ownFaultShape } from './fault-shape.ts';
import { experimentShape, looksLikeExperiment } from './experiment-shape.ts';
import type { ReadModule } from './read-module.ts';
import type { Source } from '../sampling/source.ts';
import { looksLikeSource, sourceShape } from './source-shape.ts';

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

interface Kind<Part> {
  readonly what: string;
  /** The field that no two of them may share. */
  readonly key: keyof Part & string;
  /** Whether an exported value was meant as one, sound or not. */
  readonly looksLike: (value: unknown) => boolean;
  readonly shape: Rule;
  readonly hint: string;
}

/** What the files of each folder of a project export, by default or by name. */
export interface Parts {
  readonly checks: AnyCheck;
  readonly chaos: AnyExperiment;
  readonly channels: AnyChannelKind;
  readonly sources: Source;
  readonly faults: AnyOwnFault;
}

export type Folder = keyof Parts;

/**
 * How the parts of each folder are found and judged. A kind of part that teams write themselves (a channel, a source, a
 * fault) is one line in `Parts` and one entry here: finding the files, loading them, and every fault, a name that is
 * claimed twice among them, follow. `Project` then carries what is sound (`assemble.ts`), and `cross.ts` holds it against
 * the rest.
 */
const kinds: { readonly [F in Folder]: Kind<Parts[F]> } = {
  checks: {
    what: 'check',
    key: 'name',
    looksLike: looksLikeCheck,
    shape: checkShape,
    hint: 'export const name = defineCheck({ … }); helpers belong in a folder below',
  },
  chaos: {
    what: 'experiment',
    key: 'name',
    looksLike: looksLikeExperiment,
    shape: experimentShape,
    hint: 'export default defineExperiment({ … }); helpers belong in a folder below',
  },
  channels: {
    what: 'channel',
    key: 'kind',
    looksLike: looksLikeChannelKind,
    shape: channelKindShape,
    hint: 'export default defineChannel({ … }); helpers belong in a folder below',
  },
  sources: {
    what: 'source',
    key: 'name',
    looksLike: looksLikeSource,
    shape: sourceShape,
    hint: 'export default defineSource({ … }); helpers belong in a folder below',
  },
  faults: {
    what: 'fault',
    key: 'kind',
    looksLike: looksLikeOwnFault,
    shape: ownFaultShape,
    hint: 'export default defineFault({ … }); helpers belong in a folder below',
  },
};

/** In the order in which they are read. */
export const folders = Object.keys(kinds) as readonly Folder[];

/** The parts that the files of a folder export. */
export function collect<F extends Folder>(folder: F, modules: readonly ReadModule[]): Collected<Parts[F]> {
  return collectKind<Parts[F]>(modules, kinds[folder]);
}

function collectKind<Part>(modules: readonly ReadModule[], kind: Kind<Part>): Collected<Part> {
  const found = distinct(modules.flatMap((module) => definitionsIn(module, kind)));
  const problems = modules.flatMap((module) => problemsOf(module, kind));
  const faults = found.map((each) => kind.shape(each.value, each.path));
  return {
    sound: found.filter((_, index) => faults[index]?.length === 0),
    names: found.map(({ value }) => String(value[kind.key])),
    complete: problems.length === 0 && found.every(({ value }) => typeof value[kind.key] === 'string'),
    diagnostics: [
      ...problems,
      ...found.flatMap((each, index) => inFile(each.file, faults[index] ?? [])),
      ...duplicates(found, kind),
    ],
  };
}

function definitionsIn<Part>(module: ReadModule, kind: Kind<Part>): readonly Found<Part>[] {
  if ('failure' in module) return [];
  return Object.entries(module.exports)
    .filter(([, value]) => kind.looksLike(value))
    .map(([path, value]) => ({ file: module.file, path, value: value as Part }));
}

// The same object under two names, or passed on by another file, is one definition.
function distinct<T>(found: readonly Found<T>[]): readonly Found<T>[] {
  return found.filter(({ value }, index) => found.findIndex((other) => other.value === value) === index);
}

function problemsOf<Part>(module: ReadModule, kind: Kind<Part>): readonly Diagnostic[] {
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

function duplicates<Part>(found: readonly Found<Part>[], { what, key }: Kind<Part>): readonly Diagnostic[] {
  return found.flatMap(({ file, path, value }, index) => {
    const name = value[key];
    const first = found.findIndex((other) => other.value[key] === name);
    const other = found[first];
    if (first === index || other === undefined || typeof name !== 'string') return [];
    const message = `this ${key} is taken by another ${what}`;
    return [
      {
        level: 'error',
        file,
        path: `${path}.${key}`,
        message,
        got: show(name),
        hint: `it stands in ${other.file} too, as ${other.path}`,
      },
    ];
  });
}
