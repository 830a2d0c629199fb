import { resolve } from 'node:path';
import { startApp, type TestApp } from '../support/app.js';
import { expectOk, until, type Client, type Loose } from '../support/client.js';

let app: TestApp;
const ids: Record<string, string> = {};

async function make(entity: string, values: Record<string, unknown>, as: Client = app.admin): Promise<Loose> {
  return expectOk(await as.post(`/api/records/shop.${entity}`, values), 201).body.data;
}

async function read(entity: string, id: unknown, as: Client = app.admin): Promise<Loose> {
  return expectOk(await as.get(`/api/records/shop.${entity}/${String(id)}`)).body.data;
}

async function names(query: string, as: Client = app.admin): Promise<string[]> {
  const { body } = expectOk(await as.get(`/api/records/shop.order?fields=name&${query}`));
  return body.data.map((row) => String(row.name));
}

beforeAll(async () => {
  app = await startApp({ plugins: [resolve('test/fixtures/computed')] });
  ids.region = String((await make('region', { name: 'North', discount: 0.25, secretRate: 3 })).id);
  ids.acme = String((await make('customer', { name: 'Acme', region: ids.region })).id);
  ids.bare = String((await make('customer', { name: 'Bare' })).id);
  const order = (name: string, more: Record<string, unknown>) => make('order', { name, gift: 'x', ...more });
  ids.a = String((await order('A', { amount: 1000, probability: 30, customer: ids.acme, due: '2024-01-31' })).id);
  ids.b = String((await order('B', { amount: 333.33, probability: 33, customer: ids.bare })).id);
  ids.c = String((await order('C', { amount: 10, probability: 0, customer: ids.acme })).id);
  ids.d = String((await order('D', {})).id);
});

afterAll(() => app.stop());

it('computes over the record, other formulas and links of any depth, in the answer of a write and of a read', async () => {
  const wanted = { expected: 300, doubled: 600, net: 225, dueText: '2024-01-31', nextDue: '2024-02-07', late: true };
  expect(await read('order', ids.a)).toMatchObject({ ...wanted, hiddenRate: 3, openRate: 6 });
  expect(await read('customer', ids.acme)).toMatchObject({ rate: 0.25, label: 'Acme / North' });
  const changed = await app.admin.patch(`/api/records/shop.order/${ids.a}`, { probability: 40 });
  expect(expectOk(changed).body.data).toMatchObject({ expected: 400, net: 300 });
  expectOk(await app.admin.patch(`/api/records/shop.order/${ids.a}`, { probability: 30 }));
});

it('is null where an input is, where a divisor is zero, and where a number has more than 15 digits', async () => {
  expect(await read('order', ids.d)).toMatchObject({ expected: null, net: null, chance: null, dueText: 'none' });
  expect(await read('order', ids.c)).toMatchObject({ expected: 0, chance: null });
  expect(await read('order', ids.b)).toMatchObject({ expected: 110, net: null, hiddenRate: null });
  const huge = await make('order', { name: 'huge', gift: 'x', amount: 99_999_999 });
  expect(huge).toMatchObject({ huge: null });
  expectOk(await app.admin.delete(`/api/records/shop.order/${String(huge.id)}`), 204);
});

it('filters, sorts, pages and counts by formulas', async () => {
  expect(await names(`filter=${encodeURIComponent('expected > 100')}&sort=name`)).toEqual(['A', 'B']);
  expect(await names(`filter=${encodeURIComponent('late && customer.rate == 0.25')}&sort=name`)).toEqual(['A']);
  expect(await names('sort=-doubled')).toEqual(['D', 'A', 'B', 'C']);
  expect(await names('sort=dueText,name')).toEqual(['A', 'B', 'C', 'D']);
  expect(await names('sort=customer.label,name')).toEqual(['A', 'C', 'B', 'D']);
  const seen: string[] = [];
  let after = '';
  for (let i = 0; i < 6; i++) {
    const { body } = expectOk(
      await app.admin.get(`/api/records/shop.order?fields=name&sort=net,late&limit=1${after}&count=exact`),
    );
    seen.push(...body.data.map((row) => String(row.name)));
    expect(body.page.count).toBe(4);
    if (body.page.next === null) break;
    after = `&after=${encodeURIComponent(String(body.page.next))}`;
  }
  expect(seen).toHaveLength(4);
  expect(new Set(seen)).toEqual(new Set(['A', 'B', 'C', 'D']));
  expect(seen.slice(0, 2)).toEqual(['C', 'A']);
});

it('groups and measures by formulas', async () => {
  const aggregate = async (body: unknown): Promise<Loose> =>
    expectOk(await app.admin.post('/api/records/shop.order/aggregate', body)).body.data;
  const sum = { fn: 'sum', field: 'expected' };
  expect(await aggregate({ measures: [sum, { fn: 'max', field: 'nextDue' }] })).toEqual([
    { sum_expected: 410, max_nextDue: '2024-02-07' },
  ]);
  expect(await aggregate({ groupBy: [{ field: 'dueText' }], measures: [{ fn: 'count' }, sum] })).toEqual([
    { dueText: '2024-01-31', count: 1, sum_expected: 300 },
    { dueText: 'none', count: 3, sum_expected: 110 },
  ]);
  expect(await aggregate({ groupBy: [{ field: 'nextDue', bucket: 'month' }], measures: [{ fn: 'count' }] })).toEqual([
    { nextDue: '2024-02-01', count: 1 },
    { nextDue: null, count: 3 },
  ]);
});

it('does not add up amounts of several currencies that a formula computes', async () => {
  const euro = await make('order', { name: 'euro', gift: 'x', amount: 10, amountCurrency: 'EUR', probability: 50 });
  const answer = await app.admin.post('/api/records/shop.order/aggregate', {
    measures: [{ fn: 'sum', field: 'expected' }],
  });
  expectOk(await app.admin.delete(`/api/records/shop.order/${String(euro.id)}`), 204);
  expect([answer.status, answer.body.code]).toEqual([422, 'query.mixed_currencies']);
});

it.each(['expected', 'net', 'lineCount'])('refuses to write %s by name, and nothing is written', async (key) => {
  for (const answer of [
    await app.admin.post('/api/records/shop.order', { name: 'no', gift: 'x', [key]: 5 }),
    await app.admin.patch(`/api/records/shop.order/${ids.a}`, { [key]: 5 }),
  ]) {
    expect(answer.status).toBe(422);
    expect(answer.body.issues).toMatchObject([{ path: key, code: 'field.read_only' }]);
  }
});

it('shows in a dry run what formulas would give', async () => {
  const answer = await app.admin.patch(`/api/records/shop.order/${ids.a}?dryRun=true`, { amount: 2000 });
  expect(expectOk(answer).body.data).toMatchObject({ expected: 600, doubled: 1200, net: 450 });
  expect(await read('order', ids.a)).toMatchObject({ expected: 300 });
});

it('judges rules over formulas, those over links too', async () => {
  const tooMuch = await app.admin.post('/api/records/shop.order', {
    name: 'r',
    gift: 'x',
    amount: 3_000_000,
    probability: 50,
  });
  expect(tooMuch.body.issues).toMatchObject([
    { path: 'amount', code: 'rule.broken', params: { rule: 'expected-small' } },
  ]);
  const net = await app.admin.patch(`/api/records/shop.order/${ids.a}`, { amount: 900_000, probability: 100 });
  expect(net.status).toBe(422);
  expect(net.body.issues).toMatchObject([{ code: 'rule.broken', params: { rule: 'net-small' } }]);
});

it('hides a formula from who may not read all its inputs, unless it is system-computed', async () => {
  const clerk = await app.member({ roles: ['shop.clerk'] });
  const seen = await read('order', ids.a, clerk);
  expect(Object.keys(seen)).not.toContain('hiddenRate');
  expect(seen).toMatchObject({ net: 225, openRate: 6 });
  for (const query of ['sort=hiddenRate', 'fields=hiddenRate', `filter=${encodeURIComponent('hiddenRate > 1')}`]) {
    const answer = await clerk.get(`/api/records/shop.order?${query}`);
    expect([answer.status, answer.text]).toEqual([422, expect.stringMatching(/unknown_(field|name)/)]);
  }
  const { body } = expectOk(await clerk.get('/api/catalog'));
  const order = body.data.entities.find((entity) => String(entity.id) === 'shop.order') as unknown as Loose;
  const keys = order.fields.map((field) => String(field.key));
  expect(keys).toContain('openRate');
  expect(keys).not.toContain('hiddenRate');
});

it('reads as null where a link leads to what the reader does not see', async () => {
  const owner = await app.member({ roles: ['shop.owner'] });
  const mine = await make('order', { name: 'mine', amount: 100, probability: 50, gift: 'x' }, owner);
  expectOk(await app.admin.patch(`/api/records/shop.order/${String(mine.id)}`, { customer: ids.acme }));
  // The regions are hidden from this role as a whole: the formula over them does not exist for it.
  expect(Object.keys(await read('order', mine.id, owner))).not.toContain('net');
  const member = await app.member({ roles: ['core.member'] });
  const own = await make('order', { name: 'own', amount: 100, probability: 50, gift: 'x' }, member);
  expectOk(await app.admin.patch(`/api/records/shop.order/${String(own.id)}`, { customer: ids.acme }));
  // It may read regions, but owns none.
  expect(await read('order', own.id, member)).toMatchObject({ expected: 50, net: null, openRate: 6, hiddenRate: null });
  expect(await read('order', own.id)).toMatchObject({ net: 37.5, hiddenRate: 3 });
  for (const id of [mine.id, own.id]) expectOk(await app.admin.delete(`/api/records/shop.order/${String(id)}`), 204);
});

it('exports formulas as CSV and describes them in OpenAPI and the catalog', async () => {
  const csv = await app.admin.get('/api/records/shop.order/export?format=csv&fields=name,expected,late&sort=name');
  expect(
    csv.text
      .trim()
      .split(/\r?\n/)
      .map((row) => row.slice(row.indexOf(',') + 1)),
  ).toEqual(['name,expected,late', 'A,300,true', 'B,110,false', 'C,0,false', 'D,,false']);
  const { body } = expectOk(await app.admin.get('/api/openapi.json'));
  const { ShopOrder, ShopOrderInput } = body.components.schemas;
  expect(ShopOrder.properties.expected).toMatchObject({ anyOf: [{ type: 'number' }, { type: 'null' }] });
  expect(Object.keys(ShopOrderInput.properties)).not.toContain('expected');
});

it('keeps formulas out of history', async () => {
  const id = String((await make('order', { name: 'h', gift: 'x', amount: 10, probability: 10 })).id);
  expectOk(await app.admin.patch(`/api/records/shop.order/${id}`, { amount: 20 }));
  const { body } = expectOk(await app.admin.get(`/api/records/shop.order/${id}/history`));
  expect(body.data.flatMap((entry) => entry.changes.map((change) => String(change.field)))).toEqual(['amount']);
  expectOk(await app.admin.delete(`/api/records/shop.order/${id}`), 204);
});

it('walks the index that a formula asks for', async () => {
  await app.db.query(
    `insert into data.shop__order (id, name, amount, probability) select gen_random_uuid(), 'filler', i, 1 from generate_series(1, 20000) i`,
  );
  await app.db.query('analyze data.shop__order');
  expect(await names(`filter=${encodeURIComponent('doubled > 599.5')}&sort=id`)).toEqual(['A']);
  const scans = async (): Promise<number> => {
    const [row] = await app.db.query<{ n: string }>(
      `select coalesce(sum(idx_scan), 0) as n from pg_stat_user_indexes where indexrelname in (select indexname from pg_indexes where tablename = 'shop__order' and indexdef like '%expr_fit%')`,
    );
    return Number(row.n);
  };
  // A connection of the server tells its statistics late: after a second at work, after ten idle.
  expect(await until(scans, (n) => n > 0)).toBeGreaterThan(0);
});
