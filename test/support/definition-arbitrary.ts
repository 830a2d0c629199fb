import fc from 'fast-check';
import { definitionSchemas } from '../../schemas/generated/schemas.js';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Random documents in the shape of a definition type's JSON Schema: right keys, lists and objects, words from a small pool so
 * that two documents share many. Patterns and names are not kept: what works on documents must not need them sound.
 */
export function definitionArbitrary(type: string): fc.Arbitrary<JsonObject> {
  const schema = definitionSchemas[type] as JsonObject;
  const definitions = (schema.$defs ?? {}) as Readonly<Record<string, JsonObject>>;
  return valueOf(schema, definitions, 0) as fc.Arbitrary<JsonObject>;
}

const words = ['a', 'b', 'c', 'd', 'e', 'x_a', 'a.b', 'a/b', 'm~n', ''];

function valueOf(
  schema: JsonObject,
  definitions: Readonly<Record<string, JsonObject>>,
  depth: number,
): fc.Arbitrary<unknown> {
  const inner = (next: unknown): fc.Arbitrary<unknown> => valueOf((next ?? {}) as JsonObject, definitions, depth + 1);
  if (typeof schema.$ref === 'string') return inner(definitions[schema.$ref.replace('#/$defs/', '')]);
  const branches = (schema.oneOf ?? schema.anyOf) as JsonObject[] | undefined;
  if (branches && schema.properties === undefined) return fc.oneof(...branches.map(inner));
  if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as unknown[]));
  if (schema.const !== undefined) return fc.constant(schema.const);
  const type = Array.isArray(schema.type) ? (schema.type as string[])[0] : schema.type;
  if (type === 'string') return fc.constantFrom(...words);
  if (type === 'integer' || type === 'number') return fc.integer({ min: 0, max: 5 });
  if (type === 'boolean') return fc.boolean();
  if (depth > 8) return fc.constant(null);
  if (type === 'array') return fc.array(inner(schema.items), { maxLength: 6 });
  if (type === 'object' || schema.properties !== undefined) return objectOf(schema, inner);
  return fc.oneof(fc.constant(null), fc.constantFrom(...words), fc.array(fc.constantFrom(...words), { maxLength: 4 }));
}

function objectOf(schema: JsonObject, inner: (schema: unknown) => fc.Arbitrary<unknown>): fc.Arbitrary<JsonObject> {
  const properties = (schema.properties ?? {}) as JsonObject;
  const own = fc.record(Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, inner(value)])), {
    requiredKeys: [],
  });
  const more = schema.additionalProperties;
  if (typeof more !== 'object' || more === null) return own;
  return fc
    .tuple(own, fc.dictionary(fc.constantFrom(...words), inner(more), { maxKeys: 4 }))
    .map(([a, b]) => ({ ...b, ...a }));
}
