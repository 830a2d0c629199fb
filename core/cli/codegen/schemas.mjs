import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compile } from 'json-schema-to-typescript';
import { header } from './header.mjs';

/** schemas/*.schema.json → schemas/generated/schemas.ts (the schemas as objects) and types.ts (their TypeScript types). */
export async function generateSchemas(root) {
  const folder = join(root, 'schemas');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.schema.json')).sort();
  const schemas = await Promise.all(
    names.map(async (name) => [
      name.replace('.schema.json', ''),
      JSON.parse(await readFile(join(folder, name), 'utf8')),
    ]),
  );
  return [
    { path: join(folder, 'generated', 'schemas.ts'), text: schemasText(schemas) },
    { path: join(folder, 'generated', 'types.ts'), text: await typesText(schemas) },
  ];
}

function schemasText(schemas) {
  const entries = schemas.map(
    ([name, schema]) => `  ${JSON.stringify(name)}: ${JSON.stringify(schema, null, 2).replaceAll('\n', '\n  ')},\n`,
  );
  return `${header}\n/** The JSON Schemas of the definition types, by type. */\nexport const definitionSchemas: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {\n${entries.join('')}};\n`;
}

/** Extensions share the property type with entities: compiled as one document, each type comes out once. */
async function typesText(schemas) {
  const $defs = {};
  for (const [, schema] of schemas) {
    const { $defs: own = {}, $schema: _dialect, $id: _id, ...rest } = schema;
    Object.assign($defs, own);
    $defs[schema.title] = rest;
  }
  const all = withoutConditions({
    title: 'Definitions',
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(schemas.map(([name, schema]) => [name, { $ref: `#/$defs/${schema.title}` }])),
    $defs,
  });
  const text = await compile(all, 'Definitions', {
    bannerComment: '',
    additionalProperties: false,
    unreachableDefinitions: false,
    format: false,
    ignoreMinAndMaxItems: true,
  });
  return `${header}\n${text.trim()}\n`;
}

/** TypeScript cannot say `if` and `then`; left in, they would only make intersections with nothing. */
function withoutConditions(value) {
  if (Array.isArray(value)) return value.map(withoutConditions);
  if (typeof value !== 'object' || value === null) return value;
  const isCondition = (key, inner) =>
    key === 'if' ||
    key === 'then' ||
    (key === 'allOf' && inner.every((part) => part.if)) ||
    (key === 'anyOf' && inner.every((part) => Object.keys(part).join() === 'required'));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => !isCondition(key, inner))
      .map(([key, inner]) => [key, withoutConditions(inner)]),
  );
}
