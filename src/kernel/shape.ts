import type { Fault } from './diagnostic.ts';
import { show, suggest, nearest } from './nearest.ts';
import { parseDuration } from './duration.ts';

/** Judges a value found at a path of a definition. */
export type Rule = (value: unknown, path: string) => readonly Fault[];

export type Fields = Readonly<Record<string, Rule>>;

const sound: readonly Fault[] = [];

/** One error at a path. */
export function wrong(
  path: string,
  message: string,
  rest: Partial<Omit<Fault, 'path' | 'message'>> = {},
): Fault {
  return { level: 'error', path, message, ...rest };
}

export const isRecord = (found: unknown): found is Readonly<Record<string, unknown>> =>
  typeof found === 'object' && found !== null && !Array.isArray(found);

/** The path of a member: `a.b`, or `a['b.c']` where the name is not an identifier. */
export function member(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$]*$/.test(key)) return `${path}['${key}']`;
  return path === '' ? key : `${path}.${key}`;
}

/** A value that satisfies a predicate. */
export function matching(accepts: (found: unknown) => boolean, message: string, allowed: string): Rule {
  return (found, path) => (accepts(found) ? sound : [wrong(path, message, { got: show(found), allowed })]);
}

export const text = (allowed = 'text that is not empty'): Rule =>
  matching((found) => typeof found === 'string' && found.trim() !== '', 'this must be text', allowed);

export const like = (pattern: RegExp, allowed: string): Rule =>
  matching(
    (found) => typeof found === 'string' && pattern.test(found),
    'this text has another form',
    allowed,
  );

export const flag: Rule = matching(
  (found) => typeof found === 'boolean',
  'this must be a yes or no',
  'true or false',
);

export const callable: Rule = matching(
  (found) => typeof found === 'function',
  'this must be a function',
  'a function',
);

export const anything: Rule = () => sound;

export function oneOf(...names: readonly string[]): Rule {
  return (found, path) => {
    if (typeof found === 'string' && names.includes(found)) return sound;
    const near = typeof found === 'string' ? nearest(found, names) : undefined;
    return [
      wrong(path, 'this is not one of the known values', { got: show(found), ...suggest(near, names) }),
    ];
  };
}

/** A number within bounds, both inclusive. */
export function number(bounds: {
  readonly min: number;
  readonly max?: number;
  readonly whole?: boolean;
}): Rule {
  const { min, max = Number.MAX_SAFE_INTEGER, whole = false } = bounds;
  const upTo = bounds.max === undefined ? ` of at least ${min}` : ` from ${min} to ${max}`;
  return matching(
    (found) =>
      typeof found === 'number' && found >= min && found <= max && (!whole || Number.isInteger(found)),
    'this number cannot be used',
    `a ${whole ? 'whole ' : ''}number${upTo}`,
  );
}

const units = 'a number with ms, s, m, h or d, such as 650ms or 5m';

export interface DurationBounds {
  /** Default 1 ms. */
  readonly minMs?: number;
  readonly maxMs?: number;
  /** Must be a multiple of this. */
  readonly stepMs?: number;
  /** The bounds in words. */
  readonly allowed?: string;
}

/** A duration such as `'650ms'`, longer than nothing unless the bounds say otherwise. */
export function duration({
  minMs = 1,
  maxMs = Number.POSITIVE_INFINITY,
  stepMs,
  allowed = units,
}: DurationBounds = {}): Rule {
  return (found, path) => {
    const ms = typeof found === 'string' ? parseDuration(found) : undefined;
    if (ms === undefined)
      return [wrong(path, 'this is not a duration', { got: show(found), allowed: units })];
    const fits = ms >= minMs && ms <= maxMs && (stepMs === undefined || ms % stepMs === 0);
    return fits ? sound : [wrong(path, 'this duration is out of bounds', { got: show(found), allowed })];
  };
}

/** A list in which each item follows the rule. */
export function list(item: Rule, { min = 0, what = 'items' } = {}): Rule {
  return (found, path) => {
    if (!Array.isArray(found))
      return [wrong(path, 'this must be a list', { got: show(found), allowed: `a list of ${what}` })];
    if (found.length < min)
      return [
        wrong(path, `this list holds too few ${what}`, {
          got: String(found.length),
          allowed: `at least ${min}`,
        }),
      ];
    return found.flatMap((each, index) => item(each, `${path}[${index}]`));
  };
}

/** A record whose every value follows the rule. */
export function record(each: Rule, key: Rule = anything): Rule {
  return (found, path) => {
    if (!isRecord(found))
      return [wrong(path, 'this must be an object', { got: show(found), allowed: 'names with values' })];
    return Object.entries(found).flatMap(([name, item]) => [
      ...key(name, member(path, name)),
      ...each(item, member(path, name)),
    ]);
  };
}

type RequiredKeys<T> = { [K in keyof T]-?: T extends Record<K, T[K]> ? K : never }[keyof T];
type OptionalKeys<T> = Exclude<keyof T, RequiredKeys<T>>;

/** A rule for each field of a type: a field that the type gains and the rules lack does not compile. */
type RulesOf<T, Keys extends keyof T> = { readonly [K in Keys]-?: Rule };

/**
 * An object with these fields and no others, so that a misspelt option is never ignored.
 * @typeParam T the type that the fields are those of.
 */
export function object<T extends object>(
  required: RulesOf<T, RequiredKeys<T>>,
  ...[optional]: [OptionalKeys<T>] extends [never] ? [] : [RulesOf<T, OptionalKeys<T>>]
): Rule {
  return fields(required, optional ?? {});
}

/** An object with these fields and no others, whatever its type. */
export function fields(required: Fields, optional: Fields = {}): Rule {
  return (found, path) => {
    if (!isRecord(found)) {
      return [
        wrong(path, 'this must be an object', {
          got: show(found),
          allowed: Object.keys(required).join(', '),
        }),
      ];
    }
    return [
      ...unknownFields(found, [...Object.keys(required), ...Object.keys(optional)], path),
      ...Object.entries(required).flatMap(([name, rule]) => requiredField(found, name, rule, path)),
      ...Object.entries(optional).flatMap(([name, rule]) =>
        found[name] === undefined ? sound : rule(found[name], member(path, name)),
      ),
    ];
  };
}

function requiredField(
  found: Readonly<Record<string, unknown>>,
  name: string,
  rule: Rule,
  path: string,
): readonly Fault[] {
  const at = member(path, name);
  if (found[name] !== undefined) return rule(found[name], at);
  const allowed = rule(undefined, at)[0]?.allowed;
  return [wrong(at, 'this field is missing', allowed === undefined ? {} : { allowed })];
}

function unknownFields(found: object, names: readonly string[], path: string): readonly Fault[] {
  return Object.keys(found)
    .filter((name) => !names.includes(name))
    .map((name) =>
      wrong(member(path, name), 'there is no such field', {
        got: name,
        ...suggest(nearest(name, names), names),
      }),
    );
}

/** The first rule that accepts, or the faults of the one that comes closest. */
export function either(...rules: readonly [Rule, ...Rule[]]): Rule {
  return (found, path) => {
    const tried = rules.map((rule) => rule(found, path));
    return tried.toSorted((a, b) => a.length - b.length || depth(b) - depth(a))[0] ?? sound;
  };
}

const depth = (faults: readonly Fault[]): number => Math.max(0, ...faults.map(({ path }) => path.length));

/** A name that must be among the known ones. */
export function known(what: string, names: Iterable<string>): Rule {
  const all = [...names];
  return (found, path) => {
    if (typeof found === 'string' && all.includes(found)) return sound;
    const near = typeof found === 'string' ? nearest(found, all) : undefined;
    return [wrong(path, `there is no such ${what}`, { got: show(found), ...suggest(near, all) })];
  };
}

/** A schema of a library that keeps to the Standard Schema. */
export const standardSchema = matching(
  (found) => (isRecord(found) || typeof found === 'function') && isRecord(Reflect.get(found, '~standard')),
  'this is not a schema',
  "a Standard Schema, such as zod's",
);

/** The name of something that a project defines. */
export const kebab = like(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case words joined by -, such as price-complete');
