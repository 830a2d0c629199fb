import { allKinds, buildSchema, type SchemaModel } from '../../core/schema/index.js';

export type Properties = Record<string, Record<string, unknown>>;

export const nameField = { title: 'Name', type: 'string', 'x-field': { kind: 'text', searchable: true } };

/** The model of some entities, beside the kernel's own that they may link to; fails the test where a definition is at fault. */
export function modelOf(...entities: { id: string; properties: Properties }[]): SchemaModel {
  const kernel = ['core.principal', 'core.user', 'core.attachment'].map((id) => ({
    id,
    properties: { name: nameField },
  }));
  const documents = [...entities, ...kernel].map(({ id, properties }) => ({
    id,
    document: {
      $id: id,
      title: id,
      type: 'object',
      required: [],
      properties,
      'x-entity': { titleField: 'name', titlePlural: id, icon: 'box' },
    },
  }));
  const { schema, problems } = buildSchema({ entities: documents }, (entity, field) => `${entity}/${field}`);
  expect(problems).toEqual([]);
  return schema;
}

/** Fields of every kind, with the keywords that the kind's own cases need; links point at `shop.thing`. */
export function everyKind(): Properties {
  const properties: Properties = { name: nameField };
  for (const kind of allKinds) {
    const { type, ...keywords } = (kind.cases.schema ?? {}) as Record<string, unknown> & { 'x-field'?: object };
    const to = kind.relation === undefined || kind.id === 'user' || kind.id === 'file' ? {} : { to: 'shop.thing' };
    const searchable = kind.id === 'tags' || kind.id === 'text';
    // Rollups and lines are over the related list that the plain link makes.
    const inverse = kind.id === 'link' ? { inverse: 'parts', onDelete: 'cascade' } : {};
    const field = { kind: kind.id, searchable, ...keywords['x-field'], ...to, ...inverse };
    properties[`f${kind.id[0].toUpperCase()}${kind.id.slice(1)}`] = {
      title: kind.id,
      ...(type ? { type } : {}),
      ...keywords,
      'x-field': field,
    };
  }
  return properties;
}
