import fc from 'fast-check';

interface Schema {
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly type?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** Text that would be markup, a workflow command, a terminal's or a table's, wherever it is not escaped. */
export const hostileTexts = [
  '',
  'x',
  '<zz-evil onload=1>',
  '"><zz-evil zz-evil="',
  "' zz-evil='1",
  '</script><zz-evil>',
  '<!--<zz-evil>',
  '[a](javascript:zz-evil)',
  '`<zz-evil>`\n\n<zz-evil>',
  '|<zz-evil>|\n|-|',
  ']]><zz-evil/>',
  '&lt;zz-evil&gt;',
  '::error::zz-evil',
  '\u001b[2J\u202e',
  '__proto__',
  'constructor',
  '\ud800',
  'Asia/Jakarta',
  'p95',
  'gate',
] as const;

const hostileText = fc.oneof(fc.constantFrom(...hostileTexts), fc.string({ maxLength: 12 }));

/** Numbers at and near the bounds, and ordinary ones. */
function numberIn({ type, minimum = -1e9, maximum = 1e9 }: Schema): fc.Arbitrary<number> {
  const near = [minimum, maximum, minimum + 1, 1, 60_000, 1_789_270_800_000, 0.5];
  const fit = near
    .map((n) => (type === 'integer' ? Math.round(n) : n))
    .filter((n) => n >= minimum && n <= maximum);
  return fc.constantFrom(...fit);
}

/** What the schema accepts, hostile within it. */
export function fromSchema(schema: Schema): fc.Arbitrary<unknown> {
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map(fromSchema));
  switch (schema.type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'number':
    case 'integer':
      return numberIn(schema);
    case 'string':
      return schema.pattern === undefined
        ? hostileText
        : fc.constantFrom('p95', 'p99.9', 'rate', 'max', 'last');
    case 'array':
      return fc.array(fromSchema(schema.items ?? {}), { maxLength: 4 });
    case 'object':
      return objectOf(schema);
    default:
      return fc.jsonValue({ maxDepth: 3 });
  }
}

function objectOf({ properties, required = [], additionalProperties }: Schema): fc.Arbitrary<unknown> {
  if (properties === undefined)
    return fc.dictionary(hostileText, fromSchema(additionalProperties ?? {}), { maxKeys: 3 });
  const fields = Object.fromEntries(
    Object.entries(properties).map(([name, field]) => [name, fromSchema(field)]),
  );
  return fc.record(fields, { requiredKeys: [...required] });
}
