import { silentLog } from '../../core/base/log.js';
import { checkExpression } from '../../core/expression/index.js';
import { criterionSql, exprScope, type SchemaModel } from '../../core/schema/index.js';
import {
  buildPendingIndexes,
  displayCollation,
  emptyShape,
  planDdl,
  readShape,
  runDdl,
  searchExpression,
  uniqueKeys,
  type DdlStep,
} from '../../core/storage/index.js';
import { emptyDatabase, type EmptyDatabase } from '../support/empty-database.js';
import { everyKind, modelOf, nameField as name } from '../support/entity-model.js';

let base: EmptyDatabase;

beforeEach(async () => {
  base = await emptyDatabase();
});

afterEach(() => base.drop());

async function apply(schema: SchemaModel): Promise<DdlStep[]> {
  return base.db.transaction(async (tx) => {
    const steps = planDdl(await readShape(tx), schema, { collation: displayCollation('zh-CN') });
    await runDdl(tx, steps);
    return steps;
  });
}

const query = (text: string, values: unknown[] = []) => base.db.query({ text, values });
const fill = (rows: number) =>
  query(
    `insert into data."shop__thing" (id, name) select gen_random_uuid(), 'n' || i from generate_series(1, $1::int) i`,
    [rows],
  );
const builder = () => buildPendingIndexes({ db: base.db, log: silentLog, signal: new AbortController().signal });

test('fields of every kind get tables, and a second plan is empty', async () => {
  const schema = modelOf({ id: 'shop.thing', properties: everyKind() });
  expect((await apply(schema)).length).toBeGreaterThan(10);
  expect(await apply(schema)).toEqual([]);
});

test('all columns of a new table come in one statement', async () => {
  const steps = await apply(modelOf({ id: 'shop.thing', properties: everyKind() }));
  expect(steps.filter((step) => step.kind === 'alter')).toEqual([]);
  expect(steps.filter((step) => step.sql.startsWith('create table data."shop__thing" '))).toHaveLength(1);
});

test('new fields are added in one statement without touching the rows', async () => {
  await apply(modelOf({ id: 'shop.thing', properties: { name } }));
  await fill(10);
  const [before] = await query(`select pg_relation_filenode('data.shop__thing') as node`);
  const steps = await apply(
    modelOf({
      id: 'shop.thing',
      properties: {
        name,
        price: { title: 'Price', 'x-field': { kind: 'money' } },
        size: { title: 'Size', 'x-field': { kind: 'integer' } },
      },
    }),
  );
  expect(steps.filter((step) => step.kind === 'alter')).toHaveLength(1);
  expect(await query(`select pg_relation_filenode('data.shop__thing') as node`)).toEqual([before]);
});

test('a field that is gone keeps its column', async () => {
  await apply(
    modelOf({ id: 'shop.thing', properties: { name, size: { title: 'Size', 'x-field': { kind: 'integer' } } } }),
  );
  await apply(modelOf({ id: 'shop.thing', properties: { name } }));
  expect(
    (
      await readShape({
        query: async (text: string, values?: readonly unknown[]) =>
          (await base.db.query({ text, values: values ?? [] })) as never,
      })
    ).tables
      .get('shop__thing')
      ?.columns.has('size'),
  ).toBe(true);
});

test('a kind with another column type is refused by name', async () => {
  await apply(
    modelOf({ id: 'shop.thing', properties: { name, size: { title: 'Size', 'x-field': { kind: 'integer' } } } }),
  );
  const changed = modelOf({
    id: 'shop.thing',
    properties: { name, size: { title: 'Size', 'x-field': { kind: 'date' } } },
  });
  await expect(apply(changed)).rejects.toMatchObject({
    code: 'catalog.not_storable',
    issues: [{ path: 'shop.thing.size', code: 'catalog.kind_changed' }],
  });
});

test('more columns than a table holds are refused', async () => {
  await apply(modelOf({ id: 'shop.thing', properties: { name } }));
  // Dropped columns count for ever.
  await query(
    `do $$ begin for i in 1 .. 1585 loop execute 'alter table data.shop__thing add column gone int'; execute 'alter table data.shop__thing drop column gone'; end loop; end $$`,
  );
  const wide = Object.fromEntries(
    Array.from({ length: 20 }, (_, i) => [`f${i}`, { title: 'F', 'x-field': { kind: 'boolean' } }]),
  );
  const links = Object.fromEntries(
    Object.keys(wide).map((key) => [key, { title: 'F', 'x-field': { kind: 'link', to: 'shop.thing' } }]),
  );
  await expect(apply(modelOf({ id: 'shop.thing', properties: { name, ...links } }))).rejects.toMatchObject({
    issues: [{ code: 'catalog.too_many_columns' }],
  });
  // What nothing joins by finds room elsewhere.
  const steps = await apply(modelOf({ id: 'shop.thing', properties: { name, ...wide } }));
  expect(steps.map(({ kind, table }) => [kind, table])).toContainEqual(['create', 'shop__thing$o1']);
});

test('a row that cannot fit its page is refused where all its fields must stand in one table', () => {
  const wide = Object.fromEntries(
    Array.from({ length: 400 }, (_, i) => [`f${i}`, { title: 'F', 'x-field': { kind: 'text', unique: true } }]),
  );
  expect(() =>
    planDdl(emptyShape, modelOf({ id: 'shop.thing', properties: { name, ...wide } }), {
      collation: '"und-x-icu"',
    }),
  ).toThrow(/whose rows hold/);
});

test('a search uses the index of the search expression', async () => {
  const schema = modelOf({
    id: 'shop.thing',
    properties: { name, city: { title: 'City', 'x-field': { kind: 'text', searchable: true } } },
  });
  await apply(schema);
  await fill(5_000);
  await query('analyze data.shop__thing');
  const document = searchExpression(schema.entities.get('shop.thing')!, 't');
  const plan = await query(
    `explain select id from data.shop__thing t where trellis.grams(${document}) @> trellis.query_grams('n4999') and deleted_at is null`,
  );
  expect(JSON.stringify(plan)).toContain('shop__thing$ix$search');
});

test('few of the newest rows wait outside of an index, where each search would read them all', async () => {
  const tags = { title: 'Tags', 'x-field': { kind: 'tags' } };
  await apply(modelOf({ id: 'shop.thing', properties: { name, tags } }));
  await query(
    `insert into data."shop__thing" (id, name, tags) select gen_random_uuid(), md5(i::text), array[md5(i::text)] from generate_series(1, 5000) i`,
  );
  const waiting = await query(
    `select gin_clean_pending_list(c.oid) as pages from pg_class c join pg_am a on a.oid = c.relam where a.amname = 'gin' and c.relname like 'shop\\_\\_thing%'`,
  );
  expect(waiting).toHaveLength(2);
  expect(Math.max(...waiting.map((row) => Number(row.pages)))).toBeLessThan(20);
});

test('a criterion has an index that serves it, made anew where its field is of another kind, and dropped with it', async () => {
  const wanted = (size: string, when: string | null): SchemaModel => {
    const model = modelOf({
      id: 'shop.thing',
      properties: { name, size: { title: 'Size', 'x-field': { kind: size } } },
    });
    const thing = model.entities.get('shop.thing')!;
    const criteria = when === null ? [] : [checkExpression(when, exprScope(model, thing.id), { t: 'boolean' })];
    return { ...model, entities: new Map([...model.entities, [thing.id, { ...thing, criteria }]]) };
  };
  const planOf = async (schema: SchemaModel): Promise<string> => {
    const thing = schema.entities.get('shop.thing')!;
    const condition = criterionSql(thing, thing.criteria![0], 't');
    return JSON.stringify(
      await query(
        `explain select id from data.shop__thing t where ${condition} and deleted_at is null order by created_at desc, id desc limit 5`,
      ),
    );
  };
  const whole = wanted('integer', 'size == 7 && name.endsWith("9")');
  await apply(whole);
  await fill(3_000);
  await query('update data.shop__thing set size = length(name)');
  await query('analyze data.shop__thing');
  expect(await planOf(whole)).toContain('shop__thing$ix$criterion');
  const decimal = wanted('decimal', 'size == 7 && name.endsWith("9")');
  await apply(decimal);
  await builder();
  expect(await planOf(decimal)).toContain('shop__thing$ix$criterion');
  await apply(wanted('decimal', null));
  expect(await query(`select 1 from pg_class where relname like '%$criterion$%'`)).toEqual([]);
});

test('a filled table gets its indexes by the job, not in the change', async () => {
  await apply(modelOf({ id: 'shop.thing', properties: { name } }));
  await fill(30_000);
  const schema = modelOf({
    id: 'shop.thing',
    properties: {
      name,
      status: { title: 'Status', 'x-field': { kind: 'choice', options: [{ value: 'a', title: 'A' }] } },
    },
  });
  const steps = await apply(schema);
  expect(steps.filter((step) => step.kind === 'index').every((step) => step.concurrent)).toBe(true);
  expect(await query(`select count(*)::int as n from trellis.index_state where state = 'pending'`)).not.toEqual([
    { n: 0 },
  ]);
  await builder();
  expect(await query(`select count(*)::int as n from trellis.index_state where state <> 'active'`)).toEqual([{ n: 0 }]);
  expect(await apply(schema)).toEqual([]);
});

test('a unique over duplicates ends as failed and names them; it is built once they are gone', async () => {
  await apply(modelOf({ id: 'shop.thing', properties: { name } }));
  await query(`insert into data."shop__thing" (id, name) select gen_random_uuid(), 'same' from generate_series(1, 2)`);
  const schema = modelOf({
    id: 'shop.thing',
    properties: { name: { ...name, 'x-field': { ...name['x-field'], unique: true } } },
  });
  await apply(schema);
  await builder();
  expect(await query(`select error from trellis.index_state where state = 'failed'`)).toEqual([
    { error: expect.stringContaining('same') },
  ]);
  await query(`update data.shop__thing set name = id::text`);
  await apply(schema);
  await builder();
  expect(await query(`select 1 from trellis.index_state where state <> 'active'`)).toEqual([]);
  const { index } = uniqueKeys(schema.entities.get('shop.thing')!).find(({ keys }) => keys[0] === 'name')!;
  const twice = query(
    `insert into data.shop__thing (id, name) select gen_random_uuid(), 'twin' from generate_series(1, 2)`,
  );
  await expect(twice).rejects.toMatchObject({ params: { constraint: index } });
});

test('an index that nothing wants any longer is dropped', async () => {
  await apply(
    modelOf({
      id: 'shop.thing',
      properties: { name, size: { title: 'Size', 'x-field': { kind: 'integer', index: true } } },
    }),
  );
  const steps = await apply(
    modelOf({
      id: 'shop.thing',
      properties: { name, size: { title: 'Size', 'x-field': { kind: 'integer', index: false } } },
    }),
  );
  expect(steps.map((step) => step.kind)).toEqual(['drop']);
});

test('names of tables and indexes of very long ids stay apart', async () => {
  const long = `shop.${'veryLongEntityName'.repeat(3)}`;
  const fields = Object.fromEntries(
    ['One', 'Two'].map((end) => [
      `${'veryLongFieldName'.repeat(3)}${end}`,
      { title: end, 'x-field': { kind: 'choice', options: [{ value: 'a', title: 'A' }] } },
    ]),
  );
  const schema = modelOf({ id: long, properties: { name, ...fields } });
  await apply(schema);
  expect(await apply(schema)).toEqual([]);
});
