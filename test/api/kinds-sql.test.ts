import { silentLog } from '../../core/base/log.js';
import { allKinds, currencyKey, type EntityModel, type FieldModel } from '../../core/schema/index.js';
import { buildPendingIndexes, displayCollation, planDdl, readShape, runDdl } from '../../core/storage/index.js';
import { emptyDatabase, type EmptyDatabase } from '../support/empty-database.js';
import { modelOf, nameField } from '../support/entity-model.js';

// The shared list of cases against the real columns: what a kind lets through must fit, and come back as it was.
let base: EmptyDatabase;
let entity: EntityModel;
const ids = new Map<string, string>();

beforeAll(async () => {
  base = await emptyDatabase();
  const properties: Record<string, Record<string, unknown>> = { name: nameField };
  for (const kind of allKinds) {
    const { 'x-field': x, ...keywords } = (kind.cases.schema ?? {}) as { 'x-field'?: object };
    const to =
      kind.relation === undefined || kind.id === 'user' || kind.id === 'file'
        ? {}
        : { to: kind.relation === 'any' ? ['*'] : 'shop.thing' };
    properties[keyOf(kind.id)] = {
      ...keywords,
      'x-field': {
        kind: kind.id,
        searchable: true,
        index: true,
        ...x,
        ...to,
        // Rollups and lines are over the related list that the plain link makes.
        ...(kind.id === 'link' ? { inverse: 'parts', onDelete: 'cascade' } : {}),
      },
    };
  }
  const schema = modelOf({ id: 'shop.thing', properties });
  entity = schema.entities.get('shop.thing') as EntityModel;
  await base.db.transaction(async (tx) =>
    runDdl(tx, planDdl(await readShape(tx), schema, { collation: displayCollation('zh-CN') })),
  );
  await buildPendingIndexes({ db: base.db, log: silentLog, signal: new AbortController().signal });
});

afterAll(() => base.drop());

/** Formulas and lines have no columns of their own; a secret goes in sealed and never comes out. */
const written = allKinds.filter(
  (kind) => kind.relation !== 'many' && kind.sealed !== true && !['formula', 'lines'].includes(kind.id),
);

test.each(written.map((kind) => [kind.id, kind] as const))(
  'kind %s gets every canonical value back out of its columns',
  async (_id, kind) => {
    const field = entity.fields.get(keyOf(kind.id)) as FieldModel;
    for (const { input, canonical } of kind.cases.valid) {
      const value = canonical === undefined ? input : canonical;
      const got = await writeAndRead(field, value);
      if (kind.relation === undefined) expect(got).toEqual(value);
      else expect(got).toBe(typeof value === 'string' ? value : (value as { id: string }).id);
    }
    expect(await writeAndRead(field, null)).toBeNull();
  },
);

describe.each(allKinds.filter((kind) => kind.relation !== 'many').map((kind) => [kind.id, kind] as const))(
  'kind %s',
  (_id, kind) => {
    it('sorts, groups, searches and stands in expressions', async () => {
      const field = entity.fields.get(keyOf(kind.id)) as FieldModel;
      const type = kind.exprType(field);
      const members = type.t === 'object' ? Object.keys(type.members) : [];
      const parts = [
        kind.exprSql(field, 't', []),
        ...members.map((member) => kind.exprSql(field, 't', [member])),
        kind.sortSql(field, 't', displayCollation('zh-CN')),
        kind.groupSql(field, 't'),
        kind.searchSql(field, 't'),
      ].filter((sql) => sql !== null);
      const rows = await base.db.query({
        text: `select ${parts.join(', ')} from ${entity.table} t limit 1`,
        values: [],
      });
      expect(rows).toHaveLength(1);
      const sort = kind.sortSql(field, 't', '"C"');
      if (sort !== null)
        await base.db.query({
          text: `select 1 from ${entity.table} t order by ${sort}, (${sort})::${kind.sortType(field)}`,
          values: [],
        });
    });
  },
);

it('keeps the currency beside its amount', async () => {
  const field = entity.fields.get(currencyKey(keyOf('money'))) as FieldModel;
  expect(await writeAndRead(field, 'EUR')).toBe('EUR');
});

it('indexed what it was asked to: no index failed to build', async () => {
  const failed = await base.db.query<{ name: string; error: string }>({
    text: `select name, error from trellis.index_state where state = 'failed'`,
    values: [],
  });
  expect(failed).toEqual([]);
});

function keyOf(kind: string): string {
  return `f${kind[0].toUpperCase()}${kind.slice(1)}`;
}

/** As records writes and query reads: column form through json_to_recordset, API form through row_to_json. */
async function writeAndRead(field: FieldModel, value: unknown): Promise<unknown> {
  const columns = field.kind.columns(field);
  const id = ids.get(field.key) ?? crypto.randomUUID();
  ids.set(field.key, id);
  const names = columns.map((column) => `"${column.name}"`).join(', ');
  const record = columns.map((column) => `"${column.name}" ${column.type}`).join(', ');
  await base.db.query({
    text: `insert into ${entity.table} (id, name, ${names}) select $1::uuid, 'x', ${names} from json_to_recordset($2::json) as r(${record})
      on conflict (id) do update set (name, ${names}) = row(excluded.name, ${columns.map((column) => `excluded."${column.name}"`).join(', ')})`,
    values: [id, JSON.stringify([field.kind.encode(value, field)])],
  });
  const [row] = await base.db.query<{ json: string }>({
    text: `select row_to_json(r)::text as json from (select ${field.kind.select(field, 't')} as value from ${entity.table} t where id = $1::uuid) r`,
    values: [id],
  });
  return (JSON.parse(row.json) as { value: unknown }).value;
}
