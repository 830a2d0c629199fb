import fc from 'fast-check';
import { silentLog } from '../../core/base/log.js';
import type { SchemaModel } from '../../core/schema/index.js';
import { displayCollation, fillRollups, planDdl, readShape, runDdl, type DdlStep } from '../../core/storage/index.js';
import { emptyDatabase, type EmptyDatabase } from '../support/empty-database.js';
import { modelOf, nameField as name, type Properties } from '../support/entity-model.js';
import { seed } from '../support/property-seed.js';

let base: EmptyDatabase;

beforeEach(async () => {
  base = await emptyDatabase();
});

afterEach(() => base.drop());

const rollup = (x: Record<string, unknown>, of = 'partList'): Record<string, unknown> => ({
  title: 'R',
  'x-field': { kind: 'rollup', of, ...x },
});
const rollups: Properties = {
  parts: rollup({ fn: 'count' }),
  big: rollup({ fn: 'count', filter: `size >= 5 && label != "it's"` }),
  total: rollup({ fn: 'sum', field: 'size' }),
  mean: rollup({ fn: 'avg', field: 'size' }),
  least: rollup({ fn: 'min', field: 'size' }),
  latest: rollup({ fn: 'max', field: 'day', filter: 'size > 1' }),
  cost: rollup({ fn: 'sum', field: 'price' }),
  dearest: rollup({ fn: 'max', field: 'price' }),
};
const part: Properties = {
  name,
  label: { title: 'Label', type: 'string', 'x-field': { kind: 'text' } },
  size: { title: 'Size', type: 'integer', 'x-field': { kind: 'integer' } },
  day: { title: 'Day', 'x-field': { kind: 'date' } },
  price: { title: 'Price', type: 'number', 'x-field': { kind: 'money' } },
  whole: { title: 'Whole', 'x-field': { kind: 'link', to: 'shop.whole', inverse: { key: 'partList', title: 'P' } } },
};
const group = { title: 'Group', 'x-field': { kind: 'link', to: 'shop.group', inverse: { key: 'wholes', title: 'W' } } };

function shop(kept: Properties = rollups): SchemaModel {
  return modelOf(
    { id: 'shop.part', properties: part },
    { id: 'shop.whole', properties: { name, group, ...kept } },
    {
      id: 'shop.group',
      properties: {
        name,
        ...(kept.total ? { all: rollup({ fn: 'sum', field: 'total' }, 'wholes') } : {}),
        ...(kept.cost
          ? {
              cost: rollup({ fn: 'sum', field: 'cost' }, 'wholes'),
              priciest: rollup({ fn: 'max', field: 'cost' }, 'wholes'),
              usual: rollup({ fn: 'avg', field: 'cost' }, 'wholes'),
            }
          : {}),
      },
    },
  );
}

async function apply(schema: SchemaModel): Promise<DdlStep[]> {
  return base.db.transaction(async (tx) => {
    const steps = planDdl(await readShape(tx), schema, { collation: displayCollation('en') });
    await runDdl(tx, steps);
    return steps;
  });
}

const query = <Row>(text: string, values: unknown[] = []) => base.db.query<Row>({ text, values });
const fill = () => fillRollups({ db: base.db, log: silentLog, signal: new AbortController().signal });
const id = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;

async function makeWholes(count: number): Promise<void> {
  await query(`insert into data.shop__group (id) values ($1), ($2)`, [id(1), id(2)]);
  await query(
    `insert into data.shop__whole (id, "group") select ('00000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, case when i % 2 = 0 then $2::uuid else $3::uuid end from generate_series(1, $1::int) i`,
    [count, id(1), id(2)],
  );
}

/** Parents whose rollups differ from what their children say, in the plainest SQL. */
async function wrong(): Promise<unknown[]> {
  return query(`
select w.id, to_jsonb(w) as kept, to_jsonb(e) as expected from data.shop__whole w cross join lateral (
  select count(*) as parts, count(*) filter (where size >= 5 and coalesce(label, '') <> 'it''s') as big,
    coalesce(sum(size), 0) as total, trellis.expr_div(sum(size)::numeric, count(size)::numeric) as mean, min(size) as least,
    max(day) filter (where size > 1) as latest,
    case when count(distinct coalesce(price__currency, '')) filter (where price is not null) < 2 then coalesce(sum(price), 0) end as cost,
    case when count(distinct coalesce(price__currency, '')) filter (where price is not null) < 2 then max(price) end as dearest,
    case count(distinct coalesce(price__currency, '')) filter (where price is not null) when 0 then null
      when 1 then max(coalesce(price__currency, '')) filter (where price is not null) else 'mixed' end as currency
  from data.shop__part p where p.whole = w.id and p.deleted_at is null) e
where (w.parts, w.big, w.total, w.mean, w.least, w.latest, w.cost, w.dearest, w.cost__currency, w.dearest__currency)
  is distinct from (e.parts, e.big, e.total, e.mean, e.least, e.latest, e.cost, e.dearest, e.currency, e.currency)`);
}

async function wrongGroups(): Promise<unknown[]> {
  return query(
    `select to_jsonb(g) as kept, to_jsonb(s) as expected from data.shop__group g cross join lateral (
  select coalesce(sum(total), 0) as total, c.currency,
    case when c.currency is distinct from 'mixed' then coalesce(sum(cost) filter (where cost__currency is not null), 0) end as cost,
    case when c.currency is distinct from 'mixed' then max(cost) filter (where cost__currency is not null) end as priciest,
    case when c.currency is distinct from 'mixed'
      then trellis.expr_div(sum(cost) filter (where cost__currency is not null), count(cost__currency)::numeric) end as usual
  from data.shop__whole w cross join (
    select case count(distinct cost__currency) when 0 then null when 1 then max(cost__currency) else 'mixed' end as currency
    from data.shop__whole where "group" = g.id and deleted_at is null) c
  where w."group" = g.id and w.deleted_at is null group by c.currency) s
where (g."all", g.cost, g.priciest, g.usual, g.cost__currency, g.usual__currency)
  is distinct from (s.total, s.cost, s.priciest, s.usual, s.currency, s.currency)`,
  );
}

const value = fc.option(fc.integer({ min: 0, max: 9 }), { freq: 4 });
const partRow = fc.record({
  whole: fc.option(fc.integer({ min: 1, max: 4 }), { freq: 6 }),
  size: value,
  day: fc.option(fc.constantFrom('2024-01-01', '2024-06-30', '2025-02-03')),
  price: value,
  currency: fc.constantFrom('EUR', 'EUR', 'EUR', 'USD', null),
  label: fc.option(fc.constantFrom('a', "it's")),
});
type PartRow = typeof partRow extends fc.Arbitrary<infer T> ? T : never;
const picks = fc.array(fc.nat(30), { minLength: 1, maxLength: 6 });
const step = fc.oneof(
  fc.record({ do: fc.constant('insert' as const), rows: fc.array(partRow, { minLength: 1, maxLength: 5 }) }),
  fc.record({ do: fc.constant('update' as const), at: picks, row: partRow }),
  fc.record({ do: fc.constant('delete' as const), at: picks }),
  fc.record({ do: fc.constant('restore' as const), at: picks }),
  fc.record({ do: fc.constant('purge' as const), at: picks }),
);

const columns = '(id, whole, size, day, price, price__currency, label)';
const encode = (n: number, row: PartRow) => ({
  id: id(n),
  ...row,
  whole: row.whole === null ? null : id(row.whole),
});
const shape = 'as i(id uuid, whole uuid, size bigint, day date, price numeric, currency text, label text)';

test('any sequence of writes leaves rollups, and rollups of rollups, as a recomputation says', async () => {
  await apply(shop());
  await makeWholes(4);
  let next = 100;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 16 }), async (steps) => {
      // Few children a parent, so that extremes come and go.
      await query('delete from data.shop__part');
      for (const each of steps) {
        const known = (await query<{ id: string }>('select id from data.shop__part order by id')).map((row) => row.id);
        const ids = 'at' in each ? each.at.map((n) => known[n % Math.max(1, known.length)]).filter(Boolean) : [];
        if (each.do === 'insert')
          await query(
            `insert into data.shop__part ${columns} select id, whole, size, day, price, currency, label from json_to_recordset($1::json) ${shape}`,
            [JSON.stringify(each.rows.map((row) => encode(next++, row)))],
          );
        else if (each.do === 'update')
          await query(
            `update data.shop__part p set whole = i.whole, size = i.size, day = i.day, price = i.price, price__currency = i.currency, label = i.label from json_to_recordset($1::json) ${shape} where p.id = any($2::uuid[])`,
            [JSON.stringify([encode(0, each.row)]), ids],
          );
        else if (each.do === 'purge') await query('delete from data.shop__part where id = any($1::uuid[])', [ids]);
        else
          await query(
            `update data.shop__part set deleted_at = ${each.do === 'delete' ? 'now()' : 'null'} where id = any($1::uuid[])`,
            [ids],
          );
      }
      expect(await wrong()).toEqual([]);
      expect(await wrongGroups()).toEqual([]);
    }),
    { numRuns: 40, seed },
  );
});

test('a second plan is empty, and neither version nor instant of the parent changes', async () => {
  await apply(shop());
  expect(await apply(shop())).toEqual([]);
  await makeWholes(1);
  const before = await query('select version, updated_at from data.shop__whole');
  await query('insert into data.shop__part (id, whole, size) values ($1, $2, 7)', [id(9), id(1)]);
  expect(await query('select version, updated_at from data.shop__whole')).toEqual(before);
  expect(await query('select total::int from data.shop__whole')).toEqual([{ total: 7 }]);
});

test('sixteen writers on the children of one parent: right, and no deadlock', async () => {
  await apply(shop());
  await makeWholes(2);
  await query(
    `insert into data.shop__part (id, whole, size, price, price__currency) select gen_random_uuid(), $1, i % 10, i, 'EUR' from generate_series(1, 64) i`,
    [id(1)],
  );
  const parts = (await query<{ id: string }>('select id from data.shop__part')).map((row) => row.id);
  const pool = await base.connect(16);
  await Promise.all(
    Array.from({ length: 16 }, async (_, writer) => {
      for (let n = 0; n < 25; n++) {
        const mine = parts.filter((_each, i) => i % 16 === writer);
        const values = [mine[n % mine.length], (writer * 7 + n) % 10, id(1 + (n % 2))];
        if (n % 5 === 4)
          await pool.query({ text: 'update data.shop__part set whole = $3, size = $2 where id = $1', values });
        else
          await pool.query({
            text: 'update data.shop__part set size = $2::int, price = $2::int where id = $1',
            values: values.slice(0, 2),
          });
      }
    }),
  );
  expect(await wrong()).toEqual([]);
});

test('rollups added to filled tables are empty until the task has filled them, also beside writers', async () => {
  await apply(shop({}));
  await makeWholes(4);
  await query(
    `insert into data.shop__part (id, whole, size, price, price__currency) select gen_random_uuid(), ('00000000-0000-7000-8000-' || lpad((1 + i % 4)::text, 12, '0'))::uuid, i % 10, i, 'EUR' from generate_series(1, 200) i`,
  );
  const before = await query(`select pg_relation_filenode('data.shop__whole') as node`);
  await apply(shop());
  expect(await query(`select pg_relation_filenode('data.shop__whole') as node`)).toEqual(before);
  expect(await query('select distinct total, parts, cost from data.shop__whole')).toEqual([
    { total: null, parts: null, cost: null },
  ]);
  const writing = query(`update data.shop__part set size = size + 1, price = price + 1`);
  await Promise.all([fill(), writing]);
  expect(await wrong()).toEqual([]);
  expect(await wrongGroups()).toEqual([]);
  expect(await query(`select distinct state from trellis.storage_task`)).toEqual([{ state: 'done' }]);
});

test('a changed filter replaces the function and fills again; a rollup that is gone takes its trigger along', async () => {
  await apply(shop());
  await makeWholes(1);
  await query('insert into data.shop__part (id, whole, size) values ($1, $2, 7)', [id(9), id(1)]);
  const changed = { ...rollups, big: rollup({ fn: 'count', filter: 'size >= 50' }) };
  const steps = await apply(shop(changed));
  expect(steps.map((each) => each.kind)).toEqual(['function', 'function']);
  await fill();
  expect(await query('select big::int from data.shop__whole')).toEqual([{ big: 0 }]);
  const gone = await apply(shop({}));
  expect(gone.filter((each) => /^drop (trigger|function)/.test(each.sql))).toHaveLength(8);
  expect(
    await query(
      `select 1 from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'data' and not t.tgisinternal`,
    ),
  ).toEqual([]);
});

test('what becomes a rollup, or is one again, shows nothing until it is filled', async () => {
  const amount: Properties = { cost: { title: 'C', type: 'number', 'x-field': { kind: 'money' } } };
  const { cost } = rollups;
  const kept = () => query('select cost::int, cost__count::int as count from data.shop__whole');
  const entities = (properties: Properties): SchemaModel =>
    modelOf(
      { id: 'shop.part', properties: part },
      { id: 'shop.whole', properties: { name, ...properties } },
      { id: 'shop.group', properties: { name } },
    );
  await apply(entities(amount));
  await query('insert into data.shop__whole (id, cost) values ($1, 70)', [id(1)]);
  await query('insert into data.shop__part (id, whole, price) values ($1, $2, 3)', [id(2), id(1)]);
  await apply(entities({ cost }));
  expect(await kept()).toEqual([{ cost: null, count: null }]);
  await query('update data.shop__part set price = 4');
  expect(await kept()).toEqual([{ cost: null, count: null }]);
  await fill();
  expect(await kept()).toEqual([{ cost: 4, count: 1 }]);
  await apply(entities({}));
  await query('update data.shop__part set price = 5');
  await apply(entities({ cost }));
  expect(await kept()).toEqual([{ cost: null, count: null }]);
  await fill();
  expect(await kept()).toEqual([{ cost: 5, count: 1 }]);
});
