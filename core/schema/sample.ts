import { buildSchema } from './build.js';
import type { EntityModel, FieldModel, SchemaModel } from './model.js';

/** A schema from plain entity documents, for tests; throws on any problem. */
export function sampleSchema(documents: Readonly<Record<string, Readonly<Record<string, unknown>>>>): SchemaModel {
  const entities = Object.entries(documents).map(([id, document]) => ({
    id,
    document: { $id: id, title: id, type: 'object', ...document },
  }));
  const { schema, problems } = buildSchema(
    { entities: [...kernelStubs.filter((stub) => !(stub.id in documents)), ...entities] },
    (entity, field) => `${entity}/${field}`,
  );
  if (problems.length > 0) throw new Error(JSON.stringify(problems, null, 1));
  return schema;
}

/** One entity `test.thing` with these properties besides `name`, for tests. */
export function sampleEntity(
  properties: Readonly<Record<string, unknown>>,
  rest: Readonly<Record<string, unknown>> = {},
): EntityModel {
  const schema = sampleSchema({
    'contacts.company': named('Company'),
    'contacts.contact': named('Contact'),
    'test.part': {
      ...named('Part'),
      properties: {
        name: { 'x-field': { kind: 'text' } },
        thing: { 'x-field': { kind: 'link', to: 'test.thing', inverse: 'parts', onDelete: 'cascade' } },
        amount: { 'x-field': { kind: 'decimal' } },
      },
    },
    'test.thing': {
      title: 'Thing',
      properties: {
        name: { title: 'Name', type: 'string', 'x-field': { kind: 'text', searchable: true } },
        ...properties,
      },
      'x-entity': { titleField: 'name' },
      ...rest,
    },
  });
  return schema.entities.get('test.thing') as EntityModel;
}

/** A field `value` of a kind, with further keywords, for tests. */
export function sampleField(kind: string, schema: Readonly<Record<string, unknown>> = {}): FieldModel {
  const { 'x-field': x, ...keywords } = schema;
  const to = kind === 'link' || kind === 'links' ? { to: 'contacts.company' } : {};
  return sampleEntity({
    value: { title: 'Value', ...keywords, 'x-field': { kind, ...to, ...(x as object | undefined) } },
  }).fields.get('value') as FieldModel;
}

function named(title: string): Record<string, unknown> {
  return {
    title,
    properties: { name: { 'x-field': { kind: 'text', searchable: true } } },
    'x-entity': { titleField: 'name' },
  };
}

const kernelStubs = ['core.principal', 'core.user', 'core.attachment'].map((id) => ({
  id,
  document: { ...named(id), 'x-entity': { titleField: 'name', ownership: 'none' } },
}));
