/** The first thing about a value that is not as it must be. */
export interface ShapeFault {
  /** Names of fields and numbers of items that lead to it. */
  readonly path: readonly (string | number)[];
  readonly got: unknown;
  readonly allowed: string;
}

/** What a value must be: judged when it is read, and published as JSON Schema. */
export interface Shape<T> {
  readonly schema: object;
  readonly fault: (value: unknown) => ShapeFault | undefined;
  /** Only for the compiler: a shape is of exactly its type. */
  readonly of?: (value: T) => T;
}

/** A field that may be missing. */
export interface Optional<T> {
  readonly optional: Shape<T>;
}

export const optional = <T>(shape: Shape<T>): Optional<T> => ({ optional: shape });

function matching<T>(schema: object, allowed: string, accepts: (value: unknown) => boolean): Shape<T> {
  return { schema, fault: (got) => (accepts(got) ? undefined : { path: [], got, allowed }) };
}

/** A number within bounds, both inclusive. */
export function number({
  min,
  max,
  whole = false,
}: {
  readonly min: number;
  readonly max: number;
  readonly whole?: boolean;
}): Shape<number> {
  return matching(
    { type: whole ? 'integer' : 'number', minimum: min, maximum: max },
    `a ${whole ? 'whole ' : ''}number from ${min} to ${max}`,
    (value) =>
      typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value)),
  );
}

const longestText = 100_000;

/** Text of at most 100,000 characters. */
export const text: Shape<string> = matching(
  { type: 'string', maxLength: longestText },
  `text of at most ${longestText} characters`,
  (value) => typeof value === 'string' && value.length <= longestText,
);

export const flag: Shape<boolean> = matching(
  { type: 'boolean' },
  'true or false',
  (value) => typeof value === 'boolean',
);

export const yes: Shape<true> = matching({ const: true }, 'true', (value) => value === true);

export function oneOf<const T extends string>(...names: readonly T[]): Shape<T> {
  const known = new Set<unknown>(names);
  return matching({ enum: names }, names.join(', '), (value) => known.has(value));
}

/** The same where earlier versions wrote a name otherwise: `upgrade` reads it as the one of today. */
export function orFormerly<T extends string>(shape: Shape<T>, name: string): Shape<T> {
  return {
    schema: { anyOf: [shape.schema, { const: name, deprecated: true }] },
    fault: (value) => (value === name ? undefined : shape.fault(value)),
  };
}

/** Text of a form. */
export function like<T extends string>(pattern: RegExp, allowed: string): Shape<T> {
  return matching(
    { type: 'string', pattern: pattern.source },
    allowed,
    (value) => typeof value === 'string' && pattern.test(value),
  );
}

export function orNull<T>({ schema, fault }: Shape<T>): Shape<T | null> {
  return {
    schema: { anyOf: [schema, { type: 'null' }] },
    fault: (value) => (value === null ? undefined : fault(value)),
  };
}

/** The first shape that fits. */
export function either<A, B>(one: Shape<A>, other: Shape<B>): Shape<A | B> {
  return {
    schema: { anyOf: [one.schema, other.schema] },
    fault: (value) => (one.fault(value) === undefined ? undefined : other.fault(value)),
  };
}

const mostItems = 100_000;

/** At most 100,000 of them. */
export function list<T>(item: Shape<T>): Shape<readonly T[]> {
  return {
    schema: { type: 'array', items: item.schema, maxItems: mostItems },
    fault(value) {
      if (!Array.isArray(value) || value.length > mostItems)
        return { path: [], got: value, allowed: `a list of at most ${mostItems} items` };
      for (let index = 0; index < value.length; index++) {
        const fault = item.fault(value[index]);
        if (fault !== undefined) return within(index, fault);
      }
      return undefined;
    },
  };
}

/** Names that the definitions chose, with values. */
export function record<T>(each: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return {
    schema: { type: 'object', additionalProperties: each.schema },
    fault(value) {
      if (!isRecord(value)) return { path: [], got: value, allowed: 'an object' };
      for (const name of Object.keys(value)) {
        const fault = each.fault(value[name]);
        if (fault !== undefined) return within(name, fault);
      }
      return undefined;
    },
  };
}

/** A field that the type gains and the shape lacks does not compile; nor does one of another type. */
export type FieldsOf<T> = {
  readonly [K in keyof T]-?: object extends Pick<T, K> ? Optional<Required<T>[K]> : Shape<T[K]>;
};

/** An object with these fields. Others are ignored: a later version may have written them. */
export function object<T extends object>(fields: FieldsOf<T>): Shape<T> {
  const entries = Object.entries(fields as Readonly<Record<string, Shape<unknown> | Optional<unknown>>>);
  const rows = entries.map(([name, field]) => ({
    name,
    needed: !('optional' in field),
    shape: 'optional' in field ? field.optional : field,
  }));
  return {
    schema: {
      type: 'object',
      required: rows.filter(({ needed }) => needed).map(({ name }) => name),
      properties: Object.fromEntries(rows.map(({ name, shape }) => [name, shape.schema])),
    },
    fault(value) {
      if (!isRecord(value)) return { path: [], got: value, allowed: 'an object' };
      for (const { name, needed, shape } of rows) {
        const item = Object.hasOwn(value, name) ? value[name] : undefined;
        if (item === undefined && !needed) continue;
        const fault = shape.fault(item);
        if (fault !== undefined) return within(name, fault);
      }
      return undefined;
    },
  };
}

/** One of several kinds of object, told apart by one field. */
export function tagged<T extends object, Tag extends keyof T & string>(
  tag: Tag,
  kinds: { readonly [K in T[Tag] & string]: Shape<Extract<T, { readonly [Name in Tag]: K }>> },
): Shape<T> {
  const known = new Map(Object.entries(kinds as Readonly<Record<string, Shape<unknown>>>));
  const allowed = [...known.keys()].join(', ');
  return {
    schema: { oneOf: [...known.values()].map(({ schema }) => schema) },
    fault(value) {
      if (!isRecord(value)) return { path: [], got: value, allowed: 'an object' };
      const kind = value[tag];
      const shape = typeof kind === 'string' ? known.get(kind) : undefined;
      return shape === undefined ? { path: [tag], got: kind, allowed } : shape.fault(value);
    },
  };
}

const within = (key: string | number, { path, ...rest }: ShapeFault): ShapeFault => ({
  path: [key, ...path],
  ...rest,
});

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
