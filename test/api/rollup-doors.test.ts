import fc from 'fast-check';
import { startApp, type TestApp } from '../support/app.js';
import { expectOk, until, type Client } from '../support/client.js';
import { runImport, undoImport } from '../support/imports.js';
import { makePlugin } from '../support/made-plugin.js';
import { applyChange } from '../support/studio.js';
import { seed } from '../support/property-seed.js';

let app: TestApp;
const rollup = (x: object, of = 'parts'): object => ({ title: 'R', 'x-field': { kind: 'rollup', of, ...x } });

beforeAll(async () => {
  const plugin = await makePlugin('roll', [
    { name: 'group', properties: { all: rollup({ fn: 'sum', field: 'total' }, 'wholes') } },
    {
      name: 'whole',
      properties: {
        group: {
          title: 'Group',
          'x-field': { kind: 'link', to: 'roll.group', inverse: { key: 'wholes', title: 'W' } },
        },
        count: rollup({ fn: 'count' }),
        total: rollup({ fn: 'sum', field: 'size' }),
        mean: rollup({ fn: 'avg', field: 'size' }),
        most: rollup({ fn: 'max', field: 'size' }),
        open: rollup({ fn: 'min', field: 'size', filter: "state == 'open'" }),
        cost: rollup({ fn: 'sum', field: 'price' }),
      },
    },
    {
      name: 'part',
      properties: {
        size: { title: 'Size', 'x-field': { kind: 'integer' } },
        price: { title: 'Price', 'x-field': { kind: 'money' } },
        state: {
          title: 'State',
          'x-field': { kind: 'choice', options: ['open', 'done'].map((value) => ({ value, title: value })) },
        },
        whole: {
          title: 'Whole',
          'x-field': { kind: 'link', to: 'roll.whole', onDelete: 'cascade', inverse: { key: 'parts', title: 'P' } },
        },
      },
    },
  ]);
  app = await startApp({ plugins: [plugin] });
});
afterAll(() => app.stop());

/** Records whose rollups are not what the plainest SQL says. */
async function wrong(): Promise<unknown[]> {
  return app.db.query(`
select 'whole' as of, w.id, to_jsonb(w) as kept, to_jsonb(e) as expected from data.roll__whole w cross join lateral (
  select count(*) as count, coalesce(sum(size), 0) as total, trellis.expr_div(sum(size)::numeric, count(size)::numeric) as mean,
    max(size) as most, min(size) filter (where state = 'open') as open,
    case when count(distinct price__currency) filter (where price is not null) < 2 then coalesce(sum(price), 0) end as cost
  from data.roll__part p where p.whole = w.id and p.deleted_at is null) e
where (w.count, w.total, w.mean, w.most, w.open, w.cost) is distinct from (e.count, e.total, e.mean, e.most, e.open, e.cost)
union all
select 'group', g.id, to_jsonb(g), to_jsonb(e) from data.roll__group g cross join lateral (
  select coalesce(sum(total), 0) as "all" from data.roll__whole w where w."group" = g.id and w.deleted_at is null) e
where g."all" is distinct from e."all"`);
}

const ids = async (table: string, condition: string): Promise<string[]> =>
  (await app.db.query<{ id: string }>(`select id from data.${table} where ${condition} order by id`)).map(
    ({ id }) => id,
  );

const value = fc.option(fc.integer({ min: 0, max: 20 }), { freq: 5 });
const part = fc.record({
  size: value,
  price: value,
  priceCurrency: fc.constantFrom('EUR', 'EUR', 'EUR', 'USD'),
  state: fc.constantFrom('open', 'done', null),
  whole: fc.nat(9),
});
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('create' as const), part }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('update' as const), at: fc.nat(99), part }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('patch' as const), at: fc.nat(99), size: value }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('bulk' as const), parts: fc.array(part, { minLength: 1, maxLength: 6 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('where' as const), size: value }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('delete' as const, 'restore' as const, 'purge' as const),
      at: fc.nat(99),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('delete-whole' as const, 'restore-whole' as const, 'purge-whole' as const),
      at: fc.nat(9),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('regroup' as const), at: fc.nat(9), group: fc.nat(1) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function run(each: Step): Promise<void> {
  const wholes = await ids('roll__whole', 'deleted_at is null');
  const pick = (list: readonly string[], n: number): string | undefined => list[n % Math.max(1, list.length)];
  const encode = ({ whole, ...rest }: { whole: number }): object => ({
    ...rest,
    name: 'p',
    whole: pick(wholes, whole) ?? null,
  });
  const parts = '/api/records/roll.part';
  const done = [200, 201, 202, 204, 207];
  if (each.do === 'create') expectOk(await app.admin.post(parts, encode(each.part)), ...done);
  else if (each.do === 'update' || each.do === 'patch') {
    const id = pick(await ids('roll__part', 'deleted_at is null'), each.at);
    const values = each.do === 'patch' ? { size: each.size } : encode(each.part);
    if (id) expectOk(await app.admin.patch(`${parts}/${id}`, values), ...done);
  } else if (each.do === 'bulk') {
    const rows = each.parts.map((row, i) => ({ ...encode(row), externalId: `x${i}` }));
    expectOk(await app.admin.post(`${parts}/bulk?mode=upsert&key=externalId&revive=true`, rows), ...done);
  } else if (each.do === 'where') {
    const patch = { filter: "state == 'open'", patch: { size: each.size } };
    expectOk(await app.admin.post(`${parts}/bulk?mode=update`, patch), ...done);
  } else if (each.do === 'regroup') {
    const groups = await ids('roll__group', 'true');
    const id = pick(wholes, each.at);
    if (id)
      expectOk(await app.admin.patch(`/api/records/roll.whole/${id}`, { group: pick(groups, each.group) }), ...done);
  } else {
    const [verb, of] = each.do.split('-');
    const table = of === 'whole' ? 'roll__whole' : 'roll__part';
    const path = of === 'whole' ? '/api/records/roll.whole' : parts;
    const id = pick(await ids(table, `deleted_at is ${verb === 'delete' ? '' : 'not '}null`), each.at);
    if (!id) return;
    if (verb === 'delete') expectOk(await app.admin.delete(`${path}/${id}`), ...done);
    else expectOk(await app.admin.post(`${path}/${id}/${verb}`), ...done, 409);
  }
}

test('every way to write the children leaves the rollups as a recomputation says', async () => {
  for (const name of ['g1', 'g2']) expectOk(await app.admin.post('/api/records/roll.group', { name }), 201);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      for (const name of ['w1', 'w2']) expectOk(await app.admin.post('/api/records/roll.whole', { name }), 201);
      for (const each of steps) await run(each);
      expect(await wrong()).toEqual([]);
    }),
    { numRuns: 12, seed },
  );
});

test('an import and its undo', async () => {
  const whole = expectOk(await app.admin.post('/api/records/roll.whole', { name: 'i', externalId: 'w-import' }), 201)
    .body.data;
  const lines = Array.from({ length: 40 }, (_each, i) => `imp${i},p${i},${i},w-import`);
  const content = ['id,name,size,whole', ...lines].join('\n');
  const mapping = [
    { column: 'id', field: 'externalId' },
    { column: 'name', field: 'name' },
    { column: 'size', field: 'size' },
    { column: 'whole', field: 'whole', matchBy: 'externalId' },
  ];
  const done = await runImport(app.admin, { entity: 'roll.part', content, options: { mode: 'create', mapping } });
  expect([done.status, done.created]).toEqual(['done', 40]);
  const read = async (): Promise<unknown> =>
    (await app.admin.get(`/api/records/roll.whole/${String(whole.id)}`)).body.data;
  expect(await read()).toMatchObject({ count: 40, total: 780, mean: 19.5, most: 39, version: 1 });
  expect(await wrong()).toEqual([]);
  // Every second one gets another size by a second import; taking that back brings the old sums back.
  const rows = Array.from({ length: 20 }, (_each, i) => `imp${i * 2},${i + 100}`);
  const update = { mode: 'update', key: 'externalId', mapping: [mapping[0], mapping[2]] };
  const changed = await runImport(app.admin, {
    entity: 'roll.part',
    content: ['id,size', ...rows].join('\n'),
    options: update,
  });
  expect([changed.status, changed.updated]).toEqual(['done', 20]);
  expect(await read()).toMatchObject({ count: 40, most: 119 });
  expect(await wrong()).toEqual([]);
  expect(await undoImport(app.admin, String(changed.id))).toMatchObject({ status: 'undone', kept: {} });
  expect(await read()).toMatchObject({ count: 40, total: 780, mean: 19.5, most: 39 });
  expect(await wrong()).toEqual([]);
  expect(await undoImport(app.admin, String(done.id))).toMatchObject({ status: 'undone' });
  expect(await read()).toMatchObject({ count: 0, total: 0, mean: null, most: null, version: 1 });
  expect(await wrong()).toEqual([]);
});

test('16 people at once on the children of one parent: no one sees a deadlock', async () => {
  const whole = expectOk(await app.admin.post('/api/records/roll.whole', { name: 'busy' }), 201).body.data;
  const made = await Promise.all(
    Array.from({ length: 16 }, () => app.admin.post('/api/records/roll.part', { name: 'p', size: 1, whole: whole.id })),
  );
  const parts = made.map((answer) => String(expectOk(answer, 201).body.data.id));
  await Promise.all(
    parts.map(async (id, writer) => {
      for (let n = 0; n < 8; n++)
        expectOk(await app.admin.patch(`/api/records/roll.part/${id}`, { size: (writer * n) % 11, price: n }), 200);
    }),
  );
  expect(await wrong()).toEqual([]);
});

test('what a change of the tables leaves to be done, the jobs of the running server do', async () => {
  await app.db.query('update data.roll__whole set total = null, mean = null, "mean__count" = null');
  await app.db.query(
    `insert into trellis.index_state (name, entity, definition) values ('roll__part$ix$late', 'roll.part', 'create index concurrently "roll__part$ix$late" on data.roll__part (size)')`,
  );
  await app.db.query(`update trellis.storage_task set state = 'pending', position = null where kind = 'fill-rollup'`);
  await app.db.query(`select pg_notify('trellis_jobs', 'wanted')`);
  const left = await until(
    () =>
      app.db.query(
        `select name from trellis.index_state where state = 'pending' union all select key from trellis.storage_task where state = 'pending'`,
      ),
    (rows) => rows.length === 0,
  );
  expect(left).toEqual([]);
  expect(await wrong()).toEqual([]);
});

test('a rollup over rollups counts only what the reader could count itself', async () => {
  const none = { create: false, update: 'none', delete: 'none', purge: false, import: false, export: false };
  const grants = [
    { ...none, entity: '*', read: 'all' },
    { ...none, entity: 'roll.part', read: 'own', readWhen: 'size < 10' },
  ];
  const role = { op: 'set', type: 'role', id: 'x.narrow', at: '', value: { title: 'Narrow', grants } };
  expectOk(await applyChange(app.admin, [role]));
  const narrow = await app.member({ roles: ['x.narrow'] });
  const make = async (entity: string, values: object): Promise<string> =>
    String(expectOk(await app.admin.post(`/api/records/roll.${entity}`, { name: 'n', ...values }), 201).body.data.id);
  const group = await make('group', {});
  const whole = await make('whole', { group });
  await make('part', { whole, size: 1000 });
  await make('part', { whole, size: 1 });
  const total = async (client: Client): Promise<unknown> =>
    expectOk(await client.get(`/api/records/roll.group/${group}`)).body.data.all;
  expect(Number(await total(app.admin))).toBe(1001);
  expect(Number(await total(narrow))).toBe(1);
  const found = await narrow.get(`/api/records/roll.group?filter=${encodeURIComponent('all > 500')}`);
  expect(expectOk(found).body.data).toHaveLength(0);
});
