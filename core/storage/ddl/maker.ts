import { allKinds, buildSchema, type SchemaModel } from '../../schema/index.js';
import { shortHash } from './names.js';
import { planDdl, type DdlOptions } from './plan.js';
import { emptyShape } from './shape.js';

const known = new Map<string, string>();

/**
 * Tells apart what versions of Trellis, and settings of a workspace, make of the same model: a hash of the plan for a sample that has
 * fields of every kind, rollups of every function, an index, a search, a unique. Eight hex digits.
 */
export function ddlMaker({ collation, zone }: DdlOptions): string {
  const key = `${collation} ${zone ?? ''}`;
  const maker =
    known.get(key) ??
    shortHash(
      planDdl(emptyShape, sample(), { collation, zone })
        .map(({ sql }) => sql)
        .join('\n'),
    );
  known.set(key, maker);
  return maker;
}

function sample(): SchemaModel {
  const entity = (id: string, properties: object, more: object = {}) => ({
    id,
    document: {
      $id: id,
      title: id,
      type: 'object',
      properties: {
        name: { title: 'Name', type: 'string', 'x-field': { kind: 'text', searchable: true } },
        ...properties,
      },
      'x-entity': { titleField: 'name', titlePlural: id, icon: 'box', ...more },
    },
  });
  const field = (kind: string, x: object = {}): object => ({ title: kind, 'x-field': { kind, ...x } });
  const rollups = ['sum', 'min', 'max', 'avg'].flatMap((fn) => [
    [`${fn}Size`, field('rollup', { of: 'parts', fn, field: 'size' })],
    [`${fn}Price`, field('rollup', { of: 'parts', fn, field: 'price' })],
  ]);
  const kinds = allKinds
    .filter(({ relation, id }) => relation === undefined && !['rollup', 'formula', 'lines'].includes(id))
    .map((kind) => {
      const { type, ...keywords } = (kind.cases.schema ?? {}) as Record<string, unknown> & { 'x-field'?: object };
      const property = { title: kind.id, ...(type ? { type } : {}), ...keywords };
      return [`f${kind.id}`, { ...property, 'x-field': { kind: kind.id, ...keywords['x-field'] } }];
    });
  const { schema } = buildSchema(
    {
      entities: [
        entity('core.principal', {}),
        entity('core.user', {}),
        entity('core.attachment', {}),
        entity(
          'sample.whole',
          {
            ...Object.fromEntries([...kinds, ...rollups]),
            count: field('rollup', { of: 'parts', fn: 'count', filter: 'size > 1' }),
            code: field('text', { unique: true, index: true }),
            others: field('links', { to: 'sample.part' }),
            any: field('link', { to: ['*'] }),
          },
          { ownership: 'principal', indexes: [['name', 'code']], unique: [['name', 'code']] },
        ),
        entity('sample.part', {
          size: field('integer'),
          price: field('money'),
          whole: field('link', { to: 'sample.whole', inverse: { key: 'parts', title: 'Parts' } }),
        }),
      ],
      criteria: [{ entity: 'sample.part', when: 'size > 1' }],
    },
    (id, key) => `${id}/${key}`,
  );
  return schema;
}
